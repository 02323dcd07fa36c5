//! The fields of hooks, and what they mean.

use std::collections::BTreeSet;

use domain::{Action, Topic, WebUrl};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::ServerState;
use crate::api::truora::form::FieldError;
use crate::webhooks::EventNames;

/// Events of every type.
const ALL: &str = "all";

const TOPICS: [Topic; 5] =
    [Topic::Enrollment, Topic::Verification, Topic::Block, Topic::Search, Topic::Document];

/// The types of events, under this server's own names. What is sent may be another name, see `event_types` in the
/// configuration.
pub(crate) const EVENT_TYPES: [&str; 5] = [
    event_type(TOPICS[0]),
    event_type(TOPICS[1]),
    event_type(TOPICS[2]),
    event_type(TOPICS[3]),
    event_type(TOPICS[4]),
];

/// The type of events about `topic`, under this server's own name: the one place where these are.
pub(super) const fn event_type(topic: Topic) -> &'static str {
    match topic {
        Topic::Enrollment => "face_recognition.enrollment",
        Topic::Verification => "face_recognition.validation",
        Topic::Block => "face_search.enrollment",
        Topic::Search => "face_search.validation",
        Topic::Document => "document_validation.validation",
    }
}

/// What `topics` are called.
pub(super) fn event_type_word<'a>(topics: &BTreeSet<Topic>, names: &'a EventNames) -> &'a str {
    match topics.first() {
        Some(topic) if topics.len() == 1 => names.sent(event_type(*topic)),
        _ => ALL,
    }
}

/// What `word` asks for: all, or one type under the name that is sent, or under the server's own.
pub(super) fn topics(word: &str, names: &EventNames) -> Result<BTreeSet<Topic>, FieldError> {
    if word == ALL {
        return Ok(BTreeSet::new());
    }
    let is_it = |topic: &Topic| [names.sent(event_type(*topic)), event_type(*topic)].contains(&word);
    let topic = TOPICS.into_iter().find(is_it).ok_or_else(|| {
        let known: Vec<_> = TOPICS.iter().map(|topic| names.sent(event_type(*topic))).collect();
        FieldError::new("event_type", format!("must be one of {ALL}, {}", known.join(", ")))
    })?;
    Ok(BTreeSet::from([topic]))
}

/// To whom it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubscriberType {
    /// To an address on the web.
    Web,
    /// To an e-mail address. Not available.
    Email,
}

impl SubscriberType {
    /// # Errors
    /// For everything but the web.
    pub(super) fn must_be_available(self) -> Result<(), FieldError> {
        match self {
            Self::Web => Ok(()),
            Self::Email => {
                Err(FieldError::new("subscriber_type", "is not available on this server: only web is"))
            }
        }
    }
}

/// Whether it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HookStatus)]
pub(crate) enum Status {
    Enabled,
    Disabled,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HookAction)]
pub(crate) enum ActionWord {
    Created,
    /// Taken, and sent by nothing yet.
    Started,
    /// `succeeded` and `failed`.
    Finished,
    Succeeded,
    Failed,
    EnrollmentDeleted,
}

impl ActionWord {
    /// How an event says what happened.
    pub(super) const fn of(action: Action) -> Self {
        match action {
            Action::Created => Self::Created,
            Action::Succeeded => Self::Succeeded,
            Action::Failed => Self::Failed,
            Action::Deleted => Self::EnrollmentDeleted,
        }
    }

    const fn meaning(self) -> &'static [Action] {
        match self {
            Self::Created => &[Action::Created],
            Self::Started => &[],
            Self::Finished => &[Action::Succeeded, Action::Failed],
            Self::Succeeded => &[Action::Succeeded],
            Self::Failed => &[Action::Failed],
            Self::EnrollmentDeleted => &[Action::Deleted],
        }
    }

    /// As it is written.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::EnrollmentDeleted => "enrollment_deleted",
        }
    }
}

