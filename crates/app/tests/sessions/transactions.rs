//! Transactions of Egyptian cards whose process ends at the worst moment: a trigger in the database stands for the kill, as
//! it undoes the transaction that would note somebody as verified and leaves those before it.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::{
    App, AppError, AskError, Authorities, AuthorityQuestion, Caller, NewFaces, PageReader, PageReading,
    Service, ServiceOptions, Step, Store, TransactionError, TransactionView, UsageLimits,
};
use assets::Fetch;
use domain::egypt::{Authority, AuthoritySays, TEMPLATES};
use domain::{
    Clock as _, Day, DocumentKind, Field, FieldName, FieldSource, Identity, IdentityId, PageEvidence,
    PageSide, PortraitSignal, SubjectId, TransactionId,
};
use media::Frame;
use sqlx::{Connection as _, SqliteConnection};
use store::NewIdentity;
use tempfile::TempDir;

use super::{Moved, caller, photo};

const ONE: TransactionId = TransactionId::from_bytes([0x11; 16]);
const FRONT: &str = "photo-impostor-1";
const FACES: [&str; 3] = ["photo-obama", "photo-obama2", "photo-obama3"];
/// Of the picture that stands for a back.
const BACK_WIDTH: u32 = 321;

const NUMBER: (FieldName, &str) = (FieldName::PersonalNumber, "29507240112344");

/// A front with the portrait of the person in `FACES`, and a back.
#[derive(Debug)]
struct Cards;

impl PageReader for Cards {
    fn read_page(&self, _: &App, frame: &Frame, _: Day) -> Result<PageReading, AppError> {
        let front = [
            NUMBER,
            (FieldName::FullName, "منى عبد الرحمن حسين السيد"),
            (FieldName::GivenNames, "منى"),
            (FieldName::Surname, "عبد الرحمن حسين السيد"),
            (FieldName::Address, "١٢ شارع النيل الدقي الجيزة"),
            (FieldName::Street, "١٢ شارع النيل"),
            (FieldName::City, "الدقي الجيزة"),
            (FieldName::Region, "الجيزة"),
            (FieldName::DateOfBirth, "1995-07-24"),
            (FieldName::SerialNumber, "HM3218902"),
        ];
        let back = [
            NUMBER,
            (FieldName::DateOfIssue, "2022-05-XX"),
            (FieldName::Profession, "مهندس"),
            (FieldName::Sex, "F"),
            (FieldName::DateOfExpiry, "2029-05-14"),
        ];
        let (side, fields) = match frame.width() {
            BACK_WIDTH => (PageSide::Back, &back[..]),
            _ => (PageSide::Front, &front[..]),
        };
        let field = |(name, value): &(FieldName, &str)| Field {
            name: *name,
            value: (*value).to_owned(),
            source: FieldSource::Printed,
            confidence: 0.95,
            corners: None,
        };
        let template = TEMPLATES.iter().find(|(known, _)| *known == side).unwrap().1;
        let evidence = PageEvidence {
            template: Some(template.to_owned()),
            kind: Some(DocumentKind::NationalId),
            side: Some(side),
            fields: fields.iter().map(field).collect(),
            portrait: Some(PortraitSignal { bounds: [0.0; 4], eye_distance_px: 80.0 }),
            ..PageEvidence::default()
        };
        Ok(PageReading {
            evidence,
            page: Some(frame.clone()),
            barcode: None,
            doubtful: vec![],
            stages: vec![],
        })
    }
}

/// Says what it was told to; without that it is down. Counts questions.
#[derive(Clone, Default)]
struct Office {
    says: Arc<Mutex<Option<AuthoritySays>>>,
    asked: Arc<AtomicUsize>,
}

impl Authorities for Office {
    async fn ask(&self, _: &AuthorityQuestion) -> Result<AuthoritySays, AskError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.says.lock().unwrap().clone().ok_or_else(|| AskError("it is closed".to_owned()))
    }
}

struct Bench {
    folder: TempDir,
    clock: Arc<Moved>,
    store: Store,
    service: Service,
    caller: Caller,
    office: Office,
}

