//! The one-to-many search beside the memory it reads and, with `--peer`, beside faiss: everything on one thread, in
//! turns, on the same made-up faces.
//!
//! ```text
//! python3 -m venv VENV && VENV/bin/pip install -r peers/requirements.txt
//! cargo bench -p engine --bench search -- --peer "VENV/bin/python peers/faiss_search.py"
//! ```

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop by panicking")]

use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use clap::Parser;
use domain::TemplateIds;
use engine::face::compare::{EMBEDDING_LENGTH, Embedding, Template};
use engine::face::gallery::Gallery;
use serde_json::{Value, json};

/// The one-to-many search beside the memory it reads, and beside another program
#[derive(Debug, Parser)]
struct Args {
    /// Members of the gallery
    #[arg(long, default_value_t = 1_000_000)]
    members: usize,
    /// Searches that are compared with comparing one by one
    #[arg(long, default_value_t = 1_024)]
    probes: usize,
    /// Turns of each
    #[arg(long, default_value_t = 10)]
    turns: usize,
    /// Searches in a turn
    #[arg(long, default_value_t = 20)]
    searches: usize,
    /// Seed of the made-up faces
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// A cosine that hardly any impostor reaches
    #[arg(long, default_value_t = 0.7)]
    threshold: f32,
    /// Command of the other program; it lies in `peers/`
    #[arg(long)]
    peer: Option<String>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let args = Args::parse();
    let mut faces = Faces::new(args.seed);
    let members: Vec<Template> = (0..args.members).map(|_| faces.stranger()).collect();
    // Every other probe is another photo of a member, the rest are strangers.
    let probes: Vec<Template> = (0..args.probes)
        .map(|probe| match probe % 2 {
            0 => faces.again(&members[probe * (members.len() / args.probes.max(1))]),
            _ => faces.stranger(),
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let peer = args.peer.as_deref().map(|command| Peer::start(command, folder.path(), &members, &probes));
    let truth = one_by_one(&members, &probes);
    let mut gallery = Gallery::new(ids());
    for (key, member) in (0_u32..).zip(&members) {
        gallery.insert(key, member).unwrap();
    }
    drop(members);
    report(&args, &gallery, &probes, &truth, peer);
}

fn report(
    args: &Args,
    gallery: &Gallery<u32>,
    probes: &[Template],
    truth: &[(u32, f32)],
    mut peer: Option<Peer>,
) {
    let (recall, found_at_threshold) = recall(gallery, probes, truth, args.threshold);
    // As much memory as the 8-bit forms take, laid out as they are, and nothing but read.
    let memory = vec![Line([0x5DEE_CE66_D1CE_4E5B; 8]); args.members * EMBEDDING_LENGTH / size_of::<Line>()];
    let mut times: Vec<(String, Vec<f64>)> = Vec::new();
    let mut note = |name: &str, ms: f64| match times.iter_mut().find(|entry| entry.0 == name) {
        Some(entry) => entry.1.push(ms),
        None => times.push((name.to_owned(), vec![ms])),
    };
    for turn in 0..args.turns {
        for search in 0..args.searches {
            let probe = &probes[(turn * args.searches + search) % probes.len()];
            note("reading_8_bit_memory", clock(|| read(black_box(&memory))));
            note("at_threshold", clock(|| gallery.search(black_box(probe), args.threshold)));
            note("best_of_all", clock(|| gallery.search(black_box(probe), -1.0)));
        }
        if let Some(peer) = &mut peer {
            for index in ["flat", "sq8"] {
                let searches = format!("{} {}", turn * args.searches % probes.len(), args.searches);
                for ms in peer.ask(&format!("{index} {searches}"))["ms"].as_array().unwrap() {
                    note(&format!("faiss_{index}"), ms.as_f64().unwrap());
                }
            }
        }
    }
    let medians: serde_json::Map<String, Value> =
        times.into_iter().map(|(name, times)| (name, json!(Spread::of(times).json()))).collect();
    let ratio = |name: &str, to: &str| {
        medians
            .get(name)
            .zip(medians.get(to))
            .map(|(a, b)| a["median"].as_f64().unwrap_or(f64::NAN) / b["median"].as_f64().unwrap_or(f64::NAN))
    };
    let mut report = json!({
        "members": gallery.len(), "seed": args.seed, "threads": 1, "turns": args.turns,
        "searches_in_a_turn": args.searches,
        "recall": recall, "probes_compared_one_by_one": probes.len(),
        "probes_with_a_hit_at_threshold": found_at_threshold, "threshold_cosine": args.threshold,
        "at_threshold_to_reading": ratio("at_threshold", "reading_8_bit_memory"),
        "best_of_all_to_reading": ratio("best_of_all", "reading_8_bit_memory"),
        "faiss_flat_to_ours": ratio("faiss_flat", "best_of_all"),
        "faiss_sq8_to_ours": ratio("faiss_sq8", "best_of_all"),
        "ms": medians,
    });
    if let Some(peer) = &mut peer {
        let found = peer.ask("found");
        report["faiss"] = found["version"].clone();
        for index in ["flat", "sq8"] {
            let same = found[index].as_array().unwrap().iter().zip(truth);
            let same = same.filter(|(key, truth)| key.as_u64() == Some(truth.0.into())).count();
            report[format!("faiss_{index}_recall")] = json!(same as f64 / truth.len() as f64);
        }
    }
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
    assert!(recall == 1.0, "a search missed the best member");
}

/// The share of probes for which both searches find what comparing one by one finds, and for how many that reaches
/// the threshold.
fn recall(gallery: &Gallery<u32>, probes: &[Template], truth: &[(u32, f32)], threshold: f32) -> (f64, usize) {
    let found = |probe: &Template, least| {
        gallery.search(probe, least).unwrap().map(|hit| (hit.key, hit.cosine.to_bits()))
    };
    let (mut right, mut reaching) = (0, 0);
    for (probe, (key, cosine)) in probes.iter().zip(truth) {
        let best = Some((*key, cosine.to_bits()));
        let over = best.filter(|_| *cosine >= threshold);
        right += usize::from(found(probe, -1.0) == best && found(probe, threshold) == over);
        reaching += usize::from(over.is_some());
    }
    (right as f64 / probes.len() as f64, reaching)
}

/// The most similar member of each probe, without any means of the gallery. Sixteen probes go side by side; each
/// cosine is summed in the order of `Embedding::cosine`, so that it is the same to the bit, which is checked.
fn one_by_one(members: &[Template], probes: &[Template]) -> Vec<(u32, f32)> {
    const SIDE_BY_SIDE: usize = 16;
    let mut best = Vec::new();
    for group in probes.chunks(SIDE_BY_SIDE) {
        let columns: [[f32; SIDE_BY_SIDE]; EMBEDDING_LENGTH] = std::array::from_fn(|at| {
            std::array::from_fn(|probe| group.get(probe).map_or(0.0, |probe| probe.embedding.values()[at]))
        });
        let mut of_group = [(0, f32::NEG_INFINITY); SIDE_BY_SIDE];
        for (key, member) in (0..).zip(members) {
            let mut cosines = [0.0_f32; SIDE_BY_SIDE];
            for (value, column) in member.embedding.values().iter().zip(&columns) {
                for (cosine, other) in cosines.iter_mut().zip(column) {
                    *cosine += value * other;
                }
            }
            for (best, cosine) in of_group.iter_mut().zip(cosines) {
                if cosine.clamp(-1.0, 1.0) > best.1 {
                    *best = (key, cosine.clamp(-1.0, 1.0));
                }
            }
        }
        for (probe, best) in group.iter().zip(of_group) {
            let cosine = probe.embedding.cosine(&members[best.0 as usize].embedding);
            assert_eq!(cosine.to_bits(), best.1.to_bits(), "the sums differ");
        }
        best.extend_from_slice(&of_group[..group.len()]);
    }
    best
}

/// A cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([u64; 8]);

/// Reads all of `memory` the fastest way there is here.
fn read(memory: &[Line]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "a function for features that the processor may lack")]
        // SAFETY: the processor has the feature.
        return unsafe { sum_avx2(memory) };
    }
    sum(memory)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn sum_avx2(memory: &[Line]) -> u64 {
    sum(memory)
}

