//! The server under load, beside the engine alone on the same photos in the same run: `cargo xtask load`.
//!
//! Every client enrolls a person, validates them, and compares the verdict with the command line's. Linux only, since
//! memory and processor time are read from `/proc`.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark may stop by panicking")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use app::App;
use assets::{Fetch, Store};
use bytes::Bytes;
use clap::Parser;
use domain::Decision;
use futures_util::future::join_all;
use reqwest::{Body, Client};
use serde_json::{Value, json};
use tokio::runtime::Builder;

/// The server under load, beside the engine alone on the same photos in the same run
#[derive(Debug, Parser)]
struct Args {
    /// Clients that call at the same time
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// How long they call, in turns with the engine alone
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Reference and selfie: the same person, others, and nobody.
const PAIRS: [(&str, &str); 6] = [
    ("photo-person-b-1", "photo-person-b-2"),
    ("photo-person-a-1", "photo-person-a-2"),
    ("photo-person-a-1", "photo-impostor-2"),
    ("photo-obama", "photo-obama2"),
    ("photo-biden", "photo-obama3"),
    ("photo-person-b-2", "photo-no-face"),
];

struct Pair {
    paths: [PathBuf; 2],
    bytes: [Bytes; 2],
    allowed: bool,
}

fn main() {
    let args = Args::parse();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let store = Store::open(None, Fetch::Offline).unwrap();
    let app = App::open(&store, cores).expect("run `cargo xtask test`, which fetches models and photos");
    let pairs: Vec<Pair> =
        PAIRS.iter().map(|(reference, selfie)| pair(&store, &app, reference, selfie)).collect();

    let measured = measure(&app, &pairs, &args, cores);
    let (served, alone) = (&measured.served, &measured.alone);
    let queue_explains_ms = 1000.0 * args.clients as f64 / served.rate();
    let report = json!({
        "cores": cores, "clients": args.clients, "seconds": args.seconds,
        "engine_alone_pairs_per_second": alone.rate(),
        "served_pairs_per_second": served.rate(),
        "goodput_ratio": served.rate() / alone.rate(),
        "goodput_ratio_of_each_turn": measured.ratios,
        "engine_alone_cpu_ms_a_pair": alone.cpu_ms(),
        "server_cpu_ms_a_pair": served.cpu_ms(),
        "server_cpu_ms_a_pair_beside_engine": served.cpu_ms() - alone.cpu_ms(),
        "client_cpu_ms_a_pair": measured.clients.cpu_ms(),
        "upload_of_selfie_ms": { "p50": percentile(&measured.tally, 0.5), "p99": percentile(&measured.tally, 0.99) },
        "time_that_the_queue_explains_ms": queue_explains_ms,
        "p99_to_queue": percentile(&measured.tally, 0.99) / queue_explains_ms,
        "resident_mb_after_each_turn": measured.resident_mb,
        "answers_by_status": measured.tally.statuses,
        "verdicts_unlike_the_command_line": measured.tally.unlike,
        "warm_start_ms": measured.warm_start_ms,
    });
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
    let bad = measured.tally.statuses.keys().any(|status| *status >= 500 && *status != 503);
    std::process::exit(i32::from(bad || measured.tally.unlike > 0));
}

/// Pairs, and the time and the processor time they took.
#[derive(Default, Clone, Copy)]
struct Work {
    pairs: f64,
    seconds: f64,
    cpu_seconds: f64,
}

impl Work {
    fn rate(&self) -> f64 {
        self.pairs / self.seconds
    }

    fn cpu_ms(&self) -> f64 {
        self.cpu_seconds * 1000.0 / self.pairs
    }

    fn add(&mut self, other: Work) {
        self.pairs += other.pairs;
        self.seconds += other.seconds;
        self.cpu_seconds += other.cpu_seconds;
    }
}

#[derive(Default)]
struct Measured {
    alone: Work,
    served: Work,
    clients: Work,
    ratios: Vec<f64>,
    tally: Tally,
    resident_mb: Vec<u64>,
    warm_start_ms: f64,
}

fn pair(store: &Store, app: &App, reference: &str, selfie: &str) -> Pair {
    let paths = [reference, selfie].map(|id| store.path(id).expect("run `cargo xtask test` first"));
    let allowed = app.verify(&paths[0], &paths[1]).unwrap().assessment.decision == Some(Decision::Allow);
    let bytes = [0, 1].map(|index| Bytes::from(std::fs::read(&paths[index]).unwrap()));
    Pair { paths, bytes, allowed }
}

/// What the engine does without a server.
fn engine_alone(app: &App, pairs: &[Pair], threads: usize, time: Duration) -> Work {
    let done = AtomicUsize::new(0);
    let cpu = cpu_seconds(std::process::id());
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while start.elapsed() < time {
                    let pair = &pairs[done.fetch_add(1, Ordering::Relaxed) % pairs.len()];
                    app.verify(&pair.paths[0], &pair.paths[1]).unwrap();
                }
            });
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    Work { pairs: done.into_inner() as f64, seconds, cpu_seconds: cpu_seconds(std::process::id()) - cpu }
}

#[derive(Default)]
struct Tally {
    /// Of the uploads of selfies that were admitted.
    latencies_ms: Vec<f64>,
    statuses: BTreeMap<u16, usize>,
    unlike: usize,
}

