//! Who calls: an access token of `/oidc/token`, as a bearer.

use std::net::IpAddr;
use std::num::NonZeroU32;

use app::{AuthError, ClientCaller, RequestRate};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, StatusCode, header};
use domain::KeyId;

use super::error::MosaicError;
use crate::{Charge, RateReset, ServerState, TooMany, cors, peer};

/// What tokens are for, as the vendor calls it.
pub(super) const RESOURCE: &str = "https://verify.identity.security";

/// Requests for tokens a minute from one address: a bound against floods. Nobody guesses a secret of 256 bits.
const TOKENS: NonZeroU32 = NonZeroU32::new(600).expect("not zero");

/// A client of a tenant, with an access token.
pub(crate) struct MosaicCaller(pub(crate) ClientCaller);

impl FromRequestParts<ServerState> for MosaicCaller {
    type Rejection = MosaicError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, MosaicError> {
        let found = match bearer(parts) {
            None => Err(AuthError::Invalid),
            Some(token) => state.service.authenticate_token(token, &state.url(""), RESOURCE).await,
        };
        let client = match found {
            Ok(client) => client,
            Err(AuthError::Invalid) => {
                cors::allow_every_tenants_origins(&parts.extensions);
                return Err(MosaicError::unauthorized());
            }
            Err(AuthError::Service(error)) => return Err(error.into()),
        };
        let tenant = &client.caller.tenant;
        cors::allow(&parts.extensions, &tenant.allowed_origins);
        if let Some(rate) = state.rates.of_plan(&tenant.plan) {
            let key = client.caller.key.id;
            let charge =
                Charge { key, bucket: "requests", rate, limit: rate.burst, reset: RateReset::InSeconds };
            state.rates.take(&parts.extensions, charge).map_err(|TooMany { retry_after, .. }| {
                MosaicError::busy(StatusCode::TOO_MANY_REQUESTS, "Too many requests", retry_after)
            })?;
        }
        if tenant.suspended_at.is_some() {
            return Err(MosaicError::new(StatusCode::FORBIDDEN, "Subscription inactive"));
        }
        Ok(Self(client))
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Counts a request for a token by where it comes from.
pub(super) fn charge_address(request: &Extensions, state: &ServerState) -> Result<(), TooMany> {
    let bytes = match peer::client_ip(request).map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.to_ipv6_mapped().octets(),
        // Of an IPv6 address the network, which is what one household is given.
        Some(IpAddr::V6(ip)) => (u128::from(ip) & (u128::MAX << 64)).to_be_bytes(),
        None => [0; 16],
    };
    let rate = RequestRate { per_minute: TOKENS, burst: TOKENS };
    let charge = Charge {
        key: KeyId::from_bytes(bytes),
        bucket: "tokens",
        rate,
        limit: rate.burst,
        reset: RateReset::InSeconds,
    };
    state.rates.take(request, charge)
}
