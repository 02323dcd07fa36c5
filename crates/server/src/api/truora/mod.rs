//! Truora's API for face validation: enrollments, validations, accounts and keys on one host.
//!
//! The vendor has a host for each product; here all routes are at one place, below `/v1`.

mod accounts;
mod api_keys;
mod auth;
mod config;
mod document_infographic;
mod documents;
mod enrollments;
mod error;
mod evaluate_image;
mod files;
mod form;
mod hooks;
mod ids;
#[cfg(test)]
mod limits;
mod page;
mod photo;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod time;
mod uploads;
mod validations;
mod words;

use utoipa::openapi::Info;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Dialect, ServerState};
use error::ApiError;

/// What the document says that no handler does.
#[derive(OpenApi)]
#[openapi(
    components(schemas(ApiError)),
    modifiers(&KeyScheme),
    security(("truora_api_key" = [])),
    tags(
        (name = "accounts", description = "The people of a tenant"),
        (name = "enrollments", description = "Reference faces"),
        (name = "validations", description = "Selfies against reference faces, and documents"),
        (name = "documents", description = "Which documents are read, and whether a picture of one can be used"),
        (name = "uploads", description = "Photos, through links that need no key"),
        (name = "hooks", description = "Who is told of what happens"),
        (name = "config", description = "What holds for validations that leave it open"),
        (name = "api-keys", description = "Keys for others"),
    ),
)]
struct Document;

struct KeyScheme;

impl Modify for KeyScheme {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = ApiKeyValue::with_description("Truora-API-Key", "A key of this server, as text of a JWT.");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("truora_api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

/// Bodies and errors have one form everywhere, so that it is told once.
const FORMS: &str = "Bodies are forms with repeated keys, or JSON. Errors are \
                     `{\"code\": 10404, \"http_code\": 404, \"message\": \"...\"}`.";

fn info() -> Info {
    let mut info = Info::new("Bonafide: face validation in the words of Truora", env!("CARGO_PKG_VERSION"));
    info.description = Some(FORMS.to_owned());
    info
}

/// The dialect, to be given its place.
pub fn dialect() -> Dialect {
    Dialect {
        name: "truora",
        paths: &["/v1"],
        router: routes(),
        uploads: OpenApiRouter::new()
            .routes(routes!(uploads::handler))
            .routes(routes!(evaluate_image::handler)),
        max_upload_bytes: app::MAX_UPLOAD_BYTES,
        unknown_route: error::unknown_route,
        error: error::outside,
        count_rest: None,
        localise: None,
        info: info(),
        request_headers: &[auth::KEY_HEADER],
        webhooks: Some(hooks::tell::WEBHOOKS),
    }
}

fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(accounts::list::handler, accounts::create::handler))
        .routes(routes!(accounts::get::handler))
        .routes(routes!(accounts::enrollments::handler))
        .routes(routes!(accounts::validations::handler))
        .routes(routes!(accounts::validation::handler))
        .routes(routes!(api_keys::handler))
        .routes(routes!(config::get::handler, config::put::handler, config::reset::handler))
        .routes(routes!(config::document_selection::handler))
        .routes(routes!(document_infographic::handler))
        .routes(routes!(enrollments::list::handler, enrollments::create::handler))
        .routes(routes!(enrollments::get::handler, enrollments::delete::handler))
        .routes(routes!(files::handler))
        .routes(routes!(hooks::list::handler, hooks::create::handler))
        .routes(routes!(hooks::get::handler, hooks::update::handler, hooks::delete::handler))
        .routes(routes!(validations::list::handler, validations::create::handler))
        .routes(routes!(validations::get::handler))
        .routes(routes!(validations::restore::handler))
}
