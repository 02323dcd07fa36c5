//! What hooks are told, in the vendor's words. Its own form is a JWT as the whole body.

use app::{Occurrence, Parcel, Thing};
use domain::{EventId, Origin};
use serde::Serialize;
use serde_json::Value;

use super::fields::{ActionWord, EVENT_TYPES, event_type};
use crate::api::truora::enrollments::ToldEnrollment;
use crate::api::truora::ids::WireId;
use crate::api::truora::time::rfc3339;
use crate::api::truora::validations::ToldValidation;
use crate::webhooks::{EventNames, Letter, TellError, Told, Webhooks};

/// How this API tells.
pub(crate) const WEBHOOKS: Webhooks =
    Webhooks { origin: Origin::Truora, event_types: &EVENT_TYPES, tell, write };

/// The claims of the JWT.
#[derive(Serialize)]
struct Envelope<'a> {
    events: [Event<'a>; 1],
    /// When it was signed, in seconds since 1970.
    iat: i64,
    iss: &'static str,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "event_action")]
    action: ActionWord,
    #[serde(rename = "event_type")]
    kind: &'a str,
    /// The same however often it is sent.
    id: WireId<EventId>,
    object: Value,
    timestamp: String,
    version: &'static str,
}

fn tell(occurrence: &Occurrence, names: &EventNames) -> Result<Told, TellError> {
    let kind = occurrence.event.kind;
    let action = ActionWord::of(kind.action()).word();
    let kind = format!("{}.{action}", names.sent(event_type(kind.topic())));
    Ok(Told { kind, data: object(occurrence)? })
}

fn write(parcel: &Parcel, names: &EventNames) -> Result<Letter, TellError> {
    let event = &parcel.occurrence.event;
    let told = Event {
        action: ActionWord::of(event.kind.action()),
        kind: names.sent(event_type(event.kind.topic())),
        id: WireId(event.id),
        object: object(&parcel.occurrence)?,
        timestamp: rfc3339(event.at),
        version: "1.0",
    };
    let body = parcel.keys.jwt(&Envelope { events: [told], iat: parcel.now.as_secs(), iss: "Truora" })?;
    Ok(Letter { headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())], body })
}

/// The thing as it was right after the event, as a device may see it.
fn object(occurrence: &Occurrence) -> Result<Value, serde_json::Error> {
    match &occurrence.thing {
        Thing::Enrollment(then) => serde_json::to_value(ToldEnrollment::render(then, &occurrence.event)),
        Thing::Verification(view) => serde_json::to_value(ToldValidation::render(view, &occurrence.event)),
    }
}
