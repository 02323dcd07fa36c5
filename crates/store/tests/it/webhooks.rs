//! Hooks and what is on its way to them.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{
    About, Action, Delivery, DeliveryState, Disabled, DisabledWhy, Event, EventId, Hook, HookFilter, HookId,
    HookStyle, Origin, SubjectId, Topic, WebUrl,
};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};
use store::{DeliveryLease, Page, Replay, Store, Tx};

use crate::fixture::{Fixture, OTHER, SUBJECT, TENANT, enrollment, event, fixture, later, now, tenant};

const LEASE: Duration = Duration::from_mins(1);
const SECOND: SubjectId = SubjectId::from_bytes([9; 16]);
const URL: &str = "https://hooks.example/path?token=of-the-url";
const KEY: &str = "the-key-that-signs";

pub(crate) fn hook(number: u8) -> Hook {
    Hook {
        id: HookId::from_bytes([number; 16]),
        tenant: TENANT,
        style: HookStyle::Vendor(Origin::Truora),
        url: WebUrl::parse(URL).unwrap(),
        name: "billing".to_owned(),
        filter: HookFilter::default(),
        disabled: None,
        created_at: later(u64::from(number)),
        updated_at: later(u64::from(number)),
    }
}

pub(crate) async fn add_hook(fixture: &Fixture, hook: &Hook) {
    fixture
        .write(async |tx| tx.insert_hook(hook, &json!({"key": KEY}), &json!({"language": "es"})).await)
        .await;
}

/// Hands on what happened, as the relay does.
pub(crate) async fn relay(tx: &mut Tx) -> store::Result<()> {
    let Some(from) = tx.relayed().await? else { return Ok(()) };
    for (sequence, event) in tx.events_after(from, 100).await? {
        for wish in tx.subscriptions(event.tenant).await? {
            if sequence > wish.since && wish.filter.wants(wish.style, &event) {
                tx.insert_delivery(wish.hook, &event, sequence, now()).await?;
            }
        }
        tx.set_relayed(sequence).await?;
    }
    Ok(())
}

/// Lets something happen to a person, and hands it on.
async fn happen(fixture: &Fixture, number: u8, subject: SubjectId) -> Event {
    let happened = Event { subject, ..event(number, About::Enrollment(enrollment(1).id)) };
    fixture.write(async |tx| tx.append_event(&happened).await).await;
    fixture.write(relay).await;
    happened
}

async fn claim(store: &Store, millis: u64) -> Option<(Delivery, DeliveryLease)> {
    store.claim_delivery("a", later(millis), LEASE, &[]).await.unwrap()
}

async fn claimed(fixture: &Fixture, millis: u64) -> (Delivery, DeliveryLease) {
    claim(&fixture.store, millis).await.unwrap()
}

async fn end(fixture: &Fixture, lease: &DeliveryLease, state: DeliveryState) -> bool {
    fixture.write(async |tx| tx.end_delivery(lease, state, Some(200), None, later(50)).await).await
}

