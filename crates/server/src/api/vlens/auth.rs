//! Who calls: a tenant by the header `ApiKey`, and where a route asks for it somebody who is signed in, as a bearer.

use std::net::IpAddr;
use std::num::NonZeroU32;

use app::{Asker, AuthError, Caller, RequestRate, SignedInAs, User};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, StatusCode, header};
use domain::{Identity, KeyId};

use super::error::{SUSPENDED, VlensError};
use super::wire::language;
use crate::config::Vlens;
use crate::{Charge, RateReset, ServerState, TooMany, cors, peer};

/// The header that carries the key.
pub(super) const KEY_HEADER: &str = "apikey";

/// The header that names the tenant.
pub(super) const TENANT_HEADER: &str = "tenancyname";

/// A tenant, and who asks in its name.
pub(crate) struct TenantCaller {
    pub(super) caller: Caller,
    pub(super) asker: Asker,
}

/// A person of the tenant who is signed in.
pub(crate) struct PersonCaller {
    pub(super) tenant: TenantCaller,
    pub(super) person: Identity,
}

/// A tenant that calls a route below `/v1/ocr/`, of which more requests are taken.
pub(crate) struct OcrCaller(pub(super) TenantCaller);

/// A user of the tenant's staff who is signed in.
pub(crate) struct StaffCaller {
    pub(super) tenant: TenantCaller,
    pub(super) user: User,
}

/// How many requests of a tenant are taken, and under which names they are counted.
struct Bounds {
    minute: (&'static str, NonZeroU32),
    second: (&'static str, NonZeroU32),
}

impl FromRequestParts<ServerState> for TenantCaller {
    type Rejection = VlensError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, VlensError> {
        let Vlens { requests_per_minute, requests_per_second, .. } = *state.vlens;
        let bounds = Bounds {
            minute: ("vlens-minute", requests_per_minute),
            second: ("vlens-second", requests_per_second),
        };
        Self::within(parts, state, &bounds).await
    }
}

impl FromRequestParts<ServerState> for OcrCaller {
    type Rejection = VlensError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, VlensError> {
        let Vlens { ocr_requests_per_minute, ocr_requests_per_second, .. } = *state.vlens;
        let bounds = Bounds {
            minute: ("vlens-ocr-minute", ocr_requests_per_minute),
            second: ("vlens-ocr-second", ocr_requests_per_second),
        };
        TenantCaller::within(parts, state, &bounds).await.map(Self)
    }
}

impl TenantCaller {
    async fn within(parts: &mut Parts, state: &ServerState, bounds: &Bounds) -> Result<Self, VlensError> {
        let found = match parts.headers.get(KEY_HEADER) {
            None => Err(AuthError::Invalid),
            Some(key) => state.service.authenticate(key.to_str().unwrap_or_default()).await,
        };
        let caller = match found {
            // A key of one person speaks for nobody else.
            Ok(caller) if caller.is_backend() => caller,
            Ok(_) | Err(AuthError::Invalid) => {
                cors::allow_every_tenants_origins(&parts.extensions);
                charge_address(&parts.extensions, state)?;
                return Err(VlensError::transport(StatusCode::UNAUTHORIZED));
            }
            Err(AuthError::Service(error)) => return Err(error.into()),
        };
        cors::allow(&parts.extensions, &caller.tenant.allowed_origins);
        // The minute's first: it is what the answer's headers tell of.
        let (bucket, in_a_minute) = bounds.minute;
        charge(&parts.extensions, state, &caller, (bucket, in_a_minute, in_a_minute))?;
        let (bucket, in_a_second) = bounds.second;
        let per_minute = in_a_second.saturating_mul(SECONDS);
        charge(&parts.extensions, state, &caller, (bucket, per_minute, in_a_second))?;
        if caller.tenant.suspended_at.is_some() {
            return Err(VlensError::business(SUSPENDED));
        }
        let asker = Asker { language: language(&parts.headers), from: peer::client_ip(&parts.extensions) };
        Ok(Self { caller, asker })
    }
}

impl FromRequestParts<ServerState> for PersonCaller {
    type Rejection = VlensError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, VlensError> {
        let tenant = TenantCaller::from_request_parts(parts, state).await?;
        let refused = || VlensError::transport(StatusCode::FORBIDDEN);
        let token = bearer(parts).ok_or_else(refused)?;
        match state.service.authenticate_holder(&tenant.caller, token, &state.url("")).await {
            Ok(SignedInAs::Identity(person)) => Ok(Self { tenant, person: *person }),
            Ok(SignedInAs::User(_)) | Err(AuthError::Invalid) => Err(refused()),
            Err(AuthError::Service(error)) => Err(error.into()),
        }
    }
}

impl FromRequestParts<ServerState> for StaffCaller {
    type Rejection = VlensError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, VlensError> {
        let tenant = TenantCaller::from_request_parts(parts, state).await?;
        let refused = || VlensError::transport(StatusCode::FORBIDDEN);
        let token = bearer(parts).ok_or_else(refused)?;
        match state.service.authenticate_holder(&tenant.caller, token, &state.url("")).await {
            Ok(SignedInAs::User(user))
                if user.permissions.iter().any(|permission| permission == REQUESTS) =>
            {
                Ok(Self { tenant, user: *user })
            }
            Ok(_) | Err(AuthError::Invalid) => Err(refused()),
            Err(AuthError::Service(error)) => Err(error.into()),
        }
    }
}

/// The permission of a user who may see people's pictures.
const REQUESTS: &str = "Requests";

/// The token; `None` also for `Bearer ` without one.
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

const SECONDS: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

/// Counts a request of a tenant, whichever of its keys was used.
fn charge(
    request: &Extensions,
    state: &ServerState,
    caller: &Caller,
    (bucket, per_minute, burst): (&'static str, NonZeroU32, NonZeroU32),
) -> Result<(), VlensError> {
    let key = KeyId::from_bytes(*caller.tenant.id.as_bytes());
    let rate = RequestRate { per_minute, burst };
    let charge = Charge { key, bucket, rate, limit: burst, reset: RateReset::InSeconds };
    take(request, state, charge)
}

/// Counts a question of a tenant whether somebody is known.
pub(super) fn charge_existence(
    request: &Extensions,
    state: &ServerState,
    caller: &Caller,
) -> Result<(), VlensError> {
    let rate = state.vlens.existence_requests_per_minute;
    charge(request, state, caller, ("vlens-existence", rate, rate))
}

/// Counts a request without a valid key by where it comes from.
fn charge_address(request: &Extensions, state: &ServerState) -> Result<(), VlensError> {
    let bytes = match peer::client_ip(request).map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.to_ipv6_mapped().octets(),
        // Of an IPv6 address the network, which is what one household is given.
        Some(IpAddr::V6(ip)) => (u128::from(ip) & (u128::MAX << 64)).to_be_bytes(),
        None => [0; 16],
    };
    let rate = state.vlens.requests_without_key_per_minute;
    let rate = RequestRate { per_minute: rate, burst: rate };
    let key = KeyId::from_bytes(bytes);
    take(
        request,
        state,
        Charge { key, bucket: "vlens-address", rate, limit: rate.burst, reset: RateReset::InSeconds },
    )
}

fn take(request: &Extensions, state: &ServerState, charge: Charge) -> Result<(), VlensError> {
    let taken = state.rates.take(request, charge);
    taken.map_err(|TooMany { retry_after, .. }| VlensError::too_many(429, retry_after))
}
