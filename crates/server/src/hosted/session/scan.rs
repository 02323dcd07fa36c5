//! `GET /verify/app/{token}/scan`: the live capture over a WebSocket. One of its frames becomes the selfie.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Visitor;
use crate::ServerState;
use crate::hosted::scan;
use crate::hosted::state::Refusal;

pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    scan::check_origin(&headers, &state)?;
    let capture = state.service.hosted_capture(&visitor.token, visitor.browser()).await;
    match capture {
        Ok(id) => scan::open(state, id, visitor.secret, visitor.address, upgrade).await,
        Err(error) => scan::turn_away(upgrade, error),
    }
}
