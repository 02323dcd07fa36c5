//! Checks and the decision that follows from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Evidence, Reason, TemplateIds, Timestamp};

/// What is to be done about a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Every required check passed.
    Allow,
    /// A check was borderline: ask for more before trusting this person.
    Challenge,
    /// A check failed.
    Deny,
}

/// The questions a policy asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Can the face of the reference photo be compared?
    ReferenceUsable,
    /// Can the face of the selfie be compared?
    SelfieUsable,
    /// Is the face of the selfie on none of the blocklist?
    Blocklist,
    /// Is it the same person?
    Similarity,
    /// Is the selfie another picture than the reference?
    SelfieIsNew,
    /// Is the selfie a bona fide presentation?
    Liveness,
    /// Was the token said?
    SpeechMatch,
    /// Do the single frames of a live capture show a bona fide presentation?
    Presentation,
    /// Did the light of the screen fall on a face?
    ColourResponse,
    /// Did a head, and not a picture of one, move as asked?
    HeadMovement,
    /// Is it one person, without a cut, from the first frame to the last?
    Continuity,
    /// Were the frames made now, by a camera, for this capture?
    Freshness,
}

/// The answer to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Yes.
    Passed,
    /// Neither yes nor no, on evidence that could be judged.
    Borderline,
    /// No.
    Failed,
    /// The evidence does not allow an answer.
    CouldNotTell,
}

/// One question, its answer and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The question.
    pub name: CheckName,
    /// The answer.
    pub outcome: Outcome,
    /// Why it is not [`Outcome::Passed`]; empty where it is.
    pub reasons: Vec<Reason>,
}

/// The result of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// What to do; `None` when the evidence does not allow a decision.
    pub decision: Option<Decision>,
    /// The reasons of all checks that did not pass.
    pub reasons: Vec<Reason>,
    /// Whether another photo of the same person can change the outcome. `false` for [`Decision::Allow`].
    pub retry_helps: bool,
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
    /// Version of the policy.
    pub policy: &'static str,
}

impl Assessment {
    /// What follows from `checks`: a failed one denies; without an answer to one there is no decision; a borderline
    /// one challenges; otherwise allow.
    pub fn decide(checks: &[Check]) -> Option<Decision> {
        let any = |outcome| checks.iter().any(|check| check.outcome == outcome);
        if any(Outcome::Failed) {
            Some(Decision::Deny)
        } else if any(Outcome::CouldNotTell) || checks.is_empty() {
            None
        } else if any(Outcome::Borderline) {
            Some(Decision::Challenge)
        } else {
            Some(Decision::Allow)
        }
    }

    /// Whether the evidence speaks against the person: another face, one of the blocklist, the reference again, no live
    /// presentation, another token, or a doubt about one of these. A photo that cannot be judged says nothing about anybody.
    ///
    /// Such an attempt counts as a guess. One that only failed for a bad photo teaches an attacker nothing, and may be
    /// repeated by whoever is honest.
    pub fn speaks_against(checks: &[Check]) -> bool {
        checks.iter().any(|check| {
            let is_about_the_person = matches!(
                check.name,
                CheckName::Blocklist
                    | CheckName::Similarity
                    | CheckName::SelfieIsNew
                    | CheckName::Liveness
                    | CheckName::SpeechMatch
                    | CheckName::Presentation
                    | CheckName::ColourResponse
                    | CheckName::HeadMovement
                    | CheckName::Continuity
                    | CheckName::Freshness
            );
            is_about_the_person && matches!(check.outcome, Outcome::Failed | Outcome::Borderline)
        })
    }

    /// Concludes from `checks`.
    pub fn conclude(policy: &'static str, checks: Vec<Check>) -> Self {
        let decision = Self::decide(&checks);
        let reasons: Vec<Reason> = checks.iter().flat_map(|check| check.reasons.iter().copied()).collect();
        let retry_helps =
            decision != Some(Decision::Allow) && reasons.iter().all(|reason| reason.retry_helps());
        Self { decision, reasons, retry_helps, checks, policy }
    }
}

/// What is kept of a decision: enough to explain it years later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Version of the policy.
    pub policy: String,
    /// What the policy said; `None` where the evidence did not allow a decision.
    pub decision: Option<Decision>,
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
    /// What was measured.
    pub evidence: Evidence,
    /// What made the templates.
    pub templates: TemplateIds,
    /// SHA-256 of every model that took part, by its id.
    pub models: BTreeMap<String, String>,
    /// When it was made.
    pub at: Timestamp,
}
