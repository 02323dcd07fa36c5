//! Who calls: the header `X-API-Key`. And how often: every answer says what is left.

use std::net::IpAddr;
use std::num::NonZeroU32;

use app::{AuthError, Caller, RequestRate};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::KeyId;

use super::error::{TrueLensError, unknown_route};
use crate::{Charge, RateReset, ServerState, TooMany, cors, peer, rate};

/// The header that carries the key.
pub(crate) const KEY_HEADER: &str = "x-api-key";

/// Requests a minute from one address where no key is asked for, or none is shown: a bound against floods.
const WITHOUT_KEY: NonZeroU32 = NonZeroU32::new(600).expect("not zero");

/// A backend that opens sessions.
pub(crate) struct TrueLensCaller(pub(crate) Caller);

/// A backend that asks for the status: its requests are counted by themselves.
pub(crate) struct StatusCaller(pub(crate) Caller);

/// Anybody, counted by their address.
pub(crate) struct Anybody;

async fn authenticate(parts: &Parts, state: &ServerState) -> Result<Caller, TrueLensError> {
    let found = match parts.headers.get(KEY_HEADER) {
        None => Err("Missing API key"),
        Some(key) => match state.service.authenticate(key.to_str().unwrap_or_default()).await {
            // A key on a person's device opens no sessions for others.
            Ok(caller) if caller.is_backend() => Ok(caller),
            Ok(_) | Err(AuthError::Invalid) => Err("Invalid API key"),
            Err(AuthError::Service(error)) => return Err(error.into()),
        },
    };
    match found {
        Ok(caller) => {
            cors::allow(&parts.extensions, &caller.tenant.allowed_origins);
            Ok(caller)
        }
        Err(text) => {
            cors::allow_every_tenants_origins(&parts.extensions);
            charge_address(&parts.extensions, state)?;
            Err(TrueLensError::new(StatusCode::UNAUTHORIZED, text))
        }
    }
}

/// Counts a request of a key.
async fn charge(
    request: &Extensions,
    state: &ServerState,
    caller: &Caller,
    bucket: &'static str,
    rate: RequestRate,
) -> Result<(), TrueLensError> {
    let charge = of_minute(state, caller.key.id, bucket, rate);
    rate::take_kept(&state.service, caller.tenant.id, request, charge).await?.map_err(too_many)
}

/// The vendor's limit is that of a minute, whatever may come at once.
fn of_minute(state: &ServerState, key: KeyId, bucket: &'static str, rate: RequestRate) -> Charge {
    Charge { key, bucket, rate, limit: rate.per_minute, reset: RateReset::At(state.service.now()) }
}

fn too_many(TooMany { retry_after, .. }: TooMany) -> TrueLensError {
    TrueLensError::too_many("Rate limit exceeded", retry_after)
}

/// Counts a request without a key by where it comes from. In memory: a flood is not to reach the disk.
fn charge_address(request: &Extensions, state: &ServerState) -> Result<(), TrueLensError> {
    let address = peer::client_ip(request);
    let bytes = match address.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.to_ipv6_mapped().octets(),
        // Of an IPv6 address the network, which is what one household is given.
        Some(IpAddr::V6(ip)) => (u128::from(ip) & (u128::MAX << 64)).to_be_bytes(),
        None => [0; 16],
    };
    let rate = RequestRate { per_minute: WITHOUT_KEY, burst: WITHOUT_KEY };
    let charge = of_minute(state, KeyId::from_bytes(bytes), "address", rate);
    state.rates.take(request, charge).map_err(too_many)
}

/// A subscription that is not paid opens nothing.
fn active(caller: Caller) -> Result<Caller, TrueLensError> {
    if caller.tenant.suspended_at.is_some() {
        return Err(TrueLensError::new(StatusCode::FORBIDDEN, "Subscription inactive"));
    }
    Ok(caller)
}

impl FromRequestParts<ServerState> for TrueLensCaller {
    type Rejection = TrueLensError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, TrueLensError> {
        let caller = authenticate(parts, state).await?;
        let rate =
            RequestRate { per_minute: state.truelens.requests_per_minute, burst: state.truelens.burst };
        charge(&parts.extensions, state, &caller, "truelens", rate).await?;
        active(caller).map(Self)
    }
}

impl FromRequestParts<ServerState> for StatusCaller {
    type Rejection = TrueLensError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, TrueLensError> {
        let caller = authenticate(parts, state).await?;
        let per_minute = state.truelens.status_requests_per_minute;
        let rate = RequestRate { per_minute, burst: per_minute };
        charge(&parts.extensions, state, &caller, "truelens-status", rate).await?;
        active(caller).map(Self)
    }
}

impl FromRequestParts<ServerState> for Anybody {
    type Rejection = TrueLensError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, TrueLensError> {
        charge_address(&parts.extensions, state).map(|()| Self)
    }
}

/// Answers for a path below the API that no route has: it is counted, as every other.
pub(crate) async fn no_such_route(State(state): State<ServerState>, request: Request) -> Response {
    match charge_address(request.extensions(), &state) {
        Ok(()) => unknown_route(),
        Err(error) => error.into_response(),
    }
}

/// Counts a request below the API that went to no handler, or broke before its key was known, as a preflight or a body
/// that is too large: every answer says what is left.
pub(crate) fn count_rest(state: &ServerState, path: &str, request: &Extensions) {
    if ["/api/verify/", "/api/sandbox/"].iter().any(|above| path.starts_with(above)) {
        // It was answered: where nothing is left the headers alone say so.
        let _ = charge_address(request, state);
    }
}
