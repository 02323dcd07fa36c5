//! Which authorities are asked about the people of a tenant, and how.

use std::path::PathBuf;

use axum::http::Uri;
use domain::WebUrl;
use domain::egypt::Authority;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::delivery::{Secret, is_loopback, one_of, read};

/// Which authorities are asked about the people of one tenant. One that is not set up is not asked, and nobody has to be
/// confirmed by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authorities {
    /// The Civil Status Organisation: whose a national number is.
    pub cso: Option<AuthorityConnector>,
    /// The National Telecom Regulatory Authority: whose a phone number is.
    pub ntra: Option<AuthorityConnector>,
}

/// How an authority is asked: over HTTP, or by a file that stands in for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorityConnector {
    /// Where it takes questions: `https`, or `http` at a loopback address.
    #[serde(skip_serializing)]
    pub url: Option<Secret>,
    /// The key that questions are signed with, as of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.
    #[serde(skip_serializing)]
    pub secret: Option<Secret>,
    /// File with the key, instead.
    pub secret_file: Option<PathBuf>,
    /// A CSV file with the columns `id_number`, `name` and `phone_number`, instead of a service.
    pub register: Option<PathBuf>,
}

impl Authorities {
    /// Those that are asked.
    pub fn each(&self) -> impl Iterator<Item = (Authority, &AuthorityConnector)> {
        let both = [(Authority::Cso, &self.cso), (Authority::Ntra, &self.ntra)];
        both.into_iter().filter_map(|(authority, settings)| Some((authority, settings.as_ref()?)))
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.each().try_for_each(|(_, settings)| settings.check())
    }
}

impl AuthorityConnector {
    /// The key that questions are signed with.
    ///
    /// # Errors
    /// [`ConfigError::SecretFile`], [`ConfigError::Authority`].
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        read(self.secret.as_ref(), self.secret_file.as_deref())?.ok_or(ConfigError::Authority)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let has_secret = self.secret.is_some() || self.secret_file.is_some();
        match (&self.url, &self.register) {
            (None, Some(_)) if !has_secret => Ok(()),
            (Some(url), None) if has_secret => {
                WebUrl::parse(url.as_str()).map_err(ConfigError::AuthorityUrl)?;
                let host = url.as_str().parse::<Uri>().ok().and_then(|uri| uri.host().map(is_loopback));
                if url.as_str().starts_with("http:") && host != Some(true) {
                    return Err(ConfigError::PlainAuthority);
                }
                one_of(self.secret.as_ref(), self.secret_file.as_ref(), "authorities.*.secret")
            }
            _ => Err(ConfigError::Authority),
        }
    }
}
