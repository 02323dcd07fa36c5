//! Standard Webhooks (<https://www.standardwebhooks.com>, version 1): JSON with its signatures in the headers.

use app::Parcel;
use domain::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Letter, TellError, Told};

#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    /// When it happened.
    timestamp: String,
    data: &'a Value,
}

/// The message that says `told`, signed now.
pub(super) fn write(parcel: &Parcel, told: &Told) -> Result<Letter, TellError> {
    let event = &parcel.occurrence.event;
    let payload = Payload { kind: &told.kind, timestamp: rfc3339(event.at), data: &told.data };
    let body = serde_json::to_string(&payload)?;
    // One id however often it is sent; the time is that of this attempt.
    let (id, timestamp) = (event.id.to_string(), parcel.now.as_secs());
    let signature = parcel.keys.standard_signature(&id, timestamp, &body)?;
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    Ok(Letter { headers, body })
}

fn rfc3339(time: Timestamp) -> String {
    // Beyond the calendar, which no clock here reaches, stands its end.
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).unwrap_or(jiff::Timestamp::MAX);
    format!("{time:.3}")
}
