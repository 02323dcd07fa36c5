//! An Egyptian card and its holder through Vlens' API: front, back and three faces, one person after another, each step
//! with its time, beside the stages of reading the same sides in this process.
//!
//! `taskset -c 0 cargo bench -p bonafide --bench card` measures it on one core, which the client shares.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark may stop by panicking")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use app::App;
use assets::{Fetch, Store};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Parser;
use domain::{Day, PageSide};
use lab::document::{Genuine, LastDigit, Scene, Typeface, egyptian_card};
use lab::presence::Half;
use media::{Frame, encode_jpeg};
use reqwest::blocking::Client;
use serde_json::{Value, json};

/// An Egyptian card and its holder through Vlens' API
#[derive(Debug, Parser)]
struct Args {
    /// People
    #[arg(long, default_value_t = 20)]
    people: u64,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Whose portrait the cards have, and who stands before the camera.
const HOLDER: &str = "photo-impostor-1";
const FACES: [&str; 3] = ["photo-obama", "photo-obama2", "photo-obama3"];

fn main() {
    let args = Args::parse();
    let store = Store::open(None, Fetch::Offline).unwrap();
    let app = App::open(&store, 1).expect("run `cargo xtask test`, which fetches models and photos");
    let typeface = Typeface::open(&store.path("font-arabic").unwrap()).unwrap();
    let portrait = app.photo(&store.path(HOLDER).unwrap()).unwrap();
    let faces = FACES.map(|face| BASE64.encode(std::fs::read(store.path(face).unwrap()).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let (mut child, caller) = start(folder.path());
    let today = Day::new(2026, 11, 22).unwrap();

    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut taken = 0;
    for seed in 0..args.people {
        let card = egyptian_card(&typeface, seed, LastDigit::Fits, Some(&portrait)).unwrap();
        let photos = [PageSide::Front, PageSide::Back].map(|side| photograph(card.side(side).0, seed));
        let [front, back] = photos.each_ref().map(|photo| BASE64.encode(encode_jpeg(photo).unwrap()));
        let begun = Instant::now();
        let (id, has_front) = caller.step(&mut times, "id/front", &json!({"image": front}), None);
        let (_, has_back) = caller.step(&mut times, "id/back", &json!({"image": back}), id.as_deref());
        if !(has_front && has_back) {
            continue;
        }
        let body = json!({"face_1": faces[0], "face_2": faces[1], "face_3": faces[2]});
        let (_, is_judged) = caller.step(&mut times, "liveness/multi", &body, id.as_deref());
        assert!(is_judged);
        note(&mut times, "all", begun);
        taken += 1;
        for (side, photo) in ["front", "back"].into_iter().zip(&photos) {
            let reading = app.read_card(photo, today).unwrap();
            for (stage, time) in reading.stages {
                let stage = serde_json::to_value(stage).unwrap();
                let key = format!("{side}: {}", stage.as_str().unwrap());
                times.entry(key).or_default().push(time.as_secs_f64() * 1_000.0);
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let medians: BTreeMap<String, f64> =
        times.into_iter().map(|(key, times)| (key, median(times).round())).collect();
    let report = json!({"people": args.people, "with_both_sides_taken": taken, "median_ms": medians});
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
}

/// A photo of a side in a mild setting, of the size that phones send.
fn photograph(side: &Frame, seed: u64) -> Frame {
    let scene = Scene::draw(Half::Development, seed);
    let photo = scene.photograph(&Genuine::new(side), seed);
    photo.map_or_else(|| side.clone(), |photo| photo.frame)
}

fn note(times: &mut BTreeMap<String, Vec<f64>>, key: &str, begun: Instant) {
    times.entry(key.to_owned()).or_default().push(begun.elapsed().as_secs_f64() * 1_000.0);
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

struct Caller {
    http: Client,
    url: String,
    key: String,
}

impl Caller {
    /// Sends a step; the transaction, and whether the step was taken.
    fn step(
        &self,
        times: &mut BTreeMap<String, Vec<f64>>,
        step: &str,
        body: &Value,
        transaction: Option<&str>,
    ) -> (Option<String>, bool) {
        let mut body = body.clone();
        body["transaction_id"] = json!(transaction);
        let begun = Instant::now();
        let request = self.http.post(format!("{}/v1/ocr/{step}", self.url)).header("ApiKey", &self.key);
        let answer: Value = request.json(&body).send().unwrap().json().unwrap();
        note(times, step, begun);
        let id = answer["data"]["idFrontData"]["transaction_id"].as_str().map(str::to_owned);
        (id, answer["error_code"].is_null())
    }
}

/// A server over `data`, with one thread for pictures and limits that are not in the way.
fn start(data: &Path) -> (Child, Caller) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bonafide"))
        .args([
            "--offline",
            "serve",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--metrics-listen",
            "off",
            "--data",
        ])
        .arg(data)
        .env("BONAFIDE_LIMITS__INFERENCE_THREADS", "1")
        .env("BONAFIDE_VLENS__OCR_REQUESTS_PER_MINUTE", "100000")
        .env("BONAFIDE_THROTTLE__DECLINED_PER_ACCOUNT", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let key = std::fs::read_to_string(data.join("first-api-key")).unwrap().trim().to_owned();
    (child, Caller { http: Client::new(), url: said["url"].as_str().unwrap().to_owned(), key })
}
