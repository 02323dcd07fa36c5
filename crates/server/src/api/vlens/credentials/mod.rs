//! Tokens of a tenant's staff, and the exchange of refresh tokens.

pub(super) mod login;
pub(super) mod refresh;

use app::{REFRESH_TOKEN_TTL, SIGN_IN_TTL};

/// Seconds for which an access token counts.
pub(super) const ACCESS_SECONDS: u64 = SIGN_IN_TTL.as_secs();
/// Seconds for which a refresh token counts.
pub(super) const REFRESH_SECONDS: u64 = REFRESH_TOKEN_TTL.as_secs();
