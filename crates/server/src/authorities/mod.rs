//! The authorities that a tenant has asked about its people: over HTTP, or a file that stands in for them.

mod http;
mod register;

use std::collections::BTreeMap;

use app::{AskError, AuthorityQuestion};
use domain::egypt::{Authority, AuthoritySays, CitizenRegister};

use crate::config::{Authorities as Settings, ConfigError};
use crate::outgoing::Client;
use http::Http;

/// Takes questions to authorities.
pub(crate) struct Authorities(BTreeMap<(String, Authority), Connector>);

/// How one authority is asked for one tenant.
enum Connector {
    Http(Http),
    Register(CitizenRegister),
}

impl Authorities {
    /// # Errors
    /// [`ConfigError`] for a secret or a file that cannot be read or used.
    pub(crate) fn new(settings: &BTreeMap<String, Settings>, client: &Client) -> Result<Self, ConfigError> {
        let mut connectors = BTreeMap::new();
        for (tenant, settings) in settings {
            for (authority, settings) in settings.each() {
                let connector = match &settings.register {
                    Some(path) => Connector::Register(register::read(path)?),
                    None => Connector::Http(Http::new(settings, client.clone())?),
                };
                connectors.insert((tenant.clone(), authority), connector);
            }
        }
        Ok(Self(connectors))
    }
}

impl app::Authorities for Authorities {
    async fn ask(&self, question: &AuthorityQuestion) -> Result<AuthoritySays, AskError> {
        let says = match self.0.get(&(question.tenant.clone(), question.authority)) {
            Some(Connector::Http(http)) => http.ask(question).await,
            Some(Connector::Register(register)) => Ok(register.says(question.authority, &question.citizen)),
            None => Err(AskError("nothing is set up that could ask it".to_owned())),
        };
        let outcome = match &says {
            Ok(AuthoritySays::Valid) => "valid",
            Ok(AuthoritySays::Invalid(_)) => "invalid",
            Ok(AuthoritySays::Unavailable | AuthoritySays::NoPhone) | Err(_) => "unavailable",
        };
        let authority = question.authority.word();
        metrics::counter!("bonafide_authority_questions_total", "authority" => authority, "outcome" => outcome)
            .increment(1);
        says
    }
}

#[cfg(test)]
mod tests;
