//! `POST /verify/{id}/consent`: the person agreed.

use app::PageError;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::browser;
use super::state::Refusal;
use crate::ServerState;
use crate::api::truelens::read_id;
use crate::peer::Peer;

/// What the person was shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown {
    pub(super) language: String,
    pub(super) text: String,
    /// For how many days it said that pictures are kept.
    #[serde(default)]
    kept_days: u32,
}

/// Longest name of a language or of a text's version.
const MOST: usize = 32;

impl Shown {
    /// What was sent, where it can be such a receipt.
    pub(super) fn checked(shown: Result<Json<Self>, JsonRejection>) -> Result<Self, Refusal> {
        let bad = || Refusal::new(StatusCode::BAD_REQUEST, "bad_message");
        let Json(shown) = shown.map_err(|_| bad())?;
        let is_good = [&shown.language, &shown.text].iter().all(|text| (1..=MOST).contains(&text.len()));
        if is_good { Ok(shown) } else { Err(bad()) }
    }
}

pub(crate) async fn handler(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    peer: Option<Peer>,
    headers: HeaderMap,
    shown: Result<Json<Shown>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let id = read_id(&id).ok_or(PageError::Unknown)?;
    let secret = browser::secret(&headers).ok_or(PageError::OtherBrowser)?;
    let shown = Shown::checked(shown)?;
    let browser = browser::browser(secret, peer.map(|peer| peer.ip));
    state.service.give_consent(id, browser, &shown.language, &shown.text, shown.kept_days).await?;
    Ok(StatusCode::NO_CONTENT)
}
