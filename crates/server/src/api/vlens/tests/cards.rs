//! Cards that were made up: what is read of a picture is told by its width. Faces are looked at as they are.

use std::sync::Arc;

use app::{App, AppError, PageReader, PageReading};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::{
    CheckDigit, Day, DocumentKind, Field, FieldName, FieldSource, ForgerySignal, MrzFormat, MrzSignal,
    PageEvidence, PageFault, PageSide, PortraitSignal,
};
use media::Frame;
use serde_json::{Value, json};

use crate::api::vlens::testing::{Answer, Bench, PHONE};

pub(in crate::api::vlens) const NUMBER: &str = "29507240112344";
/// Whose portrait the card has.
pub(in crate::api::vlens) const HOLDER: &str = "photo-impostor-1";
pub(in crate::api::vlens) const FACES: [&str; 3] = ["photo-obama", "photo-obama2", "photo-obama3"];

/// What a picture shows that has no face. Its width is 320 and the place here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api::vlens) enum Shown {
    Nothing,
    Back,
    Passport,
    Licence,
    Blurred,
    Screen,
    FrontWithoutFace,
    FrontWithoutNumber,
    FrontWithoutFactoryNumber,
    OtherGovernorate,
    OtherBirth,
    BirthUnreadable,
    OtherFactoryNumber,
    BackOfMan,
    BackOfFuture,
    ReleaseUnreadable,
    ExpiryUnreadable,
    Expired,
    BackOfAnother,
    Nameless,
    PassportExpired,
    PassportWithoutFace,
    PassportWithWrongDigit,
    Unknown,
}

impl Shown {
    const ALL: [Self; 24] = [
        Self::Nothing,
        Self::Back,
        Self::Passport,
        Self::Licence,
        Self::Blurred,
        Self::Screen,
        Self::FrontWithoutFace,
        Self::FrontWithoutNumber,
        Self::FrontWithoutFactoryNumber,
        Self::OtherGovernorate,
        Self::OtherBirth,
        Self::BirthUnreadable,
        Self::OtherFactoryNumber,
        Self::BackOfMan,
        Self::BackOfFuture,
        Self::ReleaseUnreadable,
        Self::ExpiryUnreadable,
        Self::Expired,
        Self::BackOfAnother,
        Self::Nameless,
        Self::PassportExpired,
        Self::PassportWithoutFace,
        Self::PassportWithWrongDigit,
        Self::Unknown,
    ];

    /// A picture of it, in base64.
    pub(in crate::api::vlens) fn picture(self) -> String {
        BASE64.encode(blank(320 + self as u32, 240))
    }
}

/// A grey JPEG.
pub(in crate::api::vlens) fn blank(width: u32, height: u32) -> Vec<u8> {
    let rgb = vec![128; width as usize * height as usize * 3];
    media::encode_jpeg(&Frame::from_rgb(width, height, rgb, 0).unwrap()).unwrap()
}

/// A photo of the asset group `test`, in base64.
pub(in crate::api::vlens) fn photo(id: &str) -> String {
    let store = assets::Store::open(None, assets::Fetch::Offline).unwrap();
    let path = store.path(id).expect("run `cargo xtask test`, which fetches models and photos");
    BASE64.encode(std::fs::read(path).unwrap())
}

/// Reads cards that were made up.
#[derive(Debug)]
pub(in crate::api::vlens) struct Cards;

impl PageReader for Cards {
    fn read_page(&self, _: &App, frame: &Frame, _: Day) -> Result<PageReading, AppError> {
        let holder = 682;
        let evidence = if frame.width() == holder {
            front(&[])
        } else {
            let place = frame.width().checked_sub(320).map(|place| place as usize);
            page(place.and_then(|place| Shown::ALL.get(place)).copied().unwrap_or(Shown::Nothing))
        };
        Ok(PageReading {
            evidence,
            page: Some(frame.clone()),
            barcode: None,
            doubtful: vec![],
            stages: vec![],
        })
    }
}