fn percentile(tally: &Tally, share: f64) -> f64 {
    let mut sorted = tally.latencies_ms.clone();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// Turns of the engine alone and of the server: the speed of a shared machine changes from minute to minute.
fn measure(app: &App, pairs: &[Pair], args: &Args, cores: usize) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (mut child, caller) = start(&data);
    let http = reqwest::blocking::Client::new();
    while http.get(format!("{}/readyz", caller.url)).send().unwrap().status() != 200 {
        thread::sleep(Duration::from_millis(50));
    }
    let mut measured = Measured::default();
    let (tally, next) = (Mutex::new(Tally::default()), AtomicUsize::new(0));
    for _ in 0..args.seconds.div_ceil(TURN.as_secs()) {
        let alone = engine_alone(app, pairs, cores, TURN / 2);
        let (served, clients) = load(&child, &caller, pairs, args.clients, &tally, &next);
        measured.ratios.push(served.rate() / alone.rate());
        measured.resident_mb.push(resident(child.id()));
        measured.alone.add(alone);
        measured.served.add(served);
        measured.clients.add(clients);
    }
    measured.tally = tally.into_inner().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    // Once more over all that was kept: from the start of the program to the first answer.
    let begun = Instant::now();
    let (mut child, caller) = start(&data);
    let answer = http.get(format!("{}/v1/config", caller.url)).header("Truora-API-Key", &caller.key).send();
    assert_eq!(answer.unwrap().status(), 200);
    measured.warm_start_ms = begun.elapsed().as_secs_f64() * 1000.0;
    child.kill().unwrap();
    child.wait().unwrap();
    measured
}

/// How long the server works at a stretch; the engine alone half of that.
const TURN: Duration = Duration::from_secs(10);

/// A server over `data`, and the caller with its first key.
fn start(data: &Path) -> (Child, Caller) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bonafide"))
        .args(["--offline", "serve", "--json", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"])
        .arg("--data")
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let key = std::fs::read_to_string(data.join("first-api-key")).unwrap();
    (child, Caller { url: said["url"].as_str().unwrap().to_owned(), key: key.trim().to_owned() })
}

/// One turn of the server: what it did, and what the clients took meanwhile.
fn load(
    child: &Child,
    caller: &Caller,
    pairs: &[Pair],
    clients: usize,
    tally: &Mutex<Tally>,
    next: &AtomicUsize,
) -> (Work, Work) {
    let done = AtomicUsize::new(0);
    let cpu = [child.id(), std::process::id()].map(cpu_seconds);
    let start = Instant::now();
    // All clients on one thread, so that they take as little as possible of the cores that they share with the server.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(join_all((0..clients).map(|_| async {
        let http = Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        while start.elapsed() < TURN {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if caller.one(&http, index, &pairs[index % pairs.len()], tally).await.is_some() {
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    })));
    let (pairs, seconds) = (done.into_inner() as f64, start.elapsed().as_secs_f64());
    let [server, own] = [child.id(), std::process::id()].map(cpu_seconds);
    let work = |cpu_seconds| Work { pairs, seconds, cpu_seconds };
    (work(server - cpu[0]), work(own - cpu[1]))
}

struct Caller {
    url: String,
    key: String,
}

impl Caller {
    /// Enrolls and validates one person; `None` where something was refused.
    async fn one(&self, http: &Client, index: usize, pair: &Pair, tally: &Mutex<Tally>) -> Option<()> {
        let account = format!("account-{index}");
        let form =
            [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", account.as_str())];
        let enrollment =
            self.post(http, "enrollments", &[&form[..], &[("confirmation", "none")]].concat(), tally).await?;
        put(http, enrollment["file_upload_link"].as_str()?, &pair.bytes[0], tally).await?;
        let asked = [("subvalidations", "similarity"), ("subvalidations", "passive_liveness")];
        let validation = self.post(http, "validations", &[&form[..], &asked].concat(), tally).await?;
        let start = Instant::now();
        put(http, validation["instructions"]["file_upload_link"].as_str()?, &pair.bytes[1], tally).await?;
        let elapsed_ms = start.elapsed().as_secs_f64() * 1000.0;
        let id = validation["validation_id"].as_str()?;
        let request =
            http.get(format!("{}/v1/validations/{id}", self.url)).header("Truora-API-Key", &self.key);
        let ended: Value = request.send().await.ok()?.json().await.ok()?;
        let mut tally = tally.lock().unwrap();
        tally.latencies_ms.push(elapsed_ms);
        tally.unlike += usize::from((ended["validation_status"] == "success") != pair.allowed);
        Some(())
    }

    async fn post(
        &self,
        http: &Client,
        what: &str,
        form: &[(&str, &str)],
        tally: &Mutex<Tally>,
    ) -> Option<Value> {
        let request = http.post(format!("{}/v1/{what}", self.url)).header("Truora-API-Key", &self.key);
        let answer = request.form(form).send().await.ok()?;
        count(tally, answer.status().as_u16());
        answer.json().await.ok()
    }
}

/// Uploads; a server that is full is asked again after the time it names.
async fn put(http: &Client, link: &str, bytes: &Bytes, tally: &Mutex<Tally>) -> Option<()> {
    loop {
        let answer = http.put(link).body(Body::from(bytes.clone())).send().await.ok()?;
        count(tally, answer.status().as_u16());
        match answer.status().as_u16() {
            200 => return Some(()),
            503 => tokio::time::sleep(Duration::from_secs(1)).await,
            _ => return None,
        }
    }
}

fn count(tally: &Mutex<Tally>, status: u16) {
    *tally.lock().unwrap().statuses.entry(status).or_default() += 1;
}

/// Processor time of a process so far, in user and system mode.
fn cpu_seconds(pid: u32) -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS_PER_SECOND
}

/// Resident memory of a process, in megabytes.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1000
}
