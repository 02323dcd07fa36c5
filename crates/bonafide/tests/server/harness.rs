//! A server in a temporary folder, and a client that speaks Truora's API to it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use assets::{Fetch, Store};
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;

/// The bytes of a test photo.
pub(crate) fn photo(id: &str) -> Vec<u8> {
    std::fs::read(photo_path(id)).unwrap()
}

pub(crate) fn photo_path(id: &str) -> PathBuf {
    let store = Store::open(None, Fetch::Offline).unwrap();
    store.path(id).expect("run `cargo xtask test`, which fetches models and photos")
}

/// The program itself.
pub(crate) fn bonafide(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bonafide"));
    command.arg("--offline").args(args);
    command
}

/// A running server. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub url: String,
    pub metrics_url: Option<String>,
    data: PathBuf,
    /// Deleted with the server, where it is the server's own.
    folder: Option<TempDir>,
}

impl Server {
    /// A server over a new, empty folder.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut server = Self::start_in(&data, &[]);
        server.folder = Some(folder);
        server
    }

    /// A server over `data`.
    pub(crate) fn start_in(data: &Path, options: &[&str]) -> Self {
        Self::start_with(data, options, |_| {})
    }

    /// A server over `data`, after `change` had a look at its command.
    pub(crate) fn start_with(data: &Path, options: &[&str], change: impl FnOnce(&mut Command)) -> Self {
        let mut command = bonafide(&["serve", "--json", "--metrics-listen", "127.0.0.1:0"]);
        if !options.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.arg("--data").arg(data).args(options).stdout(Stdio::piped());
        command.stderr(if std::env::var_os("SERVER_LOG").is_some() {
            Stdio::inherit()
        } else {
            Stdio::null()
        });
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).expect("serve says where it listens");
        Self {
            child,
            url: said["url"].as_str().unwrap().to_owned(),
            metrics_url: said["metrics_url"].as_str().map(str::to_owned),
            data: data.to_owned(),
            folder: None,
        }
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The key that the first start made.
    pub(crate) fn client(&self) -> Truora {
        let key = std::fs::read_to_string(self.data.join("first-api-key")).unwrap();
        Truora::new(&self.url, key.trim())
    }

    /// A client of another tenant.
    pub(crate) fn other_tenant(&self, name: &str) -> Truora {
        self.admin(&["tenant", "create", "--name", name]);
        let permissions =
            ["--permission", "enrollment_without_validation", "--permission", "enrollment_delete"];
        let made =
            self.admin(&[&["key", "create", "--tenant", name, "--name", "test"][..], &permissions].concat());
        Truora::new(&self.url, made["key"].as_str().unwrap())
    }

    /// What a command of the operator answers, run beside the server.
    pub(crate) fn admin(&self, args: &[&str]) -> Value {
        let output = bonafide(args).arg("--json").arg("--data").arg(&self.data).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Memory that the server and its decoders hold now, in MB (Linux).
    pub(crate) fn memory_mb(&self) -> u64 {
        let status = |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let number = |status: &str, name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
        };
        let own = u64::from(self.child.id());
        let all = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        let processes = all.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).map(|pid| {
            let status = status(&pid);
            let is_ours = pid == own.to_string() || number(&status, "PPid:") == own;
            if is_ours { number(&status, "VmRSS:") } else { 0 }
        });
        processes.sum::<u64>() / 1000
    }

    /// As `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As `kill -TERM`; the exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client with a key.
#[derive(Clone)]
pub(crate) struct Truora {
    pub http: Client,
    pub url: String,
    pub key: String,
}

/// An answer: its status and its document.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub(crate) fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let text = response.text().unwrap();
        Self { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    /// The document of an answer that must have `status`.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// That it is an error in the dialect's own shape.
    pub(crate) fn expect_error(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["http_code"], status, "{}", self.body);
        assert_eq!(self.body["code"], 10_000 + u64::from(status), "{}", self.body);
        self.body["message"].as_str().unwrap().to_owned()
    }
}

impl Truora {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        let http = Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Self { http, url: url.to_owned(), key: key.to_owned() }
    }

    pub(crate) fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.header("Truora-API-Key", &self.key).send().unwrap())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.url)))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send(self.http.delete(format!("{}{path}", self.url)))
    }

    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.http.post(format!("{}{path}", self.url)).form(form))
    }

    pub(crate) fn put_form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.http.put(format!("{}{path}", self.url)).form(form))
    }

    /// Uploads to a link. No key goes with it.
    pub(crate) fn upload(&self, link: &str, bytes: Vec<u8>) -> Answer {
        Answer::of(self.http.put(link).body(bytes).send().unwrap())
    }

    /// Opens an enrollment: its document.
    pub(crate) fn enroll(&self, account: &str, more: &[(&str, &str)]) -> Value {
        let form = [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", account)];
        self.post("/v1/enrollments", &[&form, more].concat()).expect(201)
    }

    /// Opens an enrollment and uploads its photo.
    pub(crate) fn enroll_photo(&self, account: &str, bytes: Vec<u8>) -> Value {
        let enrollment = self.enroll(account, &[]);
        self.upload(enrollment["file_upload_link"].as_str().unwrap(), bytes).expect(200);
        enrollment
    }

    /// Opens a validation: its document.
    pub(crate) fn validate(&self, account: &str, more: &[(&str, &str)]) -> Value {
        let form = [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", account)];
        self.post("/v1/validations", &[&form, more].concat()).expect(201)
    }

    pub(crate) fn enrollment(&self, enrollment: &Value) -> Value {
        self.get(&format!("/v1/enrollments/{}", text(enrollment, "enrollment_id"))).expect(200)
    }

    pub(crate) fn validation(&self, validation: &Value) -> Value {
        self.get(&format!("/v1/validations/{}", text(validation, "validation_id"))).expect(200)
    }

    /// The validation, once it has ended.
    pub(crate) fn ended(&self, validation: &Value) -> Value {
        wait_for(|| Some(self.validation(validation)).filter(|now| now["validation_status"] != "pending"))
    }
}

pub(crate) fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_else(|| panic!("no {field} in {document}"))
}

pub(crate) fn selfie_link(validation: &Value) -> &str {
    text(&validation["instructions"], "file_upload_link")
}

/// Asks until there is an answer, for 30 s at most.
pub(crate) fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "nothing came in 30 s");
        thread::sleep(Duration::from_millis(50));
    }
}
