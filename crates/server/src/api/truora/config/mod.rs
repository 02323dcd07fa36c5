//! What a tenant chose for validations that leave it open.

pub(crate) mod document_selection;
pub(crate) mod get;
pub(crate) mod put;
pub(crate) mod reset;

use app::{Caller, Service, ServiceError};
use domain::{Fpir, Origin, Policy, Similarity};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::words::{Rate, Threshold, TimeoutSeconds, Whole};

/// Where the choice is kept, for every validator: whoever opens something looks once.
const SETTING: &str = "config/face-recognition";

/// The configurations of all validators.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct Configs {
    #[serde(rename = "face-recognition")]
    pub(crate) face_recognition: FaceConfig,
    #[serde(rename = "face-search")]
    face_search: SearchConfig,
    #[serde(rename = "document-validation")]
    pub(crate) document_validation: DocumentConfig,
}

/// What holds for looks into the blocklist.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
struct SearchConfig {
    /// The share of people who are not on the blocklist and are taken for somebody who is. The threshold follows from it
    /// and from the number of faces on the list.
    #[schema(value_type = f64, minimum = 1e-6, maximum = 0.1)]
    fpir: Rate,
}

/// What holds for validations of documents that leave it open.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct DocumentConfig {
    /// How long the pictures may take, in seconds.
    #[schema(value_type = u32, minimum = 1, maximum = 21600)]
    pub(crate) timeout: TimeoutSeconds,
    /// Attempts that may follow a declined first one.
    #[schema(value_type = u32, minimum = 0, maximum = 2)]
    pub(crate) allowed_retries: Whole<0, 2>,
    /// How long after a decline the next attempt may be opened, in seconds.
    #[schema(value_type = u32, minimum = 1, maximum = 300)]
    pub(crate) retry_ttl: Whole<1, 300>,
}

/// What holds for face validations that leave it open.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct FaceConfig {
    /// How long a selfie may take, in seconds.
    #[schema(value_type = u32, minimum = 1, maximum = 21600)]
    pub(crate) timeout: TimeoutSeconds,
    /// Attempts that may follow a declined first one.
    #[schema(value_type = u32, minimum = 0, maximum = 2)]
    pub(crate) allowed_retries: Whole<0, 2>,
    /// How long after a decline the next attempt may be opened, in seconds.
    #[schema(value_type = u32, minimum = 1, maximum = 300)]
    pub(crate) retry_ttl: Whole<1, 300>,
    /// The lowest similarity that passes.
    #[schema(value_type = f32, minimum = 0, maximum = 1)]
    threshold: Threshold,
    /// Whether people look at doubtful cases. Not available yet.
    use_manual_review: bool,
    /// Whether faces are looked up in the blocklist: of enrollments and of validations that are opened from now on.
    include_face_search: bool,
}

/// What a tenant chose; the rest follows the defaults, also when these change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Chosen {
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<TimeoutSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_retries: Option<Whole<0, 2>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_ttl: Option<Whole<1, 300>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<Threshold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_face_search: Option<bool>,
    /// Of face searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    fpir: Option<Rate>,
    /// Of documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<ChosenTimes>,
}

/// What a tenant chose for documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct ChosenTimes {
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<TimeoutSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_retries: Option<Whole<0, 2>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_ttl: Option<Whole<1, 300>>,
}

impl Default for DocumentConfig {
    fn default() -> Self {
        ChosenTimes::default().into()
    }
}

impl From<ChosenTimes> for DocumentConfig {
    fn from(chosen: ChosenTimes) -> Self {
        Self {
            timeout: chosen.timeout.unwrap_or(TimeoutSeconds::literal::<300>()),
            allowed_retries: chosen.allowed_retries.unwrap_or(Whole::literal::<0>()),
            retry_ttl: chosen.retry_ttl.unwrap_or(Whole::literal::<300>()),
        }
    }
}

