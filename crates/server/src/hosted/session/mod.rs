//! The page of a session: an identity document and its holder, in the browser in which the person agreed: one that opened
//! the start token, or one to which the session was handed over from there. Its protocol is told in `docs/capture.md`.

mod consent;
mod hand_over;
mod page;
mod picture;
mod scan;
mod state;

use app::{Browser, HostedSession};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;

use super::state::Refusal;
use super::{browser, scan as live};
use crate::ServerState;
use crate::api::mosaic;
use crate::peer::Peer;

/// The routes of the page. They are for people and not for programs: the API's document does not name them.
pub(crate) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .route("/app/{token}", get(page::handler))
        .route("/app/assets/{file}", get(super::files::handler))
        .route("/app/{token}/state", get(state::handler))
        .route("/app/{token}/consent", post(consent::handler))
        .route("/app/{token}/hand-over", post(hand_over::handler))
        .route("/app/{token}/scan", get(scan::handler))
}

/// Those that take a picture.
pub(crate) fn uploads() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().route("/app/{token}/images/{kind}", post(picture::handler))
}

/// Where the page is found.
const PATH: &str = "/verify/app";

/// Who asks: the token in the address, and the browser.
struct Visitor {
    token: String,
    secret: String,
    address: Option<std::net::IpAddr>,
}

impl Visitor {
    fn browser(&self) -> Browser<'_> {
        browser::browser(&self.secret, self.address)
    }
}

impl FromRequestParts<ServerState> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        use app::PageError;
        use axum::extract::RawPathParams;

        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| PageError::Unknown)?;
        let token = params.iter().find(|(name, _)| *name == "token").map(|(_, token)| token.to_owned());
        let token = token.filter(|token| is_token(token)).ok_or(PageError::Unknown)?;
        live::check_sender(&parts.headers, state)?;
        let secret = browser::own_secret(&parts.headers)?.to_owned();
        let address = parts.extensions.get::<Peer>().map(|peer| peer.ip);
        Ok(Self { token, secret, address })
    }
}

/// Whether `text` has the form of a token: 32 hexadecimal digits.
fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Who asks, as the person is told.
fn asker(hosted: &HostedSession) -> String {
    mosaic::Asker::of(hosted).name.unwrap_or_else(|| hosted.tenant_name.clone())
}

#[cfg(test)]
mod tests;
