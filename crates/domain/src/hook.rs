//! Hooks: who is told of what; and deliveries: how far a telling is.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Action, DeliveryId, Event, HookId, Origin, TenantId, Timestamp, Topic, WebUrl};

/// An address of a tenant that is told of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its id.
    pub id: HookId,
    /// Whose it is.
    pub tenant: TenantId,
    /// In which form it is told.
    pub style: HookStyle,
    /// Where.
    pub url: WebUrl,
    /// What it is called by its owner.
    pub name: String,
    /// Of what.
    pub filter: HookFilter,
    /// Why it is told nothing at the moment; `None` where it is told.
    pub disabled: Option<Disabled>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The form of what a hook is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookStyle {
    /// Standard Webhooks: JSON, signed in the headers. Tells of things of every dialect.
    Standard,
    /// The form of the vendor whose dialect this is. Tells of what that dialect opened.
    Vendor(Origin),
}

/// What a hook wants to be told of. An empty set stands for everything, also for what will be added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookFilter {
    /// About what.
    pub topics: BTreeSet<Topic>,
    /// What happened.
    pub actions: BTreeSet<Action>,
}

/// That a hook is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disabled {
    /// Why.
    pub why: DisabledWhy,
    /// Since when.
    pub at: Timestamp,
}

/// Why a hook is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledWhy {
    /// Its owner wished it.
    Owner,
    /// The operator wished it.
    Operator,
    /// It answered that it is gone (410).
    Gone,
}

impl HookFilter {
    /// Whether a hook of `style` wants to be told of `event`.
    pub fn wants(&self, style: HookStyle, event: &Event) -> bool {
        let speaks_it = match style {
            HookStyle::Standard => true,
            HookStyle::Vendor(origin) => origin == event.origin,
        };
        speaks_it
            && (self.topics.is_empty() || self.topics.contains(&event.kind.topic()))
            && (self.actions.is_empty() || self.actions.contains(&event.kind.action()))
    }
}

/// One event on its way to one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub hook: HookId,
    /// What is told.
    pub event: Event,
    /// How far it is.
    pub state: DeliveryState,
    /// Attempts that have ended, since it was last begun.
    pub attempts: u32,
    /// When it may be tried; `None` where it has ended, or waits for an earlier event of the same person.
    pub due_at: Option<Timestamp>,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
    /// Why the last attempt failed. Names no address and nothing of an answer.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits to be sent, or to be sent again.
    Pending,
    /// It was taken.
    Delivered,
    /// The last attempt failed.
    Dead,
    /// Nobody wants it any more.
    Cancelled,
}

/// How long is waited after each failed attempt, one entry for each further attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries(Vec<Duration>);

/// Most further attempts.
const MOST_RETRIES: usize = 20;
/// Longest wait before one.
const LONGEST_WAIT: Duration = Duration::from_hours(7 * 24);
/// The longest a hook rests.
const LONGEST_REST: Duration = Duration::from_mins(1);

impl Default for Retries {
    /// The example schedule of Standard Webhooks (spec/standard-webhooks.md, "Deliverability and reliability", read on
    /// 2026-11-21): 75 hours and 35 minutes.
    fn default() -> Self {
        let hours = Duration::from_hours;
        let first = [Duration::from_secs(5), Duration::from_mins(5), Duration::from_mins(30)];
        Self(first.into_iter().chain([2, 5, 10, 14, 20, 24].map(hours)).collect())
    }
}

impl Retries {
    /// `None` for more than 20 waits, or one that is longer than seven days.
    pub fn new(waits: Vec<Duration>) -> Option<Self> {
        let is_fine = waits.len() <= MOST_RETRIES && waits.iter().all(|wait| *wait <= LONGEST_WAIT);
        is_fine.then_some(Self(waits))
    }

    /// The waits, in their order.
    pub fn waits(&self) -> &[Duration] {
        &self.0
    }

    /// How long to wait after `failures` failed attempts, spread by a fifth to both sides by the random `spread`;
    /// `None` where there is no further attempt.
    pub fn wait(&self, failures: u32, spread: u8) -> Option<Duration> {
        let wait = self.0.get(usize::try_from(failures).ok()?.checked_sub(1)?)?;
        Some(wait.mul_f64(0.8 + 0.4 * f64::from(spread) / 255.0))
    }

    /// How long a hook is left alone once `failures` attempts in a row have failed, of whatever event: as long as an
    /// event that failed so often, a minute at most.
    pub fn rest(&self, failures: u32) -> Duration {
        let index = usize::try_from(failures).unwrap_or(usize::MAX).saturating_sub(1);
        let wait = self.0.get(index).or(self.0.last()).copied();
        wait.unwrap_or(LONGEST_REST).min(LONGEST_REST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{About, EnrollmentId, EventId, EventKind, SubjectId};

    fn event(kind: EventKind) -> Event {
        Event {
            id: EventId::from_bytes([1; 16]),
            tenant: TenantId::from_bytes([2; 16]),
            subject: SubjectId::from_bytes([3; 16]),
            origin: Origin::Truora,
            kind,
            about: About::Enrollment(EnrollmentId::from_bytes([4; 16])),
            at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn a_filter_lets_through_what_it_names_and_an_empty_one_everything() {
        let wants = |topics: &[Topic], actions: &[Action], kind| {
            let filter = HookFilter {
                topics: topics.iter().copied().collect(),
                actions: actions.iter().copied().collect(),
            };
            filter.wants(HookStyle::Vendor(Origin::Truora), &event(kind))
        };
        assert!(wants(&[], &[], EventKind::EnrollmentDeleted));
        assert!(wants(&[Topic::Enrollment], &[Action::Failed], EventKind::EnrollmentFailed));
        assert!(!wants(&[Topic::Enrollment], &[Action::Failed], EventKind::EnrollmentCreated));
        assert!(!wants(&[Topic::Enrollment], &[], EventKind::VerificationFailed));
    }

    #[test]
    fn the_standard_schedule_lasts_three_days() {
        let retries = Retries::default();
        assert_eq!(retries.waits().iter().sum::<Duration>(), Duration::from_secs(75 * 3600 + 35 * 60 + 5));
        assert_eq!((retries.wait(0, 0), retries.wait(10, 0)), (None, None));
        assert_eq!(retries.wait(1, 0), Some(Duration::from_secs(4)));
        assert_eq!(retries.wait(9, 255).map(|wait| wait.as_secs()), Some(24 * 3600 * 6 / 5));
    }

    #[test]
    fn a_hook_rests_a_minute_at_most() {
        let retries = Retries::default();
        assert_eq!([1, 2, 50].map(|failures| retries.rest(failures).as_secs()), [5, 60, 60]);
        assert_eq!(Retries::new(vec![]).unwrap().rest(3), Duration::from_mins(1));
        assert!(Retries::new(vec![Duration::ZERO; 21]).is_none());
        assert!(Retries::new(vec![LONGEST_WAIT + Duration::from_millis(1)]).is_none());
    }
}