fn page(shown: Shown) -> PageEvidence {
    use FieldName as Name;
    match shown {
        Shown::Nothing => fault(PageFault::DocumentNotFound),
        Shown::Blurred => fault(PageFault::Blur),
        Shown::Passport => passport("2030-05-14"),
        Shown::PassportExpired => passport("2026-05-14"),
        Shown::PassportWithoutFace => PageEvidence { portrait: None, ..passport("2030-05-14") },
        Shown::PassportWithWrongDigit => {
            let mut page = passport("2030-05-14");
            page.mrz.as_mut().unwrap().wrong.push(CheckDigit::Composite);
            page
        }
        Shown::Unknown => fault(PageFault::NotSupported),
        Shown::Licence => {
            PageEvidence { kind: Some(DocumentKind::DriversLicense), ..PageEvidence::default() }
        }
        Shown::Screen => PageEvidence {
            forgery: ForgerySignal { print: Some(0.9), ..ForgerySignal::default() },
            ..front(&[])
        },
        Shown::FrontWithoutFace => PageEvidence { portrait: None, ..front(&[]) },
        Shown::FrontWithoutNumber => front(&[(Name::PersonalNumber, "")]),
        Shown::FrontWithoutFactoryNumber => front(&[(Name::SerialNumber, "")]),
        Shown::OtherGovernorate => front(&[(Name::Region, "لندن")]),
        Shown::OtherBirth => front(&[(Name::DateOfBirth, "1995-07-25")]),
        Shown::BirthUnreadable => front(&[(Name::DateOfBirth, "1995-07-32")]),
        Shown::OtherFactoryNumber => front(&[(Name::SerialNumber, "H33218902")]),
        Shown::Nameless => front(&[(Name::FullName, "")]),
        Shown::Back => back(&[]),
        Shown::BackOfMan => back(&[(Name::Sex, "M")]),
        Shown::BackOfFuture => back(&[(Name::DateOfIssue, "2027-12-XX")]),
        Shown::ReleaseUnreadable => back(&[(Name::DateOfIssue, "2022")]),
        Shown::ExpiryUnreadable => back(&[(Name::DateOfExpiry, "2029-05")]),
        Shown::Expired => back(&[(Name::DateOfExpiry, "2026-11-20")]),
        Shown::BackOfAnother => back(&[(Name::PersonalNumber, "28507240112341")]),
    }
}

fn fault(fault: PageFault) -> PageEvidence {
    PageEvidence { faults: vec![fault], ..PageEvidence::default() }
}

fn side(side: PageSide, fields: &[(FieldName, &str)], other: &[(FieldName, &str)]) -> PageEvidence {
    let fields = fields.iter().map(|(name, value)| {
        let value = other.iter().find(|(changed, _)| changed == name).map_or(*value, |(_, value)| *value);
        Field {
            name: *name,
            value: value.to_owned(),
            source: FieldSource::Printed,
            confidence: 0.95,
            corners: None,
        }
    });
    let template = domain::egypt::TEMPLATES.iter().find(|(known, _)| *known == side).unwrap().1;
    PageEvidence {
        template: Some(template.to_owned()),
        kind: Some(DocumentKind::NationalId),
        side: Some(side),
        fields: fields.filter(|field| !field.value.is_empty()).collect(),
        portrait: Some(PortraitSignal { bounds: [0.0; 4], eye_distance_px: 80.0 }),
        forgery: ForgerySignal { print: Some(0.1), ..ForgerySignal::default() },
        ..PageEvidence::default()
    }
}

/// The specimen of ICAO 9303 part 4, but for its dates.
fn passport(expiry: &str) -> PageEvidence {
    let field = |(name, value): (FieldName, &str)| Field {
        name,
        value: value.to_owned(),
        source: FieldSource::Mrz,
        confidence: 0.99,
        corners: None,
    };
    let fields = [
        (FieldName::IssuingCountry, "UTO"),
        (FieldName::Nationality, "UTO"),
        (FieldName::Surname, "ERIKSSON"),
        (FieldName::GivenNames, "ANNA MARIA"),
        (FieldName::DocumentNumber, "L898902C3"),
        (FieldName::DateOfBirth, "1974-08-12"),
        (FieldName::Sex, "F"),
        (FieldName::DateOfExpiry, expiry),
    ];
    PageEvidence {
        kind: Some(DocumentKind::Passport),
        side: Some(PageSide::Front),
        fields: fields.map(field).to_vec(),
        mrz: Some(MrzSignal {
            format: MrzFormat::Td3,
            lines: vec!["P<UTOERIKSSON<<ANNA<MARIA".to_owned(), "L898902C36UTO".to_owned()],
            wrong: vec![],
            ambiguous: vec![],
            confidence: 0.99,
        }),
        portrait: Some(PortraitSignal { bounds: [0.0; 4], eye_distance_px: 80.0 }),
        forgery: ForgerySignal { print: Some(0.1), ..ForgerySignal::default() },
        ..PageEvidence::default()
    }
}

