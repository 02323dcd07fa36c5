//! `POST /verify/app/{token}/consent`: the person agreed, the page is this browser's, and the session starts.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;

use super::Visitor;
use crate::ServerState;
use crate::hosted::consent::Shown;
use crate::hosted::state::Refusal;

pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
    shown: Result<Json<Shown>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let shown = Shown::checked(shown, "agree-version")?;
    let (token, browser) = (&visitor.token, visitor.browser());
    state.service.start_hosted_session(token, browser, &shown.language, &shown.text).await?;
    Ok(StatusCode::NO_CONTENT)
}
