//! The server under load, beside the engine alone on the same photos in the same run: `cargo xtask load`.
//!
//! Every client enrolls a person, validates them, and compares the verdict with the command line's. Linux only, since
//! memory and processor time are read from `/proc`.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark may stop by panicking")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use app::App;
use assets::{Fetch, Store};
use clap::Parser;
use domain::Decision;
use reqwest::blocking::Client;
use serde_json::{Value, json};

/// The server under load, beside the engine alone on the same photos in the same run
#[derive(Debug, Parser)]
struct Args {
    /// Clients that call at the same time
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// How long they call
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How long the engine alone runs before and after
    #[arg(long, default_value_t = 15)]
    engine_seconds: u64,
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
    bytes: [Vec<u8>; 2],
    allowed: bool,
}

fn main() {
    let args = Args::parse();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let store = Store::open(None, Fetch::Offline).unwrap();
    let app = App::open(&store, cores).expect("run `cargo xtask test`, which fetches models and photos");
    let pairs: Vec<Pair> =
        PAIRS.iter().map(|(reference, selfie)| pair(&store, &app, reference, selfie)).collect();

    let before = engine_alone(&app, &pairs, cores, Duration::from_secs(args.engine_seconds));
    let (served, failures) = serve(&pairs, &args);
    let after = engine_alone(&app, &pairs, cores, Duration::from_secs(args.engine_seconds));
    let engine = Alone {
        rate: f64::midpoint(before.rate, after.rate),
        cpu_ms: f64::midpoint(before.cpu_ms, after.cpu_ms),
    };

    let queue_explains_ms = 1000.0 * args.clients as f64 / served.rate;
    let report = json!({
        "cores": cores, "clients": args.clients, "seconds": args.seconds,
        "engine_alone_pairs_per_second": [before.rate, after.rate],
        "engine_alone_cpu_ms_a_pair": engine.cpu_ms,
        "served_pairs_per_second": served.rate,
        "goodput_ratio": served.rate / engine.rate,
        "upload_of_selfie_ms": { "p50": served.percentile(0.5), "p99": served.percentile(0.99) },
        "time_that_the_queue_explains_ms": queue_explains_ms,
        "p99_to_queue": served.percentile(0.99) / queue_explains_ms,
        "server_cpu_ms_a_pair": served.cpu_ms,
        "server_cpu_ms_a_pair_beside_engine": served.cpu_ms - engine.cpu_ms,
        "resident_mb": served.resident_mb,
        "answers_by_status": served.statuses,
        "verdicts_unlike_the_command_line": failures,
    });
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
    let bad = served.statuses.keys().any(|status| *status >= 500 && *status != 503);
    std::process::exit(i32::from(bad || failures > 0));
}

fn pair(store: &Store, app: &App, reference: &str, selfie: &str) -> Pair {
    let paths = [reference, selfie].map(|id| store.path(id).expect("run `cargo xtask test` first"));
    let allowed = app.verify(&paths[0], &paths[1]).unwrap().assessment.decision == Some(Decision::Allow);
    let bytes = [0, 1].map(|index| std::fs::read(&paths[index]).unwrap());
    Pair { paths, bytes, allowed }
}

/// What the engine does without a server.
struct Alone {
    rate: f64,
    cpu_ms: f64,
}

fn engine_alone(app: &App, pairs: &[Pair], threads: usize, time: Duration) -> Alone {
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
    let (pairs, seconds) = (done.into_inner() as f64, start.elapsed().as_secs_f64());
    Alone { rate: pairs / seconds, cpu_ms: (cpu_seconds(std::process::id()) - cpu) * 1000.0 / pairs }
}

/// What the server did.
struct Served {
    rate: f64,
    cpu_ms: f64,
    /// Of the uploads of selfies that were admitted, sorted.
    latencies_ms: Vec<f64>,
    statuses: BTreeMap<u16, usize>,
    resident_mb: BTreeMap<&'static str, u64>,
}