#[expect(clippy::inline_always, reason = "it is compiled once for each set of features")]
#[inline(always)]
fn sum(memory: &[Line]) -> u64 {
    let mut sums = [0_u64; 8];
    for line in memory {
        for (sum, word) in sums.iter_mut().zip(line.0) {
            *sum = sum.wrapping_add(word);
        }
    }
    sums.iter().fold(0, |all, sum| all ^ sum)
}

/// Milliseconds that `work` takes.
fn clock<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1e3
}

struct Spread(Vec<f64>);

impl Spread {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    fn at(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }

    fn json(&self) -> Value {
        json!({ "median": self.at(0.5), "p10": self.at(0.1), "p90": self.at(0.9) })
    }
}

fn ids() -> TemplateIds {
    TemplateIds { model: "made up".to_owned(), preprocessing: String::new(), calibration: String::new() }
}

/// Made-up faces: around 10,000 centres, so that many are somewhat alike and none is alone.
struct Faces {
    random: SplitMix,
    centres: Vec<[f32; EMBEDDING_LENGTH]>,
}

impl Faces {
    fn new(seed: u64) -> Self {
        let mut random = SplitMix(seed);
        let centres = (0..10_000).map(|_| random.normal()).collect();
        Self { random, centres }
    }

    /// Two of one centre have a cosine of about 0.2.
    fn stranger(&mut self) -> Template {
        let centre = self.centres[self.random.below(self.centres.len())];
        self.near(&centre, 2.0)
    }

