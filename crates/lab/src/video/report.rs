//! The figures.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ClipEvidence, Decision, Policy};
use serde::Serialize;

use super::Kind;
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
    /// Bona fide clips that were denied or asked for more: called attacks.
    pub bpcer: Rate,
    /// Bona fide clips without an answer, which the standard counts apart.
    pub bpnrr: Rate,
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
        let (called_attacks, clips_of) = (bona_fide.denied + bona_fide.challenged, bona_fide.live.of);
        Self {
            policy: Policy::STANDARD.version,
            half,
            people: people.len(),
            bpcer: Rate::new(called_attacks, clips_of),
            bpnrr: Rate::new(bona_fide.open, clips_of),
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
        live: Rate::new(clips.iter().filter(|clip| clip.is_live).count(), clips.len()),
        denied: count(Some(Decision::Deny)),
        challenged: count(Some(Decision::Challenge)),
        open: count(None),
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_missing_is_no_error_and_counted_apart() {
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
                clip(None, Some(Decision::Challenge)),
                clip(None, Some(Decision::Deny)),
                clip(Some(Kind::Loop), None),
                clip(Some(Kind::Loop), Some(Decision::Allow)),
            ],
        );
        assert_eq!((report.bpcer.errors, report.bpcer.of, report.people), (2, 4, 1));
        assert_eq!((report.bpnrr.errors, report.bpnrr.of), (1, 4));
        let looped = &report.attacks["loop"];
        assert_eq!((looped.live.errors, looped.live.of, looped.open), (1, 2, 1));
        assert_eq!(report.attacks["splice"].live.of, 0);
    }
}