async fn listed(fixture: &Fixture, state: DeliveryState) -> Vec<EventId> {
    let page = Page::first(99);
    let found = fixture.read().await.deliveries(TENANT, None, Some(state), &page).await.unwrap();
    let mut ids: Vec<_> = found.iter().map(|delivery| delivery.event.id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn a_hook_reads_back_what_was_kept_and_hides_it_on_the_disk() {
    let fixture = fixture().await;
    let filter = HookFilter {
        topics: BTreeSet::from([Topic::Enrollment]),
        actions: BTreeSet::from([Action::Deleted]),
    };
    let first = Hook { filter, ..hook(1) };
    let second = Hook { style: HookStyle::Standard, ..hook(2) };
    add_hook(&fixture, &first).await;
    add_hook(&fixture, &second).await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.hook(TENANT, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(tx.hook_secrets::<Value>(&first).await.unwrap()["key"], KEY);
    assert_eq!(tx.hook_extra(&first).await.unwrap()["language"], "es");
    assert_eq!(tx.hooks(TENANT, None, &Page::first(9)).await.unwrap(), [second.clone(), first.clone()]);
    assert_eq!(tx.hooks(TENANT, Some(HookStyle::Standard), &Page::first(9)).await.unwrap(), [second]);
    assert_eq!(tx.count_hooks(TENANT).await.unwrap(), 2);
    drop(tx);

    let disabled = Some(Disabled { why: DisabledWhy::Gone, at: later(7) });
    let changed = Hook { name: "other".to_owned(), disabled, updated_at: later(7), ..first };
    fixture.write(async |tx| tx.save_hook(&changed, &json!({"language": "pt"})).await).await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.hook(TENANT, changed.id).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(tx.hook_secrets::<Value>(&changed).await.unwrap()["key"], KEY);
    drop(tx);
    for name in ["bonafide.db", "bonafide.db-wal"] {
        let bytes = std::fs::read(fixture.dir().join(name)).unwrap();
        for secret in ["hooks.example", "of-the-url", KEY] {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "{secret} in {name}"
            );
        }
    }
}

#[tokio::test]
async fn another_tenant_sees_and_changes_nothing() {
    let fixture = fixture().await;
    add_hook(&fixture, &hook(1)).await;
    happen(&fixture, 1, SUBJECT).await;
    let (delivery, _) = claimed(&fixture, 0).await;
    let mut tx = fixture.store.begin().await.unwrap();
    let all = Replay::default();
    assert_eq!(tx.hook(OTHER, hook(1).id).await.unwrap(), None);
    assert_eq!(tx.hooks(OTHER, None, &Page::first(9)).await.unwrap(), []);
    assert_eq!(tx.delivery(OTHER, delivery.id).await.unwrap(), None);
    assert_eq!(tx.deliveries(OTHER, None, None, &Page::first(9)).await.unwrap(), []);
    assert_eq!(tx.cancel_deliveries(OTHER, hook(1).id, now()).await.unwrap(), 0);
    assert_eq!(tx.replay_deliveries(OTHER, &all, now()).await.unwrap(), 0);
    assert!(!tx.delete_hook(OTHER, hook(1).id).await.unwrap());
    assert!(tx.save_hook(&Hook { tenant: OTHER, ..hook(1) }, &Value::Null).await.is_err());
    assert!(tx.subscriptions(OTHER).await.unwrap().is_empty());
    assert!(tx.hook(TENANT, hook(1).id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_hook_is_told_of_what_happens_after_it_was_made_and_while_it_is_enabled() {
    let fixture = fixture().await;
    let append = async |number| {
        let happened = event(number, About::Enrollment(enrollment(1).id));
        fixture.write(async |tx| tx.append_event(&happened).await).await;
    };
    append(1).await;
    add_hook(&fixture, &hook(1)).await;
    append(2).await;
    fixture.write(relay).await;
    fixture.write(relay).await;
    assert_eq!(listed(&fixture, DeliveryState::Pending).await, [EventId::from_bytes([2; 16])]);

    let disabled = Some(Disabled { why: DisabledWhy::Owner, at: now() });
    fixture.write(async |tx| tx.save_hook(&Hook { disabled, ..hook(1) }, &Value::Null).await).await;
    append(3).await;
    // It was not handed on yet when the hook is enabled again.
    fixture.write(async |tx| tx.save_hook(&hook(1), &Value::Null).await).await;
    append(4).await;
    fixture.write(relay).await;
    let told = [2, 4].map(|number| EventId::from_bytes([number; 16]));
    assert_eq!(listed(&fixture, DeliveryState::Pending).await, told);
}

#[tokio::test]
async fn a_revoked_tenants_hooks_are_told_nothing() {
    let fixture = fixture().await;
    add_hook(&fixture, &hook(1)).await;
    happen(&fixture, 1, SUBJECT).await;
    let revoked = store::Tenant { revoked_at: Some(now()), ..tenant(TENANT) };
    fixture.write(async |tx| tx.save_tenant(&revoked).await).await;
    assert!(claim(&fixture.store, 0).await.is_none());
    happen(&fixture, 2, SUBJECT).await;
    assert_eq!(listed(&fixture, DeliveryState::Pending).await.len(), 1);
}

#[tokio::test]
async fn events_of_one_person_reach_a_hook_one_after_the_other() {
    let fixture = fixture().await;
    fixture.add_subject(SECOND, "second").await;
    for number in [1, 2] {
        add_hook(&fixture, &hook(number)).await;
    }
    happen(&fixture, 1, SUBJECT).await;
    happen(&fixture, 2, SUBJECT).await;
    happen(&fixture, 3, SECOND).await;
    // The first event of each person, for both hooks.
    let mut leases = Vec::new();
    let mut first = BTreeSet::new();
    while let Some((delivery, lease)) = claim(&fixture.store, 0).await {
        first.insert((delivery.hook, delivery.event.id));
        leases.push((delivery, lease));
    }
    let expected = [1, 2].into_iter().flat_map(|hook_number| {
        [1, 3].map(|number| (hook(hook_number).id, EventId::from_bytes([number; 16])))
    });
    assert_eq!(first, expected.collect());
    // Neither a failed attempt nor another hook's success lets the next one go.
    let find = |hook_number, number| {
        let wanted = (hook(hook_number).id, EventId::from_bytes([number; 16]));
        &leases.iter().find(|(delivery, _)| (delivery.hook, delivery.event.id) == wanted).unwrap().1
    };
    assert!(fixture.write(async |tx| tx.retry_delivery(find(1, 1), later(900), Some(500), "no").await).await);
    assert!(end(&fixture, find(2, 1), DeliveryState::Delivered).await);
    let (next, lease) = claimed(&fixture, 60).await;
    assert_eq!((next.hook, next.event.id), (hook(2).id, EventId::from_bytes([2; 16])));
    assert!(claim(&fixture.store, 60).await.is_none());
    assert!(end(&fixture, &lease, DeliveryState::Delivered).await);
    // A dead one lets it go.
    let (again, lease) = claimed(&fixture, 900).await;
    assert_eq!((again.event.id, again.attempts, again.status), (EventId::from_bytes([1; 16]), 1, Some(500)));
    assert!(end(&fixture, &lease, DeliveryState::Dead).await);
    assert_eq!(claimed(&fixture, 900).await.0.event.id, EventId::from_bytes([2; 16]));
}

#[tokio::test]
async fn a_lapsed_lease_is_claimed_again_and_its_first_holder_is_refused() {
    let fixture = fixture().await;
    add_hook(&fixture, &hook(1)).await;
    happen(&fixture, 1, SUBJECT).await;
    let (_, first) = claimed(&fixture, 0).await;
    assert!(claim(&fixture.store, 60_000).await.is_none());
    let (_, second) = claimed(&fixture, 60_001).await;
    assert!(!end(&fixture, &first, DeliveryState::Delivered).await);
    assert!(!fixture.write(async |tx| tx.retry_delivery(&first, now(), None, "late").await).await);
    assert_eq!(fixture.store.release_deliveries().await.unwrap(), 1);
    assert!(!end(&fixture, &second, DeliveryState::Delivered).await);
    let (_, third) = claimed(&fixture, 60_001).await;
    assert!(end(&fixture, &third, DeliveryState::Delivered).await);
    assert!(!end(&fixture, &third, DeliveryState::Delivered).await);
}

#[tokio::test]
async fn a_resting_or_disabled_hook_does_not_hold_up_the_others() {
    let fixture = fixture().await;
    for number in [1, 2] {
        add_hook(&fixture, &hook(number)).await;
    }
    happen(&fixture, 1, SUBJECT).await;
    let rest = [hook(1).id];
    let claim = async || fixture.store.claim_delivery("a", now(), LEASE, &rest).await.unwrap();
    assert_eq!(claim().await.unwrap().0.hook, hook(2).id);
    assert!(claim().await.is_none());
    let disabled = Some(Disabled { why: DisabledWhy::Operator, at: now() });
    fixture.write(async |tx| tx.save_hook(&Hook { disabled, ..hook(1) }, &Value::Null).await).await;
    assert!(fixture.store.claim_delivery("a", now(), LEASE, &[]).await.unwrap().is_none());
}

#[tokio::test]
async fn the_next_time_to_look_is_that_of_the_next_attempt() {
    let fixture = fixture().await;
    assert_eq!(fixture.store.next_delivery_after(now()).await.unwrap(), None);
    add_hook(&fixture, &hook(1)).await;
    happen(&fixture, 1, SUBJECT).await;
    let (_, lease) = claimed(&fixture, 0).await;
    fixture.write(async |tx| tx.retry_delivery(&lease, later(700), None, "no").await).await;
    assert_eq!(fixture.store.next_delivery_after(now()).await.unwrap(), Some(later(700)));
    assert_eq!(fixture.store.next_delivery_after(later(700)).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_cancelled_or_dead_begins_anew_in_its_order() {
    let fixture = fixture().await;
    add_hook(&fixture, &hook(1)).await;
    for number in [1, 2, 3] {
        happen(&fixture, number, SUBJECT).await;
    }
    let (_, lease) = claimed(&fixture, 0).await;
    assert!(end(&fixture, &lease, DeliveryState::Dead).await);
    let (second, held) = claimed(&fixture, 60).await;
    let replay = async |which: Replay| {
        fixture.write(async |tx| tx.replay_deliveries(TENANT, &which, later(100)).await).await
    };
    assert_eq!(
        replay(Replay { delivery: Some(second.id), ..Replay::default() }).await,
        0,
        "it has not ended"
    );
    assert_eq!(replay(Replay { since: Some(later(1)), ..Replay::default() }).await, 0, "it happened before");
    assert_eq!(replay(Replay { hook: Some(hook(1).id), dead_only: true, ..Replay::default() }).await, 1);
    // The second one waits for the first once more, should its attempt fail.
    assert!(fixture.write(async |tx| tx.retry_delivery(&held, later(100), None, "no").await).await);
    let (first, lease) = claimed(&fixture, 100).await;
    assert_eq!((first.event.id, first.attempts), (EventId::from_bytes([1; 16]), 0));
    assert!(end(&fixture, &lease, DeliveryState::Delivered).await);

    assert_eq!(fixture.write(async |tx| tx.cancel_deliveries(TENANT, hook(1).id, later(200)).await).await, 2);
    assert!(claim(&fixture.store, 900).await.is_none());
    assert_eq!(replay(Replay::default()).await, 3);
    assert_eq!(claimed(&fixture, 900).await.0.event.id, EventId::from_bytes([1; 16]));
}

#[tokio::test]
async fn what_was_taken_is_forgotten_and_what_is_dead_stays() {
    let fixture = fixture().await;
    add_hook(&fixture, &hook(1)).await;
    for (number, state) in
        [(1, DeliveryState::Delivered), (2, DeliveryState::Dead), (3, DeliveryState::Cancelled)]
    {
        happen(&fixture, number, SUBJECT).await;
        let (_, lease) = claimed(&fixture, 60).await;
        assert!(end(&fixture, &lease, state).await);
    }
    let forget = async |before| fixture.write(async |tx| tx.delete_ended_deliveries(before).await).await;
    assert_eq!(forget(later(50)).await, 0);
    assert_eq!(forget(later(51)).await, 2);
    assert_eq!(listed(&fixture, DeliveryState::Dead).await, [EventId::from_bytes([2; 16])]);
    // The relay has gone on: nothing is sent twice.
    fixture.write(relay).await;
    assert!(claim(&fixture.store, 900).await.is_none());
    assert!(fixture.write(async |tx| tx.delete_hook(TENANT, hook(1).id).await).await);
    assert!(listed(&fixture, DeliveryState::Dead).await.is_empty());
}

#[tokio::test]
async fn events_of_before_the_hooks_are_told_to_nobody() {
    let fixture = fixture().await;
    happen(&fixture, 1, SUBJECT).await;
    assert_eq!(fixture.read().await.relayed().await.unwrap(), None);
    // As a database of before has it, to which the migration adds the tables.
    let mut raw =
        SqliteConnectOptions::new().filename(fixture.dir().join("bonafide.db")).connect().await.unwrap();
    sqlx::raw_sql(
        "DROP TABLE deliveries; DROP TABLE hooks; DROP TABLE relay; DELETE FROM _sqlx_migrations WHERE version = 2;",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    let reopened = Store::open(fixture.dir()).await.unwrap();
    let handed_on =
        sqlx::query("SELECT relay.sequence = MAX(events.sequence) AS all_of_them FROM relay, events");
    assert!(handed_on.fetch_one(&mut raw).await.unwrap().get::<bool, _>("all_of_them"));
    drop(reopened);
}

#[tokio::test]
async fn a_kept_event_rings_and_one_that_is_undone_does_not() {
    let fixture = fixture().await;
    let undone = async {
        let mut tx = fixture.store.begin().await.unwrap();
        tx.append_event(&event(1, About::Enrollment(enrollment(1).id))).await.unwrap();
    };
    undone.await;
    let rings = async || tokio::time::timeout(Duration::from_millis(50), fixture.store.news()).await.is_ok();
    assert!(!rings().await);
    happen(&fixture, 2, SUBJECT).await;
    assert!(rings().await);
    assert!(!rings().await);
}
