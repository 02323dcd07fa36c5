//! The worker that tells hooks of events: it hands events on to the hooks that want them, and has each carried to its
//! hook until it is taken, or given up.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use domain::{
    About, Action, Delivery, DeliveryState, DisabledWhy, EnrollmentId, EnrollmentState, Event, Hook, HookId,
    Retries, Timestamp, VerificationState,
};
use store::{DeliveryLease, StoreError, Subject, Tx};
use tokio::task::JoinSet;
use tokio::time;

use super::hook_keys::HookKeys;
use super::jobs::chain;
use super::pages::PageLinks;
use super::{Service, hooks};
use crate::{ServiceError, VerificationView};

/// Attempts that are made at the same time.
const AT_ONCE: usize = 16;

/// Of these, to one hook. To a hook whose last attempt failed: one.
const AT_ONCE_PER_HOOK: usize = 4;

/// After which an attempt has failed, whatever the courier does. Well above the longest time-out that can be set.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(90);

/// For how long an attempt is this process's alone: longer than it can last, so that there is nothing to renew.
const LEASE: Duration = Duration::from_mins(3);

/// How often is looked when nothing rings: for events and replays of another process.
const IDLE: Duration = Duration::from_secs(2);

/// Events that are handed on in one transaction.
const BATCH: u32 = 200;

/// How long is known that something was taken or cancelled.
const KEPT: Duration = Duration::from_hours(30 * 24);

const TIDY_EVERY: Duration = Duration::from_hours(1);

/// Brings parcels to hooks. The server's part: only it knows HTTP and the forms of dialects.
pub trait Courier: Send + Sync + 'static {
    /// One attempt.
    fn carry(&self, parcel: Parcel) -> impl Future<Output = Carried> + Send;
}

/// What is to be told, and to whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// To whom.
    pub hook: Hook,
    /// With which keys it is signed.
    pub keys: HookKeys,
    /// What is told.
    pub occurrence: Occurrence,
    /// When this attempt began.
    pub now: Timestamp,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// The hook took it.
    Taken {
        /// The HTTP status.
        status: u16,
    },
    /// The hook wants nothing any more.
    Gone {
        /// The HTTP status.
        status: u16,
    },
    /// Not this time.
    Failed {
        /// The HTTP status, where there was an answer.
        status: Option<u16>,
        /// Why. Names no address, and nothing of the answer.
        error: String,
    },
}

/// An event, and the thing as it was right after.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// What happened.
    pub event: Event,
    /// To what.
    pub thing: Thing,
}

/// A thing as it was right after an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Thing {
    /// An enrollment.
    Enrollment(EnrollmentThen),
    /// A verification, without a link.
    Verification(Box<VerificationView>),
}

/// An enrollment right after an event.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrollmentThen {
    /// Its id.
    pub id: EnrollmentId,
    /// The person.
    pub subject: Subject,
    /// How far it was; `None` where it is deleted and nobody knows any more.
    pub state: Option<EnrollmentState>,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// How attempts to a hook went lately. Known to this process only: after a start each hook is tried anew.
#[derive(Debug, Default)]
struct Health {
    failures: u32,
    rests_until: Option<Timestamp>,
}

/// The attempts that run, and how their hooks are.
#[derive(Default)]
struct Round {
    running: JoinSet<bool>,
    hooks: HashMap<tokio::task::Id, HookId>,
    health: HashMap<HookId, Health>,
}

impl Round {
    /// Hooks to which nothing is to be sent now.
    fn resting(&self, now: Timestamp) -> Vec<HookId> {
        let mut busy: HashMap<HookId, usize> = HashMap::new();
        for hook in self.hooks.values() {
            *busy.entry(*hook).or_default() += 1;
        }
        let is_sick = |hook: &HookId| self.health.contains_key(hook);
        let full = busy.iter().filter(|(hook, running)| {
            let most = if is_sick(hook) { 1 } else { AT_ONCE_PER_HOOK };
            **running >= most
        });
        let resting =
            self.health.iter().filter(|(_, health)| health.rests_until.is_some_and(|until| until > now));
        full.map(|(hook, _)| *hook).chain(resting.map(|(hook, _)| *hook)).collect()
    }

