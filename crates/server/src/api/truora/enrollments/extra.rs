//! What only this API keeps with a face of the blocklist. Sealed at rest.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::truora::words::FraudReason;

/// Where the blocklist is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum SearchCountry {
    Br,
    Cl,
    Co,
    Cr,
    Ec,
    Mx,
    Pe,
}

/// What only this API keeps with a face of the blocklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extra {
    /// Of this document; a change of meaning counts it up.
    version: u32,
    pub(super) country: SearchCountry,
    pub(super) fraud_reason: FraudReason,
}

impl Extra {
    pub(super) fn new(country: SearchCountry, fraud_reason: FraudReason) -> Self {
        Self { version: 1, country, fraud_reason }
    }

    /// `None` for what is no such document, as with every other enrollment.
    pub(super) fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    pub(super) fn write(&self) -> Value {
        // Numbers and words: this always has a JSON.
        serde_json::to_value(self).unwrap_or_default()
    }
}