    /// Another photo of a face, with a cosine of about 0.8.
    fn again(&mut self, face: &Template) -> Template {
        let centre = face.embedding.values().map(|value| value * (EMBEDDING_LENGTH as f32).sqrt());
        self.near(&centre, 0.75)
    }

    fn near(&mut self, centre: &[f32; EMBEDDING_LENGTH], spread: f32) -> Template {
        let noise = self.random.normal();
        let raw: [f32; EMBEDDING_LENGTH] = std::array::from_fn(|at| centre[at] + spread * noise[at]);
        Template { ids: ids(), embedding: Embedding::from_raw(&raw).unwrap() }
    }
}

/// The split-mix generator (Steele, Lea, Flood 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Between 0 and 1, neither of them.
    fn share(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Independent standard normal numbers (Box and Muller 1958).
    fn normal(&mut self) -> [f32; EMBEDDING_LENGTH] {
        std::array::from_fn(|_| {
            let (radius, turn) = ((-2.0 * self.share().ln()).sqrt(), self.share() * std::f64::consts::TAU);
            (radius * turn.cos()) as f32
        })
    }
}

/// The other program. It is given the paths of members and probes, 128 little-endian `f32` each; then it answers
/// every line on its standard input with a line of JSON.
struct Peer {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(command: &str, folder: &Path, members: &[Template], probes: &[Template]) -> Self {
        let mut words = command.split_whitespace();
        let mut child = Command::new(words.next().expect("--peer names a program"));
        // Cargo runs a bench in its package's folder; paths are meant from the workspace's.
        child.args(words).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        for (name, faces) in [("members", members), ("probes", probes)] {
            let path = folder.join(name);
            let mut file = BufWriter::new(File::create(&path).unwrap());
            for value in faces.iter().flat_map(|face| face.embedding.values()) {
                file.write_all(&value.to_le_bytes()).unwrap();
            }
            file.flush().unwrap();
            child.arg(path);
        }
        let mut child =
            child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("--peer can be run");
        let (questions, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut peer = Self { child, questions, answers };
        // Until its indexes stand.
        peer.ask("ready");
        peer
    }

    fn ask(&mut self, question: &str) -> Value {
        let questions = self.questions.as_mut().unwrap();
        writeln!(questions, "{question}").unwrap();
        questions.flush().unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).expect("the peer answers in JSON")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its questions ends it.
        self.questions.take();
        let _ = self.child.wait();
    }
}