    /// Waits for an attempt to end. Never returns where none runs.
    async fn next(&mut self, now: impl Fn() -> Timestamp, retries: &Retries) {
        let Some(ended) = self.running.join_next_with_id().await else { return std::future::pending().await };
        let (id, is_taken) = match ended {
            Ok((id, is_taken)) => (id, is_taken),
            Err(error) => (error.id(), false),
        };
        let Some(hook) = self.hooks.remove(&id) else { return };
        if is_taken {
            self.health.remove(&hook);
            return;
        }
        let health = self.health.entry(hook).or_default();
        health.failures = health.failures.saturating_add(1);
        health.rests_until = Some(now().plus(retries.rest(health.failures)));
    }

    /// When the first hook has rested enough.
    fn wakes_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.health.values().filter_map(|health| health.rests_until).filter(|until| *until > now).min()
    }
}

impl Service {
    /// Tells hooks of events until `stop`, then waits for attempts that run. To be called once, by the only server over
    /// the store.
    pub async fn run_deliveries(
        &self,
        courier: impl Courier,
        retries: Retries,
        stop: impl Future<Output = ()> + Send,
    ) {
        // Whoever made attempts before is gone: the caller sees to it that there is one server over a store.
        if let Err(error) = self.store().release_deliveries().await {
            tracing::error!(error = %chain(&error), "webhooks of the last run have to wait for their leases to lapse");
        }
        let tools = std::sync::Arc::new((courier, retries));
        let retries = &tools.1;
        let mut stop = std::pin::pin!(stop);
        let mut tidy = time::interval(TIDY_EVERY);
        let mut round = Round::default();
        loop {
            if let Err(error) = self.relay_all().await {
                tracing::error!(error = %chain(&error), "events cannot be handed on to hooks");
            }
            while round.running.len() < AT_ONCE {
                let resting = round.resting(self.now());
                match self.store().claim_delivery(&self.inner.node, self.now(), LEASE, &resting).await {
                    Ok(Some((delivery, lease))) => {
                        let (service, tools, hook) = (self.clone(), tools.clone(), delivery.hook);
                        let attempt =
                            async move { service.deliver(&tools.0, &tools.1, delivery, &lease).await };
                        let id = round.running.spawn(attempt).id();
                        round.hooks.insert(id, hook);
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(error = %chain(&error), "the queue of webhooks cannot be read");
                        break;
                    }
                }
            }
            let pause = self.until_next_delivery(&round).await;
            tokio::select! {
                () = &mut stop => break,
                () = round.next(|| self.now(), retries) => {}
                () = self.store().news() => {}
                () = time::sleep(pause) => {}
                _ = tidy.tick() => self.forget_deliveries().await,
            }
        }
        while round.running.join_next().await.is_some() {}
    }

    /// Hands all events on that nobody was told of yet.
    async fn relay_all(&self) -> Result<(), ServiceError> {
        loop {
            // Most looks find nothing: those must not wait for the writer, nor keep it waiting.
            let mut look = self.store().look().await?;
            let Some(from) = look.relayed().await? else { return Ok(()) };
            if look.events_after(from, 1).await?.is_empty() {
                return Ok(());
            }
            drop(look);
            self.relay().await?;
        }
    }

    /// Hands some events on: deliveries and the place in the sequence are kept together or not at all.
    async fn relay(&self) -> Result<(), ServiceError> {
        let mut tx = self.store().begin().await?;
        let Some(from) = tx.relayed().await? else { return Ok(()) };
        let mut last = from;
        for (sequence, event) in tx.events_after(from, BATCH).await? {
            for wish in tx.subscriptions(event.tenant).await? {
                if sequence > wish.since && wish.filter.wants(wish.style, &event) {
                    tx.insert_delivery(wish.hook, &event, sequence, self.now()).await?;
                }
            }
            last = sequence;
        }
        tx.set_relayed(last).await?;
        Ok(tx.commit().await?)
    }

    async fn until_next_delivery(&self, round: &Round) -> Duration {
        let now = self.now();
        let due = self.store().next_delivery_after(now).await.ok().flatten();
        let next = due.into_iter().chain(round.wakes_at(now)).min();
        next.map_or(IDLE, |next| next.since(now).clamp(Duration::from_millis(5), IDLE))
    }

