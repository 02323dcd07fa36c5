//! The server is killed in the middle of each step of an Egyptian card and its holder. What was answered stands and can be
//! seen; what was not can be sent again and comes to its end; nothing counts twice.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use domain::{Day, Decision, ImageKind, RETAKES, SessionState, TransactionId};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use store::{AuditFilter, Store};

use crate::harness::{Server, wait_for};
use crate::receiver::Receiver;
use crate::vlens::{App, Folder, add_user, data, register};
use crate::vlens_cards::{Card, STEPS, errors, flags};

/// Those who send at the same time.
const PEOPLE: usize = 3;

/// Somebody on the way through the steps.
struct Person {
    phone: String,
    token: String,
    transaction: String,
    /// Steps that were answered.
    answered: usize,
    /// How often each step was sent.
    sent: [usize; STEPS.len()],
    /// What the last step answered.
    end: Option<Value>,
}

impl Person {
    fn new(app: &App, messages: &Receiver, number: usize) -> Self {
        let phone = format!("+20123456789{number}");
        Self {
            token: register(app, messages, &phone),
            transaction: format!("0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f{number}"),
            phone,
            answered: 0,
            sent: [0; STEPS.len()],
            end: None,
        }
    }

    /// Sends what is still to be sent, until the server is gone. Tells `begun` of each step.
    fn go_on(&mut self, app: &App, card: &Card, begun: &mpsc::Sender<usize>) {
        while let Some(step) = STEPS.get(self.answered) {
            self.sent[self.answered] += 1;
            let _ = begun.send(self.answered);
            let path = format!("/api/DigitalIdentity/verify/{step}");
            let Some(answer) = app.try_post(&path, &self.token, &card.body(step, &self.transaction)) else {
                return;
            };
            let answer = answer.expect(200);
            let is_last = *step == "liveness/multi";
            assert_eq!((errors(&answer), flags(&answer)), (vec![], [is_last; 2]), "{step}: {answer}");
            // What was answered before is still there, in this answer, too.
            assert_eq!(answer["data"]["idFrontData"]["idNumber"], card.number);
            if self.answered > 0 {
                assert_eq!(answer["data"]["idBackData"]["idNumber"], card.number);
            }
            self.answered += 1;
            self.end = is_last.then_some(answer);
        }
    }

    /// That the staff sees the pictures of each step that was answered.
    fn check_pictures(&self, app: &App, staff: &str, card: &Card) {
        let [one, two, three] = &card.faces;
        let pictures = [
            vec![("idFrontImage", &card.front)],
            vec![("idBackImage", &card.back)],
            vec![("livenessFace01Image", one), ("livenessFace02Image", two), ("livenessFace03Image", three)],
        ];
        let path = "/api/DigitalIdentity/GetUserDigitalIdentityImages";
        let names = data(app.get(path, staff, &[("emailOrPhoneNumber", &self.phone)]));
        for (key, picture) in pictures.iter().take(self.answered).flatten() {
            let name = names[key].as_str().unwrap_or_else(|| panic!("no {key} in {names}"));
            let query = [("TransactionId", self.transaction.as_str()), ("FileName", name)];
            let shown = data(app.get("/api/DigitalIdentity/GetStepImage", staff, &query));
            assert!(shown["image"] == **picture, "another picture than the one that was sent as {key}");
        }
    }
}

/// A server whose models are there.
fn start(folder: &Folder) -> Server {
    let server = folder.start();
    let http = Client::new();
    let ready = format!("{}/readyz", server.url);
    wait_for(|| http.get(&ready).send().is_ok_and(|answer| answer.status() == 200).then_some(()));
    server
}

