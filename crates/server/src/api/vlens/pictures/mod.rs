//! The pictures of people's transactions, for the tenant's staff.

pub(super) mod step;
pub(super) mod user;

use axum::extract::RawQuery;

/// The members of a query, as they are written.
fn query(RawQuery(query): &RawQuery, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let found = pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}
