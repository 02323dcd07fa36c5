//! `POST /verify/{id}/consent`: the person agreed, and the page is this browser's.

use app::PageError;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::state::Refusal;
use super::{Texts, browser, scan};
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

impl Shown {
    /// What was sent, where the text of that language has that version. `version` is the name of the text that says it.
    ///
    /// # Errors
    /// `bad_message`, or `other_text` where the page is older or newer than the server's texts.
    pub(super) fn checked(shown: Result<Json<Self>, JsonRejection>, version: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::new(StatusCode::BAD_REQUEST, "bad_message");
        let Json(shown) = shown.map_err(|_| bad())?;
        let texts = Texts::of(&shown.language).ok_or_else(bad)?;
        if texts.get(version) == shown.text { Ok(shown) } else { Err(PageError::OtherText.into()) }
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
    scan::check_sender(&headers, &state)?;
    let secret = browser::own_secret(&headers)?;
    let shown = Shown::checked(shown, "consent-version")?;
    let browser = browser::browser(secret, peer.map(|peer| peer.ip));
    state.service.give_consent(id, browser, &shown.language, &shown.text, shown.kept_days).await?;
    Ok(StatusCode::NO_CONTENT)
}
