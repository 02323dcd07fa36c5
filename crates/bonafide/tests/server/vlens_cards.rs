//! A drawn Egyptian card of somebody of whom there are photos, and the steps in which it is sent.

use assets::{Fetch, Store};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::{FieldName, PageSide};
use lab::document::{EgyptianCard, Genuine, LastDigit, Scene, Typeface, egyptian_card};
use lab::presence::Half;
use serde_json::{Value, json};

use crate::harness::photo;
use crate::vlens::App;

/// Whose portrait the card has, and who stands before the camera.
const HOLDER: &str = "photo-impostor-1";
const FACES: [&str; 3] = ["photo-obama", "photo-obama2", "photo-obama3"];

/// A card of which both sides are read. The server's own clock says whether it has expired.
const SEED: u64 = 1;

/// The steps, in the order in which they are sent here.
pub(crate) const STEPS: [&str; 3] = ["id/front", "id/back", "liveness/multi"];

/// The pictures of both sides and of the face in base64, and the number on the card.
pub(crate) struct Card {
    pub(crate) front: String,
    pub(crate) back: String,
    pub(crate) faces: [String; 3],
    pub(crate) number: String,
}

impl Card {
    pub(crate) fn draw() -> Self {
        let store = Store::open(None, Fetch::Offline).unwrap();
        let typeface = Typeface::open(&store.path("font-arabic").unwrap()).unwrap();
        let face = media::decode(&photo(HOLDER), &media::Limits::default()).unwrap();
        let card = egyptian_card(&typeface, SEED, LastDigit::Fits, Some(&face)).unwrap();
        let number = card.front_fields.iter().find(|(name, _)| *name == FieldName::PersonalNumber);
        Self {
            front: photographed(&card, PageSide::Front),
            back: photographed(&card, PageSide::Back),
            faces: FACES.map(|id| BASE64.encode(photo(id))),
            number: number.unwrap().1.clone(),
        }
    }

    /// What is sent in one of [`STEPS`].
    pub(crate) fn body(&self, step: &str, transaction: &str) -> Value {
        let mut body = json!({"transaction_id": transaction, "getExtractedData": true});
        match step {
            "id/front" => body["image"] = json!(self.front),
            "id/back" => body["image"] = json!(self.back),
            _ => {
                for (place, face) in (1..).zip(&self.faces) {
                    body[format!("face_{place}")] = json!(face);
                }
            }
        }
        body
    }

    /// Sends a step for whoever is signed in: the whole answer.
    pub(crate) fn send(&self, app: &App, token: &str, step: &str, transaction: &str) -> Value {
        let path = format!("/api/DigitalIdentity/verify/{step}");
        app.post(&path, token, &self.body(step, transaction)).expect(200)
    }
}

fn photographed(card: &EgyptianCard, side: PageSide) -> String {
    let scene = Scene {
        size: (1600, 1200),
        roll: 4.0,
        tilt: 10.0,
        fills: 0.85,
        shift: (0.0, 0.0),
        table: 1,
        blur: 0.6,
        glare: 0.0,
        ..Scene::draw(Half::Development, 1)
    };
    let seen = scene.photograph(&Genuine::new(card.side(side).0), 5).unwrap();
    BASE64.encode(media::encode_jpeg(&seen.frame).unwrap())
}

/// Fields and codes of what is wrong.
pub(crate) fn errors(answer: &Value) -> Vec<(&str, u64)> {
    let errors = answer["services"]["validations"]["validation_errors"].as_array().unwrap().iter();
    errors
        .map(|error| (error["field"].as_str().unwrap(), error["errors"][0]["code"].as_u64().unwrap()))
        .collect()
}

/// Whether card and face are in order, and whether everything else speaks for the person, too.
pub(crate) fn flags(answer: &Value) -> [bool; 2] {
    ["isVerificationProcessCompleted", "isDigitalIdentityVerified"]
        .map(|key| answer["data"][key].as_bool().unwrap_or_else(|| panic!("no {key} in {answer}")))
}
