//! The queue.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{About, JobId};
use store::{Job, JobKind, Lease};

use crate::fixture::{Fixture, TENANT, fixture, later, now, verification};

const LEASE: Duration = Duration::from_secs(1);
const ALL: &[JobKind] =
    &[JobKind::Judge, JobKind::ExpireVerification, JobKind::ExpireEnrollment, JobKind::CloseRetryWindow];

fn job(number: u16, kind: JobKind) -> Job {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    Job {
        id: JobId::from_bytes(id),
        kind,
        tenant: TENANT,
        about: About::Verification(verification(1).id),
        attempts: 0,
        failures: 0,
        run_at: later(u64::from(number)),
        created_at: now(),
    }
}

fn claimed(job: &Job, attempts: u32) -> Job {
    Job { attempts, ..job.clone() }
}

async fn enqueue(fixture: &Fixture, jobs: &[Job]) {
    fixture
        .write(async |tx| {
            for job in jobs {
                tx.enqueue(job).await?;
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn due_jobs_are_claimed_oldest_first_each_once() {
    let fixture = fixture().await;
    let jobs = [job(20, JobKind::Judge), job(10, JobKind::CloseRetryWindow), job(900, JobKind::Judge)];
    enqueue(&fixture, &jobs).await;
    assert_eq!(fixture.store.next_due(ALL).await.unwrap(), Some(later(10)));
    assert_eq!(fixture.store.next_due(&[JobKind::Judge]).await.unwrap(), Some(later(20)));
    let (first, lease) = fixture.store.claim("a", ALL, later(20), LEASE).await.unwrap().unwrap();
    assert_eq!((&first, lease.job, lease.node.as_str()), (&claimed(&jobs[1], 1), first.id, "a"));
    let (second, _) = fixture.store.claim("b", ALL, later(20), LEASE).await.unwrap().unwrap();
    assert_eq!(second, claimed(&jobs[0], 1));
    assert!(fixture.store.claim("a", ALL, later(20), LEASE).await.unwrap().is_none());
    assert_eq!(fixture.store.next_due(ALL).await.unwrap(), Some(later(900)));
    assert_eq!(fixture.store.jobs_waiting().await.unwrap(), 3);
}

#[tokio::test]
async fn a_worker_gets_the_kinds_it_asks_for() {
    let fixture = fixture().await;
    enqueue(&fixture, &[job(1, JobKind::ExpireEnrollment), job(2, JobKind::Judge)]).await;
    let claim = async |kinds| fixture.store.claim("a", kinds, later(9), LEASE).await.unwrap();
    assert!(claim(&[]).await.is_none());
    assert!(claim(&[JobKind::ExpireVerification]).await.is_none());
    let judge = claim(&[JobKind::ExpireVerification, JobKind::Judge]).await.unwrap();
    assert_eq!(judge.0.kind, JobKind::Judge);
}

#[tokio::test]
async fn a_job_is_not_there_before_its_transaction_is_committed() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    tx.enqueue(&job(1, JobKind::Judge)).await.unwrap();
    assert!(fixture.store.claim("a", ALL, later(9), LEASE).await.unwrap().is_none());
    tx.commit().await.unwrap();
    assert!(fixture.store.claim("a", ALL, later(9), LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn a_lapsed_lease_is_claimed_again_and_its_first_holder_is_refused() {
    let fixture = fixture().await;
    enqueue(&fixture, &[job(1, JobKind::Judge)]).await;
    let (_, first) = fixture.store.claim("a", ALL, later(1), LEASE).await.unwrap().unwrap();
    assert!(fixture.store.claim("b", ALL, later(1_001), LEASE).await.unwrap().is_none());
    assert_eq!(fixture.store.next_due(ALL).await.unwrap(), Some(later(1_002)));
    // Even the same node is another holder.
    let (again, second) = fixture.store.claim("a", ALL, later(1_002), LEASE).await.unwrap().unwrap();
    assert_eq!(again.attempts, 2);
    assert!(!fixture.store.heartbeat(&first, later(1_003), LEASE).await.unwrap());
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(!tx.finish_job(&first).await.unwrap());
    assert!(!tx.retry_job(&first, later(5), "late").await.unwrap());
    assert!(!tx.bury_job(&first, "late", later(5)).await.unwrap());
    assert!(tx.finish_job(&second).await.unwrap());
    assert!(!tx.finish_job(&second).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(fixture.store.jobs_waiting().await.unwrap(), 0);
    assert_eq!(fixture.store.next_due(ALL).await.unwrap(), None);
}

#[tokio::test]
async fn a_heartbeat_holds_a_job() {
    let fixture = fixture().await;
    enqueue(&fixture, &[job(1, JobKind::Judge)]).await;
    let (_, lease) = fixture.store.claim("a", ALL, later(1), LEASE).await.unwrap().unwrap();
    assert!(fixture.store.heartbeat(&lease, later(900), LEASE).await.unwrap());
    assert!(fixture.store.claim("b", ALL, later(1_900), LEASE).await.unwrap().is_none());
    assert!(fixture.store.claim("b", ALL, later(1_901), LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn a_job_that_is_enqueued_claimed_is_its_nodes_own_until_the_lease_lapses() {
    let fixture = fixture().await;
    let new = job(1, JobKind::Judge);
    let lease = Lease::new(new.id, "a", later(500)).unwrap();
    fixture.write(async |tx| tx.enqueue_claimed(&new, &lease).await).await;
    assert!(fixture.store.claim("b", ALL, later(500), LEASE).await.unwrap().is_none());
    let (again, other) = fixture.store.claim("b", ALL, later(501), LEASE).await.unwrap().unwrap();
    assert_eq!(again, claimed(&new, 2));
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(!tx.finish_job(&lease).await.unwrap());
    assert!(tx.finish_job(&other).await.unwrap());
}

#[tokio::test]
async fn a_worker_that_starts_alone_takes_the_jobs_of_the_one_that_stopped() {
    let fixture = fixture().await;
    enqueue(&fixture, &[job(1, JobKind::Judge), job(2, JobKind::Judge)]).await;
    let (_, stopped) = fixture.store.claim("a", ALL, later(1), LEASE).await.unwrap().unwrap();
    assert_eq!(fixture.store.release_leases(later(5)).await.unwrap(), 1);
    assert!(!fixture.store.heartbeat(&stopped, later(5), LEASE).await.unwrap());
    let (again, _) = fixture.store.claim("b", ALL, later(5), LEASE).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempts), (stopped.job, 2));
}

#[tokio::test]
async fn a_failed_job_is_tried_again_and_then_buried() {
    let fixture = fixture().await;
    let new = job(1, JobKind::Judge);
    enqueue(&fixture, std::slice::from_ref(&new)).await;
    let (_, lease) = fixture.store.claim("a", ALL, later(1), LEASE).await.unwrap().unwrap();
    assert!(fixture.write(async |tx| tx.retry_job(&lease, later(60), "no memory").await).await);
    assert!(fixture.store.claim("a", ALL, later(59), LEASE).await.unwrap().is_none());
    let (second, lease) = fixture.store.claim("a", ALL, later(60), LEASE).await.unwrap().unwrap();
    assert_eq!(second, Job { attempts: 2, failures: 1, run_at: later(60), ..new });
    assert!(fixture.write(async |tx| tx.bury_job(&lease, "still none", later(61)).await).await);
    assert_eq!(fixture.store.jobs_waiting().await.unwrap(), 0);
    let dead = fixture.store.dead_jobs().await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((&dead[0].job, dead[0].error.as_str(), dead[0].buried_at), (&second, "still none", later(61)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_claimers_never_get_one_job_twice() {
    let fixture = fixture().await;
    let jobs: Vec<Job> = (0..200).map(|number| job(number, JobKind::Judge)).collect();
    enqueue(&fixture, &jobs).await;
    // As two processes.
    let second = store::Store::open_existing(fixture.dir()).await.unwrap();
    let claimers = (0..8).map(|node| {
        let store = if node % 2 == 0 { fixture.store.clone() } else { second.clone() };
        tokio::spawn(async move {
            let mut mine = Vec::new();
            while let Some((job, lease)) =
                store.claim(&node.to_string(), ALL, later(1_000), LEASE).await.unwrap()
            {
                mine.push(job.id);
                let mut tx = store.begin().await.unwrap();
                assert!(tx.finish_job(&lease).await.unwrap());
                tx.commit().await.unwrap();
            }
            mine
        })
    });
    let mut all = Vec::new();
    for claimer in claimers.collect::<Vec<_>>() {
        all.extend(claimer.await.unwrap());
    }
    assert_eq!(all.len(), 200);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 200);
}
