//! An Egyptian identity card and its holder, step by step: the front, the back, three pictures of the face. Each step is
//! there twice: for somebody who is signed in, and below `/v1/ocr/` for a key alone.

mod answer;
mod faults;
mod fields;
pub(super) mod id_back;
pub(super) mod id_front;
pub(super) mod link;
pub(super) mod liveness;
mod source;

use app::{Admission, NameToCheck, Step, TransactionError, TransactionView};
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Identity, Language, PageSide, TransactionId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auth::TenantCaller;
use super::error::VlensError;
use super::image;
use super::wire::{Body, MOST_TEXT};
use crate::ServerState;
pub(super) use answer::{Answer, Services};
pub(super) use fields::says;

/// Longest body: five images in base64, and what stands around them.
pub(super) const MOST_BODY: usize = 5 * (image::MOST_BYTES.div_ceil(3) * 4) + 64 * 1024;

/// What a side of the card is asked with. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = VerifySideRequest, example = json!({"image": "/9j/4AAQSkZJRg...", "transaction_id": null}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct SideRequest {
    /// The picture: JPEG, PNG or WebP in base64, also as a `data:` URL; at most 5 MB and 25 million pixels.
    image: String,
    /// A UUID. One that is not known begins a transaction of that id; without it one is made up.
    #[schema(format = "uuid")]
    transaction_id: Option<String>,
    /// The name that has to stand on the card, in Arabic or Latin letters.
    #[schema(max_length = 256)]
    name_check_value: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    client_transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    request_id: Option<String>,
    /// Alpha-2. Only `EG`.
    #[schema(example = "EG")]
    country: Option<String>,
    /// Whether the answer holds what was read. Without it religion and marital status are not kept either.
    #[serde(rename = "getExtractedData")]
    get_extracted_data: Option<bool>,
}

/// What the caller of a step says beside its images.
pub(super) struct Asked {
    pub(super) step: Step,
    pub(super) echo: Echo,
}

/// What comes back as it was sent.
pub(super) struct Echo {
    pub(super) client_transaction_id: Option<String>,
    pub(super) request_id: Option<String>,
    /// The name that was given.
    pub(super) name: Option<String>,
    /// Whether the answer holds what was read.
    pub(super) gets_data: bool,
    pub(super) owner: Option<Identity>,
    /// The side of the card that a fault of the card is about.
    pub(super) side: PageSide,
    /// Whether the step was about the face.
    pub(super) tells_faces: bool,
    pub(super) language: Language,
}

impl Asked {
    fn read(
        body: &Body,
        owner: Option<Identity>,
        (side, tells_faces): (PageSide, bool),
        language: Language,
    ) -> Result<Self, VlensError> {
        if body.text("country", MOST_TEXT)?.is_some_and(|country| !country.eq_ignore_ascii_case("EG")) {
            // Cards of other countries are not read here.
            return Err(VlensError::business(5001));
        }
        let text = |name| Ok::<_, VlensError>(body.text(name, MOST_TEXT)?.map(str::to_owned));
        let name = text("name_check_value")?;
        let gets_data = body.flag("getExtractedData")?;
        let step = Step {
            transaction: transaction_id(body, "transaction_id")?,
            owner: owner.clone(),
            name: name.clone().map(NameToCheck),
            keeps_all: gets_data,
        };
        let echo = Echo {
            client_transaction_id: text("client_transaction_id")?,
            request_id: text("request_id")?,
            name,
            gets_data,
            owner,
            side,
            tells_faces,
            language,
        };
        Ok(Self { step, echo })
    }
}

/// The id of a transaction.
pub(super) fn transaction_id(body: &Body, name: &str) -> Result<Option<TransactionId>, VlensError> {
    let text = body.text(name, MOST_TEXT)?;
    let id = text.map(|text| Uuid::try_parse(text).map_err(|_| VlensError::bad_request())).transpose()?;
    Ok(id.map(|id| TransactionId::from_bytes(id.into_bytes())))
}

/// Room for a body, asked for before it is read: its bytes, and the texts that are made of them.
pub(super) fn admit(state: &ServerState, request: &Request) -> Result<Admission, VlensError> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(MOST_BODY as u64);
    let admitted = state.service.admit_bytes(length.saturating_mul(2));
    admitted.map_err(|busy| VlensError::busy(busy.retry_after))
}

/// The bytes of an image in a member; `None` where it is missing, null or empty.
pub(super) fn picture(body: &mut Body, name: &str) -> Result<Option<Bytes>, VlensError> {
    let text = body.take_text(name)?;
    text.map(|text| Ok(image::decode(&text)?.into())).transpose()
}

/// Takes a side of the card.
async fn take_side(
    state: &ServerState,
    tenant: TenantCaller,
    owner: Option<Identity>,
    side: PageSide,
    request: Request,
) -> Response {
    let language = tenant.asker.language;
    let taken = async {
        let admission = admit(state, &request)?;
        let mut body = Body::from_request(request, state).await?;
        let picture = picture(&mut body, "image")?.ok_or_else(VlensError::bad_request)?;
        let Asked { step, echo } = Asked::read(&body, owner, (side, false), language)?;
        let view = state.service.take_card_side(admission, &tenant.caller, step, side, picture).await?;
        Ok((view, echo))
    };
    answer(taken.await, language)
}

/// The answer to a step. A refusal of what was understood has the vendor's services too, since apps read them first.
fn answer(taken: Result<(TransactionView, Echo), VlensError>, language: Language) -> Response {
    match taken {
        Ok((view, echo)) => Answer::of(&view, &echo).into_response(),
        Err(refused) => match refused.business_code() {
            Some(code) => Answer::refused(code, language).into_response(),
            None => refused.into_response(),
        },
    }
}

impl From<TransactionError> for VlensError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::NotFound | TransactionError::OutOfOrder | TransactionError::Ended => {
                Self::business(5004)
            }
            TransactionError::TooManyTries => Self::business(4003),
            TransactionError::Throttled { retry_after } => Self::too_many(4003, retry_after),
            TransactionError::QuotaUsed => Self::business(4002),
            TransactionError::Unreadable => Self::transport(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            TransactionError::TooManyBytes => Self::business(5002),
            TransactionError::TooManyPixels => Self::business(5003),
            TransactionError::Service(error) => error.into(),
        }
    }
}
