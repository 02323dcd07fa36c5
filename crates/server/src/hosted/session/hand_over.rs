//! `POST /verify/app/{token}/hand-over`: a link with which a phone goes on, and the code that a phone reads it from. The
//! page from which it is asked for is this browser's.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Serialize;

use super::{PATH, Visitor};
use crate::ServerState;
use crate::hosted::state::Refusal;

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    url: String,
    /// A picture of the code, as a `data:` URL.
    qr: String,
}

/// Side of the picture, in CSS pixels.
const SIDE: u32 = 240;

pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
) -> Result<Json<Answer>, Refusal> {
    let next = state.service.hand_over(&visitor.token, visitor.browser()).await?;
    let url = state.url(&format!("{PATH}/{next}"));
    let code = QrCode::with_error_correction_level(&url, EcLevel::M).map_err(|error| {
        tracing::error!(%error, "a link does not fit into a code");
        Refusal::technical()
    })?;
    let picture = code
        .render()
        .min_dimensions(SIDE, SIDE)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    Ok(Json(Answer { url, qr: format!("data:image/svg+xml;base64,{}", BASE64.encode(picture)) }))
}