    /// One attempt, and what follows from it. Whether it was taken.
    async fn deliver(
        &self,
        courier: &impl Courier,
        retries: &Retries,
        delivery: Delivery,
        lease: &DeliveryLease,
    ) -> bool {
        let carried = match time::timeout(LONGEST_ATTEMPT, self.attempt_delivery(courier, &delivery)).await {
            Ok(Ok(Some(carried))) => Some(carried),
            // The hook or the person is gone in the meantime, and the delivery with them.
            Ok(Ok(None)) => return true,
            Ok(Err(error)) => {
                tracing::error!(delivery = %delivery.id, error = %chain(&error), "a webhook cannot be made");
                None
            }
            Err(_) => None,
        };
        let carried = carried.unwrap_or_else(|| {
            let error = "the server could not send it: its log says why".to_owned();
            Carried::Failed { status: None, error }
        });
        if let Carried::Failed { status, error } = &carried {
            let attempt = delivery.attempts + 1;
            tracing::warn!(delivery = %delivery.id, hook = %delivery.hook, attempt, status, error, "a webhook was not taken");
        }
        // Where that fails the lease lapses, and the hook is told once more.
        if let Err(error) = self.settle(&delivery, lease, &carried, retries).await {
            tracing::error!(delivery = %delivery.id, error = %chain(&error), "the end of an attempt could not be kept");
        }
        matches!(carried, Carried::Taken { .. })
    }

    /// `None` where there is nobody to tell or nothing to tell of any more.
    async fn attempt_delivery(
        &self,
        courier: &impl Courier,
        delivery: &Delivery,
    ) -> Result<Option<Carried>, ServiceError> {
        let tenant = delivery.event.tenant;
        let mut tx = self.store().read().await?;
        let Some(hook) = tx.hook(tenant, delivery.hook).await? else { return Ok(None) };
        let keys = tx.hook_secrets(&hook).await?;
        let thing = match self.thing_after(&mut tx, &delivery.event).await {
            Ok(Some(thing)) => thing,
            Ok(None) | Err(ServiceError::Store(StoreError::ErasedSubject)) => return Ok(None),
            Err(error) => return Err(error),
        };
        drop(tx);
        let occurrence = Occurrence { event: delivery.event, thing };
        Ok(Some(courier.carry(Parcel { hook, keys, occurrence, now: self.now() }).await))
    }

    async fn settle(
        &self,
        delivery: &Delivery,
        lease: &DeliveryLease,
        carried: &Carried,
        retries: &Retries,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let is_ours = match carried {
            Carried::Taken { status } => {
                tx.end_delivery(lease, DeliveryState::Delivered, Some(*status), None, now).await?
            }
            Carried::Gone { status } => {
                let error = Some("the hook is gone and was disabled");
                let is_ours =
                    tx.end_delivery(lease, DeliveryState::Cancelled, Some(*status), error, now).await?;
                if is_ours && let Some(hook) = tx.hook(delivery.event.tenant, delivery.hook).await? {
                    let extra = tx.hook_extra(&hook).await?;
                    hooks::switch(&mut tx, hook, &extra, Some(DisabledWhy::Gone), now).await?;
                }
                is_ours
            }
            Carried::Failed { status, error } => {
                let spread = self.inner.entropy.bytes()?[0];
                match retries.wait(delivery.attempts + 1, spread) {
                    Some(wait) => tx.retry_delivery(lease, now.plus(wait), *status, error).await?,
                    None => tx.end_delivery(lease, DeliveryState::Dead, *status, Some(error), now).await?,
                }
            }
        };
        if is_ours { Ok(tx.commit().await?) } else { Ok(()) }
    }

