//! Goes at a challenge, and how frames that come again are found.

use domain::{ScanId, ScanState, TenantId};
use serde_json::json;
use store::{Digest, ScanRow};

use crate::fixture::{Fixture, OTHER, SUBJECT, TENANT, fixture, later, now, verification};

const FIRST: ScanId = ScanId::from_bytes([1; 16]);
const SECOND: ScanId = ScanId::from_bytes([2; 16]);

async fn with_two_scans() -> Fixture {
    let fixture = fixture().await;
    let verification = verification(1);
    fixture
        .write(async |tx| {
            assert!(tx.insert_verification(&verification, &json!(null)).await?);
            assert!(tx.insert_capture(&verification, Digest::from_bytes([9; 32]), now()).await?);
            for (id, number) in [(FIRST, 1), (SECOND, 2)] {
                let scan = ScanRow { id, number, state: ScanState::Running, started_at: now() };
                assert!(tx.insert_scan(&verification, &scan, &json!({})).await?);
            }
            Ok(())
        })
        .await;
    fixture
}

fn marks(numbers: std::ops::Range<u8>) -> Vec<Digest> {
    numbers.map(|number| Digest::from_bytes([number; 32])).collect()
}

async fn mark(fixture: &Fixture, tenant: TenantId, scan: ScanId, numbers: std::ops::Range<u8>) -> u64 {
    fixture.write(async |tx| tx.mark_frames(tenant, scan, &marks(numbers), later(5)).await).await
}

#[tokio::test]
async fn frames_of_another_scan_are_found_and_those_of_the_same_are_not() {
    let fixture = with_two_scans().await;
    assert_eq!(mark(&fixture, TENANT, FIRST, 0..40).await, 0);
    assert_eq!(mark(&fixture, TENANT, FIRST, 0..40).await, 0, "told twice");
    assert_eq!(mark(&fixture, TENANT, SECOND, 37..50).await, 3);
    // Found by both from now on, and never across tenants.
    assert_eq!(mark(&fixture, TENANT, FIRST, 45..60).await, 5);
    assert_eq!(mark(&fixture, OTHER, SECOND, 0..3).await, 0);
}

#[tokio::test]
async fn marks_are_forgotten_when_they_are_old_and_with_the_person() {
    let fixture = with_two_scans().await;
    mark(&fixture, TENANT, FIRST, 0..10).await;
    assert_eq!(fixture.write(async |tx| tx.delete_marks(later(5)).await).await, 0);
    assert_eq!(fixture.write(async |tx| tx.delete_marks(later(6)).await).await, 10);
    assert_eq!(mark(&fixture, TENANT, SECOND, 0..10).await, 0);

    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    assert_eq!(fixture.write(async |tx| tx.delete_marks(later(6)).await).await, 0, "nothing is left");
}

#[tokio::test]
async fn a_scan_ends_once() {
    let fixture = with_two_scans().await;
    let verification = verification(1);
    for (state, is_kept) in [(ScanState::Running, true), (ScanState::Lost, true), (ScanState::Passed, false)]
    {
        let saved = fixture
            .write(async |tx| tx.save_scan(&verification, FIRST, state, &json!({}), now()).await)
            .await;
        assert_eq!(saved, is_kept, "{state:?}");
    }
    let states: Vec<_> = fixture.read().await.scans(verification.id).await.unwrap();
    assert_eq!(
        states.iter().map(|scan| scan.state).collect::<Vec<_>>(),
        [ScanState::Lost, ScanState::Running]
    );
}
