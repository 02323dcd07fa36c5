//! The figures.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ClipEvidence, Decision, Policy};
use serde::Serialize;

use super::Kind;
use crate::presence::rates::clopper_pearson;
use crate::presence::{Half, Rate};

/// Error rates of filmed selfies, after ISO/IEC 30107-3.
#[derive(Debug, Clone, Serialize)]
pub struct VideoReport {
    /// Version of the rules.
    pub policy: &'static str,
    /// Which half of people and settings.
    pub half: Half,
    /// People in it.
    pub people: usize,
    /// Bona fide clips that were not called live, for whatever reason.
    pub bpcer: Rate,
    /// What bona fide clips were called.
    pub bona_fide: KindReport,
    /// Attacks that were called live, by kind.
    pub attacks: BTreeMap<&'static str, KindReport>,
    /// Every clip.
    pub clips: Vec<Judged>,
}

/// One kind of clips.
#[derive(Debug, Clone, Serialize)]
pub struct KindReport {
    /// Clips that were called live. Of attacks: APCER.
    pub live: Rate,
    /// Clips that were denied.
    pub denied: usize,
    /// Clips that would have been asked for more.
    pub challenged: usize,
    /// Clips without an answer.
    pub open: usize,
    /// How often each reason was told.
    pub reasons: BTreeMap<String, usize>,
}

/// What one clip was called.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// Its name, as it is kept.
    pub clip: String,
    /// Who is shown.
    pub person: String,
    /// `None` for a bona fide clip.
    pub kind: Option<Kind>,
    /// Whether it was called live.
    pub is_live: bool,
    /// The decision; `None` where the evidence allowed none.
    pub decision: Option<Decision>,
    /// Why it was not called live.
    pub reasons: Vec<String>,
    /// What was measured; `None` where it could not be decoded.
    pub evidence: Option<ClipEvidence>,
}

impl VideoReport {
    pub(super) fn of(half: Half, clips: Vec<Judged>) -> Self {
        let people: BTreeSet<&str> = clips.iter().map(|clip| clip.person.as_str()).collect();
        let of = |kind: Option<Kind>| kind_report(clips.iter().filter(|clip| clip.kind == kind));
        let bona_fide = of(None);
        let rejected = bona_fide.live.of - bona_fide.live.errors;
        Self {
            policy: Policy::STANDARD.version,
            half,
            people: people.len(),
            bpcer: rate(rejected, bona_fide.live.of),
            bona_fide,
            attacks: Kind::ALL.into_iter().map(|kind| (kind.name(), of(Some(kind)))).collect(),
            clips,
        }
    }
}

fn kind_report<'a>(clips: impl Iterator<Item = &'a Judged>) -> KindReport {
    let clips: Vec<&Judged> = clips.collect();
    let count = |decision: Option<Decision>| clips.iter().filter(|clip| clip.decision == decision).count();
    let mut reasons = BTreeMap::new();
    for reason in clips.iter().flat_map(|clip| &clip.reasons) {
        *reasons.entry(reason.clone()).or_default() += 1;
    }
    KindReport {
        live: rate(clips.iter().filter(|clip| clip.is_live).count(), clips.len()),
        denied: count(Some(Decision::Deny)),
        challenged: count(Some(Decision::Challenge)),
        open: count(None),
        reasons,
    }
}

fn rate(errors: usize, of: usize) -> Rate {
    Rate {
        errors,
        of,
        rate: (of > 0).then(|| errors as f64 / of as f64),
        interval: clopper_pearson(errors, of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_missing_is_an_error_of_bona_fide_clips_and_none_of_attacks() {
        let clip = |kind, decision: Option<Decision>| Judged {
            clip: String::new(),
            person: "ana".to_owned(),
            kind,
            is_live: decision == Some(Decision::Allow),
            decision,
            reasons: vec![],
            evidence: None,
        };
        let report = VideoReport::of(
            Half::Scored,
            vec![
                clip(None, Some(Decision::Allow)),
                clip(None, None),
                clip(Some(Kind::Loop), None),
                clip(Some(Kind::Loop), Some(Decision::Allow)),
            ],
        );
        assert_eq!((report.bpcer.errors, report.bpcer.of, report.people), (1, 2, 1));
        let looped = &report.attacks["loop"];
        assert_eq!((looped.live.errors, looped.live.of, looped.open), (1, 2, 1));
        assert_eq!(report.attacks["splice"].live.of, 0);
    }
}