impl Served {
    fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies_ms.len().saturating_sub(1);
        self.latencies_ms.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

#[derive(Default)]
struct Tally {
    latencies_ms: Vec<f64>,
    statuses: BTreeMap<u16, usize>,
    unlike: usize,
}

fn serve(pairs: &[Pair], args: &Args) -> (Served, usize) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut child = Command::new(env!("CARGO_BIN_EXE_bonafide"))
        .args([
            "--offline",
            "serve",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--metrics-listen",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(&data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let key = std::fs::read_to_string(data.join("first-api-key")).unwrap();
    let caller = Caller { url: said["url"].as_str().unwrap().to_owned(), key: key.trim().to_owned() };
    let http = Client::new();
    while http.get(format!("{}/readyz", caller.url)).send().unwrap().status() != 200 {
        thread::sleep(Duration::from_millis(50));
    }
    let result = load(&child, &caller, pairs, args);
    child.kill().unwrap();
    child.wait().unwrap();
    result
}

fn load(child: &Child, caller: &Caller, pairs: &[Pair], args: &Args) -> (Served, usize) {
    let (tally, done, stop) = (Mutex::new(Tally::default()), AtomicUsize::new(0), AtomicBool::new(false));
    let next = AtomicUsize::new(0);
    let mut resident_mb = BTreeMap::new();
    let cpu = cpu_seconds(child.id());
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..args.clients {
            scope.spawn(|| {
                let http = Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if caller.one(&http, index, &pairs[index % pairs.len()], &tally) {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let time = Duration::from_secs(args.seconds);
        thread::sleep(Duration::from_secs(10).min(time));
        resident_mb.insert("after_10_s", resident(child.id()));
        thread::sleep(time.saturating_sub(Duration::from_secs(10)));
        resident_mb.insert("at_the_end", resident(child.id()));
        stop.store(true, Ordering::Relaxed);
    });
    let (pairs, seconds) = (done.into_inner() as f64, start.elapsed().as_secs_f64());
    let cpu_ms = (cpu_seconds(child.id()) - cpu) * 1000.0 / pairs;
    let mut tally = tally.into_inner().unwrap();
    tally.latencies_ms.sort_by(f64::total_cmp);
    let served = Served {
        rate: pairs / seconds,
        cpu_ms,
        latencies_ms: tally.latencies_ms,
        statuses: tally.statuses,
        resident_mb,
    };
    (served, tally.unlike)
}

struct Caller {
    url: String,
    key: String,
}

impl Caller {
    /// Enrolls and validates one person. Whether all of it was done.
    fn one(&self, http: &Client, index: usize, pair: &Pair, tally: &Mutex<Tally>) -> bool {
        self.try_one(http, index, pair, tally).is_some()
    }

    fn try_one(&self, http: &Client, index: usize, pair: &Pair, tally: &Mutex<Tally>) -> Option<()> {
        let account = format!("account-{index}");
        let form =
            [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", account.as_str())];
        let enrollment =
            self.post(http, "enrollments", &[&form[..], &[("confirmation", "none")]].concat(), tally)?;
        put(http, enrollment["file_upload_link"].as_str()?, &pair.bytes[0], tally)?;
        let asked = [("subvalidations", "similarity"), ("subvalidations", "passive_liveness")];
        let validation = self.post(http, "validations", &[&form[..], &asked].concat(), tally)?;
        let start = Instant::now();
        put(http, validation["instructions"]["file_upload_link"].as_str()?, &pair.bytes[1], tally)?;
        let elapsed_ms = start.elapsed().as_secs_f64() * 1000.0;
        let id = validation["validation_id"].as_str()?;
        let request =
            http.get(format!("{}/v1/validations/{id}", self.url)).header("Truora-API-Key", &self.key);
        let ended: Value = request.send().ok()?.json().ok()?;
        let mut tally = tally.lock().unwrap();
        tally.latencies_ms.push(elapsed_ms);
        tally.unlike += usize::from((ended["validation_status"] == "success") != pair.allowed);
        Some(())
    }

    fn post(&self, http: &Client, what: &str, form: &[(&str, &str)], tally: &Mutex<Tally>) -> Option<Value> {
        let request = http.post(format!("{}/v1/{what}", self.url)).header("Truora-API-Key", &self.key);
        let answer = request.form(form).send().ok()?;
        count(tally, answer.status().as_u16());
        answer.json().ok()
    }
}

/// Uploads; a server that is full is asked again after the time it names.
fn put(http: &Client, link: &str, bytes: &[u8], tally: &Mutex<Tally>) -> Option<()> {
    loop {
        let answer = http.put(link).body(bytes.to_vec()).send().ok()?;
        count(tally, answer.status().as_u16());
        match answer.status().as_u16() {
            200 => return Some(()),
            503 => thread::sleep(Duration::from_secs(1)),
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