impl Bench {
    async fn asking(authorities: &[Authority]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Moved(1_795_219_200_000.into()));
        let store = Store::open(folder.path()).await.unwrap();
        let authorities = [("one".to_owned(), authorities.iter().copied().collect())].into();
        let service = Service::open_reading(
            ServiceOptions { at_once: 1, queue: 4 },
            UsageLimits { authorities, ..UsageLimits::default() },
            Arc::new(Cards),
            store.clone(),
            assets::Store::open(None, Fetch::Offline).unwrap(),
            clock.clone(),
        );
        let service = service.await.unwrap();
        let caller = caller(&service, "one").await;
        Self { folder, clock, store, service, caller, office: Office::default() }
    }

    async fn person(&self) -> Identity {
        let subject = store::Subject {
            id: SubjectId::from_bytes([7; 16]),
            tenant: self.caller.tenant.id,
            reference: "ana".to_owned(),
            profile: serde_json::Value::Null,
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
        };
        self.store.create_subject_key(subject.tenant, subject.id).await.unwrap();
        let new = NewIdentity {
            id: IdentityId::from_bytes([8; 16]),
            tenant: subject.tenant,
            subject: subject.id,
            phone: "+201234567890".parse().unwrap(),
            email: None,
            is_email_confirmed: false,
            password_hash: None,
            created_at: self.clock.now(),
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.insert_subject(&subject).await.unwrap());
        let identity = tx.insert_identity(new).await.unwrap();
        tx.commit().await.unwrap();
        identity
    }

    async fn is_verified(&self, person: &Identity) -> bool {
        let mut tx = self.store.look().await.unwrap();
        tx.identity(person.tenant, person.id).await.unwrap().unwrap().verified_at.is_some()
    }

    fn wait(&self, time: Duration) {
        self.clock.0.fetch_add(time.as_millis() as i64, Ordering::Relaxed);
    }

    /// Front, back and face: what the last of them says.
    async fn send_all(&self, owner: Option<&Identity>) -> Result<TransactionView, TransactionError> {
        let step = step(owner);
        let back = Frame::from_rgb(BACK_WIDTH, 240, vec![128; BACK_WIDTH as usize * 240 * 3], 0).unwrap();
        let sides = [(PageSide::Front, photo(FRONT)), (PageSide::Back, media::encode_jpeg(&back).unwrap())];
        for (side, picture) in sides {
            let admission = self.service.admit().unwrap();
            let taken =
                self.service.take_card_side(admission, &self.caller, step.clone(), side, picture.into());
            assert_eq!(taken.await.unwrap().faults, []);
        }
        self.send_faces(owner).await
    }

    async fn send_faces(&self, owner: Option<&Identity>) -> Result<TransactionView, TransactionError> {
        let faces = NewFaces { shots: FACES.map(|id| photo(id).into()), front: None };
        self.service.take_faces(self.service.admit().unwrap(), &self.caller, step(owner), faces).await
    }

    /// Lets the worker that asks authorities run until `is_done`.
    async fn ask_until(&self, is_done: impl AsyncFn() -> bool) {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (worker, office) = (self.service.clone(), self.office.clone());
        let running = tokio::spawn(async move {
            worker.run_authorities(office, async { drop(stopped.await) }).await;
        });
        for _ in 0..1_200 {
            if is_done().await {
                drop(stop);
                return running.await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing came in a minute");
    }
}

fn step(owner: Option<&Identity>) -> Step {
    Step { transaction: Some(ONE), owner: owner.cloned(), name: None, keeps_all: false }
}

/// Runs `statement` on the database beside the service.
async fn change(folder: &Path, statement: &'static str) {
    let url = format!("sqlite://{}", folder.join("bonafide.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
}

const STOP: &str = "CREATE TRIGGER stop BEFORE UPDATE OF verified_at ON identities \
                    BEGIN SELECT RAISE(ABORT, 'stopped here'); END";
const GO_ON: &str = "DROP TRIGGER stop";

#[tokio::test(flavor = "multi_thread")]
async fn an_authoritys_yes_is_kept_with_what_follows_from_it_or_not_at_all() {
    let bench = Bench::asking(&[Authority::Cso]).await;
    let person = bench.person().await;
    let asked = async |times| bench.office.asked.load(Ordering::Relaxed) == times;
    let (view, ()) = tokio::join!(bench.send_all(Some(&person)), bench.ask_until(async || asked(1).await));
    let view = view.unwrap();
    assert!(view.is_validated() && !view.is_verified);
    assert_eq!(view.authorities, [(Authority::Cso, Some(AuthoritySays::Unavailable))]);

    *bench.office.says.lock().unwrap() = Some(AuthoritySays::Valid);
    change(bench.folder.path(), STOP).await;
    bench.wait(Duration::from_secs(2));
    bench.ask_until(async || asked(2).await).await;
    change(bench.folder.path(), GO_ON).await;
    assert!(!bench.is_verified(&person).await);

    bench.wait(Duration::from_mins(1));
    bench.ask_until(async || bench.is_verified(&person).await).await;
    assert!(asked(3).await, "a yes that was not kept is asked for once more");
    bench.wait(Duration::from_mins(1));
    let view = bench.send_faces(Some(&person)).await.unwrap();
    assert!(view.is_verified && asked(3).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_verified_is_noted_as_that_though_the_last_step_was_never_answered() {
    for is_linked in [false, true] {
        let bench = Bench::asking(&[]).await;
        let person = bench.person().await;
        if is_linked {
            assert!(bench.send_all(None).await.unwrap().is_verified);
        }
        change(bench.folder.path(), STOP).await;
        let unanswered = if is_linked {
            bench.service.link_transaction(&bench.caller, person.clone(), ONE).await
        } else {
            bench.send_all(Some(&person)).await
        };
        assert!(matches!(unanswered, Err(TransactionError::Service(_))), "{unanswered:?}");
        change(bench.folder.path(), GO_ON).await;
        assert!(!bench.is_verified(&person).await);
        bench.ask_until(async || bench.is_verified(&person).await).await;
    }
}
