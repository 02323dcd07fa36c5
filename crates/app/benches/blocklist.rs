//! How long the first look into a large blocklist takes, which reads and opens every face, and the second, which does
//! not. Prints JSON.
//!
//! `cargo bench -p app --bench blocklist -- --faces 1000000 --dir /dev/shm`: filling the store takes most of the time,
//! and is quicker where files lie in memory. Needs the models and the test photos, which `cargo xtask test` fetches.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::{Caller, NewKey, NewTenant, NewVerification, Service, ServiceOptions, Store, Subject};
use assets::Fetch;
use clap::Parser;
use domain::{
    Clock, Confirmation, Demand, Enrollment, EnrollmentId, EnrollmentState, Fpir, KeyKind, Origin, Purpose,
    SubjectId, Timestamp,
};
use engine::face::compare::{Calibration, Embedding};
use serde_json::{Value, json};

/// Rows that are written in one transaction.
const BATCH: u64 = 5_000;

#[derive(Debug, Parser)]
struct Args {
    /// Faces on the list
    #[arg(long, default_value_t = 1_000_000)]
    faces: u64,
    /// Folder in which the store is made; one for temporary files where it is missing
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Threads for photos
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000)
    }
}

/// An odd factor spreads the ids, as random ones are.
fn id(number: u64) -> [u8; 16] {
    (u128::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()
}

/// A face as the service keeps it: numbers of the same length, of nobody.
fn face(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let raw: Vec<f32> = (0..128)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect();
    let embedding = Embedding::from_raw(&raw).unwrap();
    let quality = json!({
        "sharpness": 90, "exposure": 90, "size": 90, "pose": 90, "eyes": 90, "occlusion": 90, "single_face": 100,
        "luminance": 120,
    });
    let template = json!({
        "ids": Calibration::shipped().template_ids(),
        "embedding": embedding.values().as_slice(),
    });
    let kept = json!({"template": template, "evidence": {"faces": 1, "quality": quality}});
    serde_json::to_vec(&kept).unwrap()
}

async fn fill(store: &Store, caller: &Caller, faces: u64) {
    let (tenant, now) = (caller.tenant.id, Stopped.now());
    for first in (0..faces).step_by(BATCH as usize) {
        let batch = first..faces.min(first + BATCH);
        for number in batch.clone() {
            store.create_subject_key(tenant, SubjectId::from_bytes(id(number))).await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        for number in batch {
            let subject = Subject {
                id: SubjectId::from_bytes(id(number)),
                tenant,
                reference: number.to_string(),
                profile: Value::Null,
                created_at: now,
                updated_at: now,
            };
            let enrollment = Enrollment {
                id: EnrollmentId::from_bytes(id(number)),
                tenant,
                subject: subject.id,
                origin: Origin::Truora,
                purpose: Purpose::Blocklist,
                confirmation: Confirmation::None,
                blocklist: None,
                state: EnrollmentState::Enrolled,
                created_at: now.plus(Duration::from_millis(number)),
                updated_at: now,
            };
            assert!(tx.insert_subject(&subject).await.unwrap());
            assert!(tx.insert_enrollment(&enrollment).await.unwrap());
            tx.put_reference(&enrollment, &face(number)).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// How long a look for `photo` takes, and among how many.
async fn look(service: &Service, caller: &Caller, photo: Vec<u8>) -> (Duration, u64) {
    let new = NewVerification {
        origin: Origin::Truora,
        subject: Some("probe".to_owned()),
        demand: Demand { blocklist: Some(Fpir::STANDARD), ..Demand::NOTHING },
        token: None,
        document: None,
        timeout: Duration::from_mins(5),
        retry_of: None,
        allowed_retries: 0,
        retry_ttl: Duration::from_mins(5),
        address: None,
        extra: Value::Null,
    };
    let view = service.open_verification(caller, new).await.unwrap();
    let link = service.read_upload_link(view.upload_link.as_deref().unwrap()).unwrap();
    let open = service.check_upload(link).await.unwrap();
    let start = Instant::now();
    service.upload(service.admit().unwrap(), open, photo.into()).await.unwrap();
    let took = start.elapsed();
    let ended = service.verification(caller, Origin::Truora, view.verification.id).await.unwrap().unwrap();
    let found = ended.judgement.expect("it is judged within the time that an upload waits").evidence.search;
    (took, found.unwrap().members)
}

#[tokio::main]
async fn main() {
    let args = Args::parse();
    let folder = match &args.dir {
        Some(dir) => tempfile::tempdir_in(dir).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let assets = || assets::Store::open(None, Fetch::Offline).unwrap();
    let photo = std::fs::read(assets().path("photo-obama").unwrap()).unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let options = ServiceOptions { at_once: args.threads, queue: 8 };
    let service = Service::open(options, store.clone(), assets(), Arc::new(Stopped)).await.unwrap();
    service.warm_up().await.unwrap();
    let new = NewTenant {
        name: "bench".to_owned(),
        plan: "standard".to_owned(),
        allowed_origins: vec![],
        similarity_floor_fmr: 1e-2,
        evidence_days: 0,
    };
    let tenant = service.admin().create_tenant(new).await.unwrap();
    let new = NewKey {
        tenant: tenant.id,
        name: "bench".to_owned(),
        kind: KeyKind::Backend,
        permissions: [].into(),
        expires_in: None,
    };
    let (_, key) = service.admin().create_key(new).await.unwrap();
    let caller = service.authenticate(&key).await.unwrap();
    let start = Instant::now();
    fill(&store, &caller, args.faces).await;
    let filled = start.elapsed();
    let (first, members) = look(&service, &caller, photo.clone()).await;
    assert_eq!(members, args.faces);
    let (second, _) = look(&service, &caller, photo).await;
    println!(
        "{}",
        json!({
            "faces": args.faces,
            "threads": args.threads,
            "fill_s": filled.as_secs_f64(),
            "first_look_s": first.as_secs_f64(),
            "second_look_s": second.as_secs_f64(),
        })
    );
}
