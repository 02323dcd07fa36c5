//! What only this API keeps with a validation. Sealed at rest, as all that is about a person.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::AskedDocument;

/// What only this API keeps with a validation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Extra {
    /// Of this document; a change of meaning counts it up.
    version: u32,
    /// The address of who created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ip_address: Option<IpAddr>,
    /// Which document was asked for, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<AskedDocument>,
}

impl Default for Extra {
    fn default() -> Self {
        Self { version: 1, ip_address: None, document: None }
    }
}

impl Extra {
    pub(super) fn created_from(address: IpAddr) -> Self {
        Self { ip_address: Some(address).filter(|address| !address.is_unspecified()), ..Self::default() }
    }

    pub(super) fn read(value: &Value) -> Self {
        Self::deserialize(value).unwrap_or_default()
    }

    pub(super) fn write(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_what_it_writes() {
        let extra = Extra::created_from([192, 0, 2, 1].into());
        assert_eq!(Extra::read(&extra.write().unwrap()), extra);
        assert_eq!(Extra::read(&Value::Null), Extra::default());
        assert_eq!(Extra::created_from([0, 0, 0, 0].into()), Extra::default());
    }
}