impl Default for FaceConfig {
    fn default() -> Self {
        Self {
            timeout: TimeoutSeconds::literal::<300>(),
            allowed_retries: Whole::literal::<0>(),
            retry_ttl: Whole::literal::<300>(),
            threshold: Threshold(Policy::STANDARD.threshold()),
            use_manual_review: false,
            include_face_search: false,
        }
    }
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self { fpir: Rate(Fpir::STANDARD) }
    }
}

impl Configs {
    /// What holds for the caller's tenant.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn load(service: &Service, caller: &Caller) -> Result<Self, ServiceError> {
        let value = service.setting(caller, Origin::Truora, SETTING).await?;
        Ok(Chosen::read(value).into())
    }

    /// The rate of false alarms of a look into the blocklist.
    pub(crate) fn fpir(&self) -> Fpir {
        let Rate(fpir) = self.face_search.fpir;
        fpir
    }

    /// The same, where faces are looked up without being asked to.
    pub(crate) fn included_search(&self) -> Option<Fpir> {
        self.face_recognition.include_face_search.then(|| self.fpir())
    }
}

impl FaceConfig {
    /// The threshold, or `floor` where that has risen above it since it was chosen.
    pub(crate) fn threshold_above(&self, floor: Similarity) -> Similarity {
        let Threshold(chosen) = self.threshold;
        if chosen < floor { floor } else { chosen }
    }
}

impl From<Chosen> for Configs {
    fn from(chosen: Chosen) -> Self {
        let fpir = chosen.fpir.unwrap_or(SearchConfig::default().fpir);
        let document_validation = chosen.document.unwrap_or_default().into();
        Self { face_recognition: chosen.into(), face_search: SearchConfig { fpir }, document_validation }
    }
}

impl From<Chosen> for FaceConfig {
    fn from(chosen: Chosen) -> Self {
        let default = Self::default();
        Self {
            timeout: chosen.timeout.unwrap_or(default.timeout),
            allowed_retries: chosen.allowed_retries.unwrap_or(default.allowed_retries),
            retry_ttl: chosen.retry_ttl.unwrap_or(default.retry_ttl),
            threshold: chosen.threshold.unwrap_or(default.threshold),
            include_face_search: chosen.include_face_search.unwrap_or(default.include_face_search),
            ..default
        }
    }
}

impl Chosen {
    fn read(value: Option<Value>) -> Self {
        value.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
    }

    /// `None` where nothing is chosen. Numbers in their ranges always serialise.
    fn write(&self) -> Option<Value> {
        if *self == Self::default() { None } else { serde_json::to_value(self).ok() }
    }
}

/// Changes what the caller's tenant chose, and tells what holds then.
async fn change(
    service: &Service,
    caller: &Caller,
    change: impl FnOnce(&mut Chosen) + Send,
) -> Result<Configs, ServiceError> {
    let apply = |old| {
        let mut chosen = Chosen::read(old);
        change(&mut chosen);
        chosen.write()
    };
    let value = service.change_setting(caller, Origin::Truora, SETTING, apply).await?;
    Ok(Chosen::read(value).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nobody_chose_is_the_vendors_default() {
        assert_eq!(
            serde_json::to_string(&FaceConfig::default()).unwrap(),
            r#"{"timeout":300,"allowed_retries":0,"retry_ttl":300,"threshold":0.65,"use_manual_review":false,"include_face_search":false}"#
        );
        assert_eq!(FaceConfig::from(Chosen::read(Some(json!("nonsense")))), FaceConfig::default());
    }

    #[test]
    fn only_what_was_chosen_is_kept() {
        let chosen = Chosen { timeout: 60.try_into().ok(), ..Chosen::default() };
        assert_eq!(chosen.write(), Some(json!({"timeout": 60})));
        assert_eq!(Chosen::read(chosen.write()), chosen);
        assert_eq!(Chosen::default().write(), None);
    }

    #[test]
    fn a_floor_lifts_the_threshold_that_lies_below_it() {
        let config = FaceConfig::default();
        for (floor, threshold) in [(0.5, 0.65), (0.65, 0.65), (0.7, 0.7)] {
            assert_eq!(config.threshold_above(Similarity::clamped(floor)).get(), threshold);
        }
    }
}
