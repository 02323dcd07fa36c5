//! Who calls: the header `Truora-API-Key`.

use app::{AuthError, Caller};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::KeyKind;

use super::error::TruoraError;
use crate::{Charge, RateReset, ServerState, TooMany, cors};

/// The header that carries the key.
pub(crate) const KEY_HEADER: &str = "truora-api-key";

/// The product whose routes these are.
const PRODUCT: &str = "validations";

/// Whoever holds a key for this API, of any kind.
pub(crate) struct KeyHolder(pub(crate) Caller);

/// Whoever may enroll and validate: a backend, or the device of one person.
pub(crate) struct TruoraCaller(pub(crate) Caller);

/// A backend that speaks for the whole tenant: neither a device nor bound to one person.
pub(crate) struct BackendCaller(pub(crate) Caller);

/// Why nobody calls.
#[derive(Debug, thiserror::Error)]
enum RouteError {
    #[error("the header Truora-API-Key is missing")]
    NoKey,
    #[error("the API key is not valid: it is not of this server, has expired or was revoked")]
    Invalid,
    #[error("the API key is for another product or another kind of caller")]
    NotPermitted,
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl From<RouteError> for TruoraError {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::NoKey | RouteError::Invalid => {
                TruoraError::new(StatusCode::UNAUTHORIZED, error.to_string())
            }
            RouteError::NotPermitted => TruoraError::forbidden(),
            RouteError::TooMany(TooMany { retry_after, .. }) => {
                TruoraError::too_many(error.to_string(), retry_after)
            }
        }
    }
}

async fn authenticate(parts: &Parts, state: &ServerState) -> Result<Caller, TruoraError> {
    let found = match parts.headers.get(KEY_HEADER) {
        None => Err(RouteError::NoKey),
        Some(key) => match state.service.authenticate(key.to_str().unwrap_or_default()).await {
            Ok(caller) => Ok(caller),
            Err(AuthError::Invalid) => Err(RouteError::Invalid),
            Err(AuthError::Service(error)) => return Err(error.into()),
        },
    };
    match found {
        Ok(caller) => {
            cors::allow(&parts.extensions, &caller.tenant.allowed_origins);
            charge(parts, state, &caller)?;
            let is_active = caller.tenant.suspended_at.is_none();
            if is_active && caller.has_grant(PRODUCT) {
                Ok(caller)
            } else {
                Err(RouteError::NotPermitted.into())
            }
        }
        Err(refusal) => {
            cors::allow_every_tenants_origins(&parts.extensions);
            Err(refusal.into())
        }
    }
}

/// One request of the caller's key, where the plan sets a rate.
fn charge(parts: &Parts, state: &ServerState, caller: &Caller) -> Result<(), RouteError> {
    let Some(rate) = state.rates.of_plan(&caller.tenant.plan) else { return Ok(()) };
    let charge = Charge {
        key: caller.key.id,
        bucket: "requests",
        rate,
        limit: rate.burst,
        reset: RateReset::InSeconds,
    };
    Ok(state.rates.take(&parts.extensions, charge)?)
}

impl FromRequestParts<ServerState> for KeyHolder {
    type Rejection = TruoraError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, TruoraError> {
        authenticate(parts, state).await.map(Self)
    }
}

impl FromRequestParts<ServerState> for TruoraCaller {
    type Rejection = TruoraError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, TruoraError> {
        let caller = authenticate(parts, state).await?;
        match caller.key.kind {
            KeyKind::Backend | KeyKind::Web | KeyKind::Sdk => Ok(Self(caller)),
            // It may only be exchanged for another key.
            KeyKind::Generator => Err(RouteError::NotPermitted.into()),
        }
    }
}

impl FromRequestParts<ServerState> for BackendCaller {
    type Rejection = TruoraError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, TruoraError> {
        let caller = authenticate(parts, state).await?;
        // A key for one person must not reach the others, whoever holds it.
        if caller.is_backend() { Ok(Self(caller)) } else { Err(RouteError::NotPermitted.into()) }
    }
}

/// Whether scores and photos may be shown to `caller`: whoever holds a device could tune an attack by them.
pub(crate) fn sees_scores(caller: &Caller) -> bool {
    !caller.key.is_on_a_device()
}