fn front(other: &[(FieldName, &str)]) -> PageEvidence {
    let fields = [
        (FieldName::GivenNames, "منى"),
        (FieldName::Surname, "عبد الرحمن حسين السيد"),
        (FieldName::FullName, "منى عبد الرحمن حسين السيد"),
        (FieldName::Street, "١٢ شارع النيل"),
        (FieldName::City, "الدقي الجيزة"),
        (FieldName::Address, "١٢ شارع النيل الدقي الجيزة"),
        (FieldName::Region, "الجيزة"),
        (FieldName::PersonalNumber, NUMBER),
        (FieldName::DateOfBirth, "1995-07-24"),
        (FieldName::SerialNumber, "HM3218902"),
    ];
    side(PageSide::Front, &fields, other)
}

fn back(other: &[(FieldName, &str)]) -> PageEvidence {
    let fields = [
        (FieldName::PersonalNumber, NUMBER),
        (FieldName::DateOfIssue, "2022-05-XX"),
        (FieldName::Profession, "مهندس"),
        (FieldName::Sex, "F"),
        (FieldName::Religion, "مسلمة"),
        (FieldName::MaritalStatus, "متزوجة"),
        (FieldName::DateOfExpiry, "2029-05-14"),
    ];
    side(PageSide::Back, &fields, other)
}

/// Somebody who is signed in, or a key alone.
pub(in crate::api::vlens) struct Client {
    pub(in crate::api::vlens) bench: Arc<Bench>,
    /// Empty with a key alone.
    pub(in crate::api::vlens) token: String,
}

impl Client {
    /// A new person of the first tenant.
    pub(in crate::api::vlens) async fn person() -> Self {
        let bench = Arc::new(Bench::with_cards().await);
        Self::another(&bench, PHONE).await
    }

    /// Another person of the first tenant.
    pub(in crate::api::vlens) async fn another(bench: &Arc<Bench>, phone: &str) -> Self {
        let made = bench.registered(phone, json!({})).await;
        let token = made["accessToken"].as_str().unwrap().to_owned();
        Self { bench: Arc::clone(bench), token }
    }

    /// A key alone.
    pub(in crate::api::vlens) fn key(bench: &Arc<Bench>) -> Self {
        Self { bench: Arc::clone(bench), token: String::new() }
    }

    pub(in crate::api::vlens) async fn step(&self, step: &str, body: &Value) -> Answer {
        let root = if self.token.is_empty() { "/v1/ocr" } else { "/api/DigitalIdentity/verify" };
        self.bench.post_as(&self.bench.key, &self.token, &format!("{root}/{step}"), body).await
    }

    /// Front and back of a sound card.
    pub(in crate::api::vlens) async fn card(&self, transaction: &str) {
        self.step("id/front", &json!({"image": photo(HOLDER), "transaction_id": transaction})).await.data();
        let back = json!({"image": Shown::Back.picture(), "transaction_id": transaction});
        self.step("id/back", &back).await.data();
    }

    pub(in crate::api::vlens) async fn faces(&self, transaction: &str, photos: [&str; 3]) -> Answer {
        let [one, two, three] = photos.map(photo);
        let body = json!({"transaction_id": transaction, "face_1": one, "face_2": two, "face_3": three});
        self.step("liveness/multi", &body).await
    }
}

/// That the step was refused for that: in the envelope, and with the services that apps read first.
#[track_caller]
pub(in crate::api::vlens) fn refused(answer: &Answer, code: u16) {
    let text = crate::api::vlens::texts::text(code, domain::Language::English);
    assert_eq!((answer.status, &answer.body["error_code"]), (200, &json!(code)), "{}", answer.body);
    assert_eq!((&answer.body["error_message"], &answer.body["data"]), (&json!(text), &Value::Null));
    for spelling in ["Validations", "validations"] {
        assert!(answer.body["services"][spelling]["validation_errors"].is_array(), "{}", answer.body);
    }
}

/// Fields and codes of what is wrong.
pub(in crate::api::vlens) fn errors(answer: &Answer) -> Vec<(String, u64)> {
    let services = &answer.body["services"];
    assert_eq!(services["Validations"], services["validations"], "both spellings say the same");
    let errors = services["validations"]["validation_errors"].as_array().unwrap().iter();
    let pair = |error: &Value| {
        let field = error["field"].as_str().unwrap().to_owned();
        (field, error["errors"][0]["code"].as_u64().unwrap())
    };
    errors.map(pair).collect()
}
