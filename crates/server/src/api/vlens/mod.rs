//! The API of Vlens: people of a tenant who register, sign in and are sent codes; tokens of the tenant's staff; Egyptian
//! identity cards and their holders.

mod auth;
mod credentials;
mod error;
mod identity;
mod image;
mod ocr;
mod pictures;
mod texts;
mod verify;
mod wire;

use utoipa::openapi::Info;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Dialect, ServerState};
use error::ApiError;
use identity::forget_password::{send_email_otp, validate_email_otp, validate_phone_otp};
use identity::{check_existence, login, register, step_verify_email, step_verify_phone, verify_email};
use verify::{id_back, id_front, liveness};

/// What the document says that no handler does.
#[derive(OpenApi)]
#[openapi(
    components(schemas(ApiError)),
    modifiers(&Schemes),
    security(("api_key" = [])),
    tags(
        (name = "credentials", description = "Tokens of the tenant's staff, and the exchange of refresh tokens"),
        (name = "identity", description = "People of the tenant: known or not, registered, signed in"),
        (name = "verify", description = "A card and its holder, of somebody who is signed in"),
        (name = "ocr", description = "The same with a key alone; faces, lists and other documents"),
        (name = "pictures", description = "The pictures of both, for the tenant's staff"),
    ),
)]
struct Document;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = ApiKeyValue::with_description("ApiKey", "A backend key of this server.");
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("jwt")
            .description(Some("An access token of `Login`, `Register` or `RefreshToken`, good for a day."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
        components.add_security_scheme("access_token", SecurityScheme::Http(bearer));
    }
}

/// What has one form everywhere, so that it is told once.
const FORMS: &str = "Bodies are JSON objects, as `application/json`, `application/json-patch+json`, `text/json` or \
                     `application/*+json`. Every answer is `{\"data\": ..., \"error_code\": null, \"error_message\": \
                     null, \"error_descriptions\": null}`: a code in it means that something was refused, **also where \
                     the status is 200**. Texts are in English, or in Arabic where `Accept_Language` or \
                     `Accept-Language` asks for it. An empty `Authorization: Bearer ` is as good as none. 429 has \
                     `Retry-After` in seconds.";

fn info() -> Info {
    let mut info = Info::new("Bonafide: digital identities in the words of Vlens", env!("CARGO_PKG_VERSION"));
    info.description = Some(FORMS.to_owned());
    info
}

/// The dialect, to be given its place.
pub fn dialect() -> Dialect {
    Dialect {
        name: "vlens",
        paths: &[
            "/api/credentials",
            "/api/DigitalIdentity",
            "/api/IdentityUserSession",
            "/api/BusinessRequest",
            "/v1/ocr",
        ],
        router: routes(),
        uploads: uploads(),
        max_upload_bytes: verify::MOST_BODY,
        unknown_route: error::unknown_route,
        error: error::outside,
        count_rest: None,
        localise: Some(error::localise),
        info: info(),
        request_headers: &[auth::KEY_HEADER, auth::TENANT_HEADER, "accept_language", "x-request-id"],
        webhooks: None,
    }
}

fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(credentials::login::handler))
        .routes(routes!(credentials::refresh::handler))
        .routes(routes!(check_existence::handler))
        .routes(routes!(step_verify_phone::handler))
        .routes(routes!(step_verify_email::handler))
        .routes(routes!(register::handler))
        .routes(routes!(login::handler))
        .routes(routes!(verify_email::handler))
        .routes(routes!(send_email_otp::handler))
        .routes(routes!(validate_email_otp::handler))
        .routes(routes!(validate_phone_otp::handler))
        .routes(routes!(ocr::aml::handler))
        .routes(routes!(verify::link::handler))
        .routes(routes!(pictures::user::handler))
        .routes(routes!(pictures::step::handler))
}

/// Those that take images.
fn uploads() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(id_front::handler))
        .routes(routes!(id_back::handler))
        .routes(routes!(liveness::handler))
        .routes(routes!(id_front::ocr))
        .routes(routes!(id_back::ocr))
        .routes(routes!(liveness::ocr))
        .routes(routes!(ocr::compare::handler))
        .routes(routes!(ocr::face_match::handler))
        .routes(routes!(ocr::passport::handler))
        .routes(routes!(ocr::classify::handler))
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
