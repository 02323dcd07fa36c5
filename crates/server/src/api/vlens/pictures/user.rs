//! `GET /api/DigitalIdentity/GetUserDigitalIdentityImages`: what the pictures of a person are called.

use app::PictureNames;
use axum::Json;
use axum::extract::{RawQuery, State};
use domain::Contact;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::query;
use crate::ServerState;
use crate::api::vlens::auth::StaffCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};

/// Names of pictures, for `GetStepImage`; null for what there is none of.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = UserImages)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// The front of the card.
    #[schema(example = "user123_id_front_20240601.jpg")]
    id_front_image: Option<String>,
    /// Its back.
    id_back_image: Option<String>,
    /// The first picture of the face.
    liveness_image: Option<String>,
    /// The same.
    #[serde(rename = "livenessFace01Image")]
    first_face: Option<String>,
    /// The second one.
    #[serde(rename = "livenessFace02Image")]
    second_face: Option<String>,
    /// The third one.
    #[serde(rename = "livenessFace03Image")]
    third_face: Option<String>,
    /// The transaction in which they were sent.
    #[schema(format = "uuid")]
    transaction_id: Option<String>,
}

impl From<PictureNames> for Answer {
    fn from(names: PictureNames) -> Self {
        let face = |place: usize| names.faces.get(place).cloned();
        Self {
            liveness_image: face(0),
            first_face: face(0),
            second_face: face(1),
            third_face: face(2),
            id_front_image: names.front,
            id_back_image: names.back,
            transaction_id: Some(Uuid::from_bytes(*names.transaction.as_bytes()).to_string()),
        }
    }
}

/// Says what the pictures of a person are called: of the newest transaction that came to a good end, or else of the newest.
///
/// Needs an access token of a user with the permission `Requests`.
#[utoipa::path(
    get, path = "/api/DigitalIdentity/GetUserDigitalIdentityImages", tag = "pictures",
    operation_id = "get_user_digital_identity_images", security(("api_key" = [], "access_token" = [])),
    params(("emailOrPhoneNumber" = String, Query, description = "The person's number, or their confirmed address")),
    responses(
        (status = 200, body = Envelope<Answer>, description = "Names; all null where the person has none, or is not known"),
        (status = 400, body = ApiError, description = "The parameter is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 403, body = ApiError, description = "The access token is missing, not valid, or of nobody who may see pictures"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    StaffCaller { tenant, user }: StaffCaller,
    parameters: RawQuery,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let text = query(&parameters, "emailOrPhoneNumber").ok_or_else(VlensError::bad_request)?;
    let phone = || text.parse().map(Contact::Phone).ok();
    let email = || text.parse().map(Contact::Email).ok();
    let contact = phone().or_else(email).ok_or_else(VlensError::bad_request)?;
    let names = state.service.pictures_of(&tenant.caller, &user, &contact).await?;
    Ok(Envelope::of(names.map(Answer::from).unwrap_or_default()))
}