#[test]
fn a_kill_in_the_middle_of_a_step_loses_nothing_and_counts_nothing_twice() {
    let card = Card::draw();
    let messages = Receiver::willing();
    let folder = Folder::new(&messages);
    let mut server = start(&folder);
    add_user(&server, "ada", "of the first admin");
    let app = App::of(&server);
    let login = json!({
        "tenancyName": "default", "userNameOrEmailAddress": "ada", "password": "of the first admin",
    });
    let staff =
        data(app.post("/api/credentials/Login", "", &login))["accessToken"].as_str().unwrap().to_owned();

    // How long a step takes on this machine with nothing else to do. The first time it waits for models.
    let mut takes = [Duration::ZERO; STEPS.len()];
    let first = Person::new(&app, &messages, 9);
    for transaction in ["0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1fa", "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1fb"] {
        for (step, takes) in STEPS.iter().zip(&mut takes) {
            let begun = Instant::now();
            let answer = card.send(&app, &first.token, step, transaction);
            assert_eq!(errors(&answer), [], "{step}: {answer}");
            *takes = begun.elapsed();
        }
    }
    println!("steps take {takes:?}");

    let mut people: Vec<Person> = (0..PEOPLE).map(|number| Person::new(&app, &messages, number)).collect();
    for (step, takes) in takes.iter().enumerate() {
        let app = App::of(&server);
        let before: usize = people.iter().map(|person| person.answered).sum();
        thread::scope(|scope| {
            let (begins, begun) = mpsc::channel();
            let (others, _) = mpsc::channel();
            for (number, person) in people.iter_mut().enumerate() {
                let (app, card) = (&app, &card);
                let begins = if number == 0 { begins.clone() } else { others.clone() };
                scope.spawn(move || person.go_on(app, card, &begins));
            }
            drop(begins);
            // In the middle of this step of the first of them, and of whatever the others do.
            while begun.recv().unwrap() != step {}
            thread::sleep(*takes / 2);
            server.kill();
        });
        let sent: usize = people.iter().flat_map(|person| person.sent).sum();
        let answered: usize = people.iter().map(|person| person.answered).sum();
        println!(
            "killed in {}: {before} steps were answered before, {answered} are, {sent} sent",
            STEPS[step]
        );
        assert_eq!(people[0].answered, step, "it was killed before the answer");
        server = start(&folder);
        let app = App::of(&server);
        for person in people.iter().filter(|person| person.answered > 0) {
            person.check_pictures(&app, &staff, &card);
        }
    }
    let app = App::of(&server);
    let (begins, _begun) = mpsc::channel();
    for person in &mut people {
        person.go_on(&app, &card, &begins);
        person.check_pictures(&app, &staff, &card);
        let again = card.send(&app, &person.token, "liveness/multi", &person.transaction);
        assert_eq!(Some(again), person.end, "the same pictures once more get the same answer");
    }
    drop(server);
    check_store(&folder, &people);
}

/// What lies in the store itself.
fn check_store(folder: &Folder, people: &[Person]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open_existing(&folder.data()).await.unwrap();
        let mut tx = store.read().await.unwrap();
        let tenant = tx.tenants().await.unwrap()[0].id;
        let mut sessions = Vec::new();
        for person in people {
            let id: TransactionId = person.transaction.replace('-', "").parse().unwrap();
            let transaction = tx.transaction(tenant, id).await.unwrap().unwrap();
            let session = tx.session(tenant, transaction.session).await.unwrap().unwrap();
            assert_eq!(session.state, SessionState::Concluded(Decision::Allow));
            assert_eq!(session.retakes_left, RETAKES, "nothing counts as a refused face");
            let images = tx.session_images(&session).await.unwrap();
            let sent =
                |kind| images.iter().filter(|image| image.kind == kind && image.original.is_none()).count();
            // A side may have been taken without an answer and once more; faces that were taken are so once.
            assert!((1..=person.sent[0]).contains(&sent(ImageKind::DocumentFront)));
            assert!((1..=person.sent[1]).contains(&sent(ImageKind::DocumentBack)));
            assert_eq!(sent(ImageKind::Selfie), 3);
            let owner = tx.identity(tenant, transaction.identity.unwrap()).await.unwrap().unwrap();
            assert!(owner.verified_at.is_some());
            sessions.push(session);
        }
        // Opened and concluded once each, in the audit log and for the plan. The first person sent two more.
        for action in ["session.create", "session.conclude"] {
            let filter =
                AuditFilter { action: Some(action.to_owned()), limit: 1_000, ..AuditFilter::default() };
            let noted = tx.audit(&filter).await.unwrap();
            assert_eq!(noted.len(), people.len() + 2, "{action}");
            for session in &sessions {
                let id = session.id.to_string();
                assert_eq!(noted.iter().filter(|(_, entry)| entry.about == id).count(), 1, "{action}");
            }
        }
        let months: BTreeSet<String> =
            sessions.iter().map(|session| Day::of(session.created_at).to_string()[..7].to_owned()).collect();
        let mut counted = 0;
        for month in months {
            counted += tx.verifications_counted(tenant, &month).await.unwrap();
        }
        assert_eq!(counted, people.len() as u64 + 2);
        assert_eq!(tx.events_after(0, 10).await.unwrap(), [], "nobody is told of what Vlens' API does");
        let dead = store.dead_jobs().await.unwrap();
        assert!(dead.is_empty(), "{dead:?}");
    });
}