/// What `words` ask for; nothing stands for everything.
pub(super) fn actions(words: &[ActionWord]) -> Result<BTreeSet<Action>, FieldError> {
    let actions: BTreeSet<_> = words.iter().flat_map(|word| word.meaning()).copied().collect();
    // An empty set would mean the opposite.
    if actions.is_empty() && !words.is_empty() {
        return Err(FieldError::new("actions", "must name more than started: nothing sends that yet"));
    }
    Ok(actions)
}

/// Where it is told.
pub(super) fn subscriber_url(text: &str, state: &ServerState) -> Result<WebUrl, FieldError> {
    let field = |problem: String| FieldError::new("subscriber_url", problem);
    let url = WebUrl::parse(text).map_err(|error| field(format!("must be {error}")))?;
    if url.ip().is_some_and(|ip| !state.allowed.admits(ip)) {
        return Err(field(
            "must not name an address that is not public: the operator can allow one".to_owned(),
        ));
    }
    Ok(url)
}

/// What only this API keeps with a hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Extra {
    /// Of this document; a change of meaning counts it up.
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<String>,
    /// As they were given.
    pub(super) actions: Vec<ActionWord>,
}

impl Default for Extra {
    fn default() -> Self {
        Self { version: 1, language: None, actions: Vec::new() }
    }
}

impl Extra {
    pub(super) fn new(language: Option<String>, actions: Vec<ActionWord>) -> Self {
        Self { language, actions, ..Self::default() }
    }

    pub(super) fn read(value: &Value) -> Self {
        Self::deserialize(value).unwrap_or_default()
    }

    pub(super) fn write(&self) -> Value {
        // Numbers, text and words: this always has a JSON.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The words that were given for `actions`; the plain ones where somebody else made the hook.
    pub(super) fn words(&self, wanted: &BTreeSet<Action>) -> Vec<ActionWord> {
        if actions(&self.actions).is_ok_and(|given| given == *wanted) {
            return self.actions.clone();
        }
        wanted.iter().map(|action| ActionWord::of(*action)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn each_type_has_its_name_and_the_operators_name_counts() {
        let own = EventNames::default();
        let chosen = BTreeMap::from([("face_recognition.validation".to_owned(), "validation".to_owned())]);
        let renamed = EventNames::new(&chosen);
        let topic = |word: &str, names| topics(word, names).map_err(|error| error.to_string());
        assert_eq!(topic("all", &own), Ok(BTreeSet::new()));
        let validations = BTreeSet::from([Topic::Verification]);
        for (word, names) in [
            ("face_recognition.validation", &own),
            ("validation", &renamed),
            ("face_recognition.validation", &renamed),
        ] {
            assert_eq!(topic(word, names), Ok(validations.clone()), "{word}");
        }
        assert_eq!(event_type_word(&validations, &renamed), "validation");
        assert_eq!(event_type_word(&BTreeSet::new(), &renamed), "all");
        let problem = "event_type must be one of all, face_recognition.enrollment, validation, \
                       face_search.enrollment, face_search.validation, document_validation.validation";
        assert_eq!(topic("check", &renamed), Err(problem.to_owned()));
    }

    #[test]
    fn finished_is_well_or_otherwise_and_the_words_are_kept() {
        let both = BTreeSet::from([Action::Succeeded, Action::Failed]);
        let words = vec![ActionWord::Finished, ActionWord::Started];
        assert_eq!(actions(&words).unwrap(), both);
        assert!(actions(&[ActionWord::Started]).is_err());
        assert!(actions(&[]).unwrap().is_empty());
        let extra = Extra::new(Some("es".to_owned()), words.clone());
        assert_eq!(Extra::read(&extra.write()), extra);
        assert_eq!(extra.words(&both), words);
        assert_eq!(Extra::default().words(&both), [ActionWord::Succeeded, ActionWord::Failed]);
        for word in [
            ActionWord::Created,
            ActionWord::Started,
            ActionWord::Finished,
            ActionWord::Succeeded,
            ActionWord::Failed,
            ActionWord::EnrollmentDeleted,
        ] {
            assert_eq!(serde_json::to_value(word).unwrap(), word.word());
        }
    }
}
