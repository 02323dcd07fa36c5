//! Lists of names, and hits that were cleared.

use domain::screening::ListEntry;
use store::{ClearedHit, Digest, LoadedList, Store};

use crate::fixture::{OTHER, TENANT, fixture, later, now};

fn entries(source: &str, count: usize) -> Vec<ListEntry> {
    let entry = |number: usize| ListEntry {
        source: source.to_owned(),
        case_no: number.to_string(),
        case_year: Some(2020),
        record_date: Some("2020-01-02".to_owned()),
        names: vec![format!("{source} {number}"), "طارق منصور".to_owned()],
        id_numbers: Vec::new(),
        born: vec!["1970..1972".parse().unwrap()],
    };
    (0..count).map(entry).collect()
}

async fn all(store: &Store) -> Vec<ListEntry> {
    let mut tx = store.read().await.unwrap();
    let (mut all, mut place) = (Vec::new(), None);
    while let Some((part, next)) = tx.watchlist_entries(place.as_ref(), 700).await.unwrap() {
        assert!(part.len() <= 700);
        all.extend(part);
        place = Some(next);
    }
    all
}

#[tokio::test]
async fn a_list_replaces_the_one_of_its_source_and_no_other() {
    let fixture = fixture().await;
    let (first, own) = (entries("un", 2_500), entries("own", 3));
    fixture.write(async |tx| tx.replace_watchlist("un", &first, now()).await).await;
    fixture.write(async |tx| tx.replace_watchlist("own", &own, now()).await).await;
    assert_eq!(all(&fixture.store).await, [own.clone(), first].concat());
    let second = entries("un", 1_001);
    fixture.write(async |tx| tx.replace_watchlist("un", &second, later(5)).await).await;
    assert_eq!(all(&fixture.store).await, [own, second].concat());
    let lists = fixture.read().await.watchlists().await.unwrap();
    let list =
        |source: &str, entries, loaded_at| LoadedList { source: source.to_owned(), entries, loaded_at };
    assert_eq!(lists, [list("own", 3, now()), list("un", 1_001, later(5))]);
}

#[tokio::test]
async fn every_change_has_a_number_and_one_that_is_dropped_has_none() {
    let fixture = fixture().await;
    let sequence = async || fixture.store.look().await.unwrap().watchlist_sequence().await.unwrap();
    assert_eq!(sequence().await, 0);
    fixture.write(async |tx| tx.replace_watchlist("un", &entries("un", 1), now()).await).await;
    let loaded = sequence().await;
    assert!(loaded > 0);
    let mut tx = fixture.store.begin().await.unwrap();
    tx.replace_watchlist("un", &[], now()).await.unwrap();
    drop(tx);
    assert_eq!((sequence().await, all(&fixture.store).await.len()), (loaded, 1));
    assert!(fixture.write(async |tx| tx.delete_watchlist("un").await).await);
    assert!(sequence().await > loaded && all(&fixture.store).await.is_empty());
    assert!(!fixture.write(async |tx| tx.delete_watchlist("un").await).await);
}

#[tokio::test]
async fn a_cleared_hit_is_one_tenants_and_one_persons() {
    let fixture = fixture().await;
    let digest = |byte| Digest::from_bytes([byte; 32]);
    let hit = ClearedHit {
        person: digest(1),
        source: "un".to_owned(),
        case_no: "7".to_owned(),
        entry: digest(2),
        cleared_at: now(),
    };
    fixture.write(async |tx| tx.clear_hit(TENANT, &hit).await).await;
    let again = ClearedHit { entry: digest(3), ..hit.clone() };
    fixture.write(async |tx| tx.clear_hit(TENANT, &again).await).await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.cleared_hits(TENANT, digest(1)).await.unwrap(), [again]);
    assert!(tx.cleared_hits(TENANT, digest(9)).await.unwrap().is_empty());
    assert!(tx.cleared_hits(OTHER, digest(1)).await.unwrap().is_empty());
    drop(tx);
    assert!(!fixture.write(async |tx| tx.unclear_hit(OTHER, digest(1), "un", "7").await).await);
    assert!(fixture.write(async |tx| tx.unclear_hit(TENANT, digest(1), "un", "7").await).await);
    assert!(fixture.read().await.cleared_hits(TENANT, digest(1)).await.unwrap().is_empty());
}
