//! The API of Mosaic, by Transmit Security: documents and their holders verified by a backend, and faces compared.

mod auth;
mod consent;
mod create;
mod delete;
mod error;
mod extra;
mod face_auth;
mod images;
mod result;
mod token;
mod told;
mod wire;
mod words;

use app::{Caller, SessionView};
use domain::{Origin, SessionPurpose};
use utoipa::openapi::Info;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Dialect, ServerState, hosted};
use error::{ApiError, MosaicError};
pub(crate) use extra::Asker;
pub(crate) use words::{Feedback, ImageType};

/// What the document says that no handler does.
#[derive(OpenApi)]
#[openapi(
    components(schemas(ApiError, create::Request)),
    modifiers(&TokenScheme),
    security(("verify_access_token" = [])),
    tags(
        (name = "token", description = "Access tokens"),
        (name = "verification", description = "Sessions: opened, fed with images, judged, deleted"),
        (name = "face-auth", description = "A selfie compared with a photo"),
    ),
)]
struct Document;

struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("jwt")
            .description(Some("An access token of `/oidc/token`, good for an hour."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("verify_access_token", SecurityScheme::Http(bearer));
    }
}

/// What has one form everywhere, so that it is told once.
const FORMS: &str = "Bodies are JSON objects, whatever their declared type; those of `/oidc/token` are forms. Errors are \
                     `{\"error_code\": STATUS, \"message\": [\"...\"]}`, those of `/oidc/token` as in RFC 6749 section \
                     5.2; 429 and 503 have `Retry-After` in seconds where waiting helps. Every path below `/api/` also \
                     answers below `/verify/api/`.";

fn info() -> Info {
    let mut info =
        Info::new("Bonafide: document verification in the words of Mosaic", env!("CARGO_PKG_VERSION"));
    info.description = Some(FORMS.to_owned());
    info
}

/// The base path of the vendor, below which everything but tokens is found too.
const BASE: &str = "/verify";

/// Longest body with an image: in base64, and what stands around it.
const MOST_BODY: usize = app::MAX_UPLOAD_BYTES.div_ceil(3) * 4 + 64 * 1024;

/// The dialect, to be given its place.
pub fn dialect() -> Dialect {
    Dialect {
        name: "mosaic",
        paths: &[
            "/oidc/token",
            "/api/v1/verification",
            "/api/v1/face-auth",
            "/verify/api/v1/verification",
            "/verify/api/v1/face-auth",
            "/verify/app",
            "/app",
        ],
        router: OpenApiRouter::with_openapi(Document::openapi())
            .routes(routes!(token::handler))
            .merge(small())
            .nest(BASE, untold(small())),
        uploads: large().nest(BASE, untold(large())),
        max_upload_bytes: MOST_BODY,
        unknown_route: error::unknown_route,
        error: error::outside,
        count_rest: None,
        localise: None,
        info: info(),
        request_headers: &[],
        webhooks: None,
    }
}

fn small() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(create::handler))
        .routes(routes!(result::handler))
        .routes(routes!(delete::handler))
        .routes(routes!(consent::handler))
        .routes(routes!(images::get::handler))
        .routes(routes!(face_auth::result::handler))
        .merge(hosted::session::routes())
}

/// Those that take an image.
fn large() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        // One path is in one place.
        .routes(routes!(images::add::handler, images::list::handler))
        .routes(routes!(face_auth::create::handler))
        .routes(routes!(face_auth::images::handler))
        .merge(hosted::session::uploads())
}

/// The same routes once more, told only once.
fn untold(routes: OpenApiRouter<ServerState>) -> OpenApiRouter<ServerState> {
    let (router, _) = routes.split_for_parts();
    router.into()
}

/// The session of a document, where it is the caller's.
async fn find(state: &ServerState, caller: &Caller, sid: &str) -> Result<SessionView, MosaicError> {
    let id = wire::session_id(sid)?;
    let view = state.service.session(caller, Origin::Mosaic, SessionPurpose::Document, id).await?;
    view.ok_or_else(MosaicError::not_found)
}

/// A parameter of a query.
fn query(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query?.as_bytes());
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests;
