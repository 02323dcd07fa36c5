//! Names looked up in the lists of a store, by the service that a server has.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;
use std::sync::Arc;

use app::{NewTenant, NotScreened, Screening, Service, ServiceOptions, Store, Watchlist};
use assets::Fetch;
use domain::screening::{ListEntry, Query};
use domain::{Clock, Similarity, TenantId, Timestamp};

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_219_200_000)
    }
}

/// A service over `folder`. It needs no models.
async fn service(folder: &Path) -> Service {
    let assets = assets::Store::open(Some(folder.join("assets")), Fetch::Offline).unwrap();
    let store = Store::open(&folder.join("data")).await.unwrap();
    let options = ServiceOptions { at_once: 1, queue: 4 };
    Service::open(options, store, assets, Arc::new(Fixed)).await.unwrap()
}

async fn tenant(service: &Service, name: &str) -> TenantId {
    let new = NewTenant {
        name: name.to_owned(),
        plan: "standard".to_owned(),
        allowed_origins: vec![],
        similarity_floor_fmr: 1e-2,
        evidence_days: 0,
    };
    service.admin().create_tenant(new).await.unwrap().id
}

fn list(names: &[&str]) -> Watchlist {
    let entry = |(name, number): (&&str, u32)| ListEntry {
        source: "own".to_owned(),
        case_no: number.to_string(),
        case_year: None,
        record_date: None,
        names: vec![(*name).to_owned()],
        id_numbers: vec![],
        born: vec![],
    };
    Watchlist { source: "own".to_owned(), entries: names.iter().zip(1..).map(entry).collect() }
}

fn query(name: &str) -> Query {
    Query { names: vec![name.to_owned()], id_number: None, born: None }
}

/// The names of the hits, and of those that were cleared.
async fn names(service: &Service, tenant: TenantId, name: &str) -> [Vec<String>; 2] {
    let Screening::Screened { hits, cleared } = service.screen(tenant, query(name), None).await.unwrap()
    else {
        panic!("nobody was looked up")
    };
    [hits, cleared].map(|hits| hits.iter().map(|hit| hit.entry.full_name().to_owned()).collect())
}

#[tokio::test]
async fn without_a_list_or_a_name_nobody_is_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path()).await;
    let one = tenant(&service, "one").await;
    let screen = async |query| service.screen(one, query, None).await.unwrap();
    assert_eq!(screen(query("Tarek Mansour")).await, Screening::NotScreened(NotScreened::NoList));
    service.admin().load_watchlists(&[list(&["Tarek Mansour"])]).await.unwrap();
    assert_eq!(screen(query(" ")).await, Screening::NotScreened(NotScreened::Nobody));
    assert!(
        matches!(screen(query("Nora Fischer")).await, Screening::Screened { hits, .. } if hits.is_empty())
    );
}

#[tokio::test]
async fn a_list_that_another_process_loads_counts_from_the_next_look_up_on() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path()).await;
    let one = tenant(&service, "one").await;
    service.admin().load_watchlists(&[list(&["Leila Haddad"])]).await.unwrap();
    assert_eq!(names(&service, one, "Tarik Mansoor").await, [vec![], Vec::<String>::new()]);
    let command = self::service(folder.path()).await;
    command.admin().load_watchlists(&[list(&["Tarek Mansour", "Leila Haddad"])]).await.unwrap();
    assert_eq!(names(&service, one, "Tarik Mansoor").await[0], ["Tarek Mansour"]);
    let strict = service.screen(one, query("Tarik Mansoor"), Some(Similarity::clamped(1.0))).await.unwrap();
    assert!(matches!(strict, Screening::Screened { hits, .. } if hits.is_empty()));
    assert!(command.admin().remove_watchlist("own").await.unwrap());
    let gone = service.screen(one, query("Tarik Mansoor"), None).await.unwrap();
    assert_eq!(gone, Screening::NotScreened(NotScreened::NoList));
}

#[tokio::test]
async fn a_cleared_hit_is_one_persons_of_one_tenant_until_its_entry_changes() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path()).await;
    let (one, two) = (tenant(&service, "one").await, tenant(&service, "two").await);
    let admin = service.admin();
    admin.load_watchlists(&[list(&["Tarek Mansour"])]).await.unwrap();
    let hit = || vec!["Tarek Mansour".to_owned()];
    admin.clear_hit(one, &query("Tarek Mansour"), "own", "1").await.unwrap();
    assert_eq!(names(&service, one, "Tarek Mansour").await, [vec![], hit()]);
    assert_eq!(names(&service, one, "Tarik Mansoor").await, [hit(), vec![]], "somebody else");
    assert_eq!(names(&service, two, "Tarek Mansour").await, [hit(), vec![]], "of another tenant");
    // The same list once more changes nothing; what the list says anew does.
    admin.load_watchlists(&[list(&["Tarek Mansour"])]).await.unwrap();
    assert_eq!(names(&service, one, "Tarek Mansour").await, [vec![], hit()]);
    let mut changed = list(&["Tarek Mansour"]);
    changed.entries[0].case_year = Some(2026);
    admin.load_watchlists(&[changed]).await.unwrap();
    assert_eq!(names(&service, one, "Tarek Mansour").await, [hit(), vec![]]);
}