    /// The thing of `event` as it was right after: never as it is now, should it have gone on since.
    async fn thing_after(&self, tx: &mut Tx, event: &Event) -> Result<Option<Thing>, ServiceError> {
        match event.about {
            About::Enrollment(id) => self.enrollment_after(tx, event, id).await,
            About::Verification(id) => {
                let Some(mut verification) = tx.verification(event.tenant, id).await? else {
                    return Ok(None);
                };
                let has_ended = event.kind.action() != Action::Created;
                if !has_ended {
                    verification.state = VerificationState::Capturing;
                    (verification.submitted_at, verification.ended_at) = (None, None);
                } else if verification.ended_at.is_none_or(|end| event.at < end) {
                    // It was restored since: only what had expired is.
                    verification.state = VerificationState::Expired;
                    (verification.submitted_at, verification.ended_at) = (None, Some(event.at));
                }
                let Some(subject) = tx.subject(event.tenant, event.subject).await? else { return Ok(None) };
                let was_judged = has_ended && verification.state != VerificationState::Expired;
                let judgement = if was_judged { tx.judgement(&verification).await? } else { None };
                let document = if was_judged { tx.document_judgement(&verification).await? } else { None };
                let extra = tx.extra(&verification).await?;
                let view = VerificationView {
                    verification,
                    subject,
                    judgement,
                    document,
                    // What is to be said is told to whoever asks for it, not by hooks.
                    token: None,
                    extra,
                    is_retried: false,
                    upload_link: None,
                    page_links: PageLinks::default(),
                };
                Ok(Some(Thing::Verification(Box::new(view))))
            }
            // Nobody is told of sessions: they are asked for.
            About::Session(_) => Ok(None),
        }
    }

    async fn enrollment_after(
        &self,
        tx: &mut Tx,
        event: &Event,
        id: EnrollmentId,
    ) -> Result<Option<Thing>, ServiceError> {
        let Some(subject) = tx.subject(event.tenant, event.subject).await? else { return Ok(None) };
        let enrollment = tx.enrollment(event.tenant, id).await?;
        let state = match event.kind.action() {
            Action::Created => Some(EnrollmentState::AwaitingReference),
            Action::Succeeded => Some(EnrollmentState::Enrolled),
            // The last state there is.
            Action::Failed => enrollment.as_ref().map(|enrollment| enrollment.state),
            Action::Deleted => None,
        };
        let created_at = match enrollment {
            Some(enrollment) => enrollment.created_at,
            // Its first event is its creation.
            None => tx.events(event.about).await?.first().map_or(event.at, |first| first.at),
        };
        Ok(Some(Thing::Enrollment(EnrollmentThen { id, subject, state, created_at })))
    }

    /// Deletes what nobody will ask for any more.
    async fn forget_deliveries(&self) {
        let before = self.now().as_millis().saturating_sub(KEPT.as_millis() as i64);
        let forgotten = async {
            let mut tx = self.store().begin().await?;
            tx.delete_ended_deliveries(Timestamp::from_millis(before)).await?;
            tx.commit().await
        };
        if let Err(error) = forgotten.await {
            tracing::error!(error = %chain(&error), "old webhooks could not be deleted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(number: u8) -> HookId {
        HookId::from_bytes([number; 16])
    }

    #[tokio::test]
    async fn a_hook_that_fails_rests_and_is_tried_one_by_one() {
        let now = Timestamp::from_millis(1_000);
        let retries = Retries::new(vec![Duration::from_secs(1), Duration::from_secs(2)]).unwrap();
        let mut round = Round::default();
        let begin = |round: &mut Round, number, is_taken: bool| {
            let id = round.running.spawn(async move { is_taken }).id();
            round.hooks.insert(id, hook(number));
        };
        for _ in 0..AT_ONCE_PER_HOOK {
            assert!(round.resting(now).is_empty());
            begin(&mut round, 1, true);
        }
        assert_eq!(round.resting(now), [hook(1)]);
        round.next(|| now, &retries).await;
        assert!(round.resting(now).is_empty());

        let mut round = Round::default();
        begin(&mut round, 1, false);
        round.next(|| now, &retries).await;
        let (rested, woken) = (now.plus(Duration::from_millis(999)), now.plus(Duration::from_secs(1)));
        assert_eq!((round.resting(rested), round.wakes_at(now)), (vec![hook(1)], Some(woken)));
        assert!(round.resting(woken).is_empty());
        begin(&mut round, 1, true);
        assert_eq!(round.resting(woken), [hook(1)]);
        round.next(|| woken, &retries).await;
        begin(&mut round, 1, true);
        assert!(round.resting(woken).is_empty(), "it is well again");
    }

    #[tokio::test]
    async fn an_attempt_that_panics_counts_as_failed() {
        let mut round = Round::default();
        let id = round.running.spawn(async { panic!("about nobody") }).id();
        round.hooks.insert(id, hook(1));
        let now = Timestamp::from_millis(0);
        round.next(|| now, &Retries::default()).await;
        assert!(round.hooks.is_empty());
        assert_eq!(round.resting(now), [hook(1)]);
    }
}
