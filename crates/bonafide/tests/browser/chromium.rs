//! Chromium, driven by its own chromedriver.
//!
//! The few requests of `WebDriver` (W3C) that are needed stand here. Of the libraries for it, fantoccini brings a licence
//! that `deny.toml` does not name, and thirtyfour a feature of `serde_json` that would change the program under test.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Nothing that needs a network or a screen. Root has no sandbox, and what is opened here is this repository's own.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    // What a person's browser says of itself.
    "--disable-blink-features=AutomationControlled",
    "--window-size=800,900",
];

/// A browser with one window and an empty profile. Closed when dropped.
pub(crate) struct Chromium {
    driver: Child,
    /// Kept open, so that the driver may go on writing.
    _said: BufReader<ChildStdout>,
    profile: TempDir,
    http: Client,
    session: String,
}

impl Chromium {
    /// A browser of somebody who reads `language`, started with `flags` too.
    pub(crate) fn start(language: &str, flags: &[String]) -> Self {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver =
            command.spawn().expect("run `cargo xtask test`, which brings chromium and chromedriver");
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "chromedriver says its port");
            if let Some((_, port)) = line.trim_end().trim_end_matches('.').split_once("successfully on port ")
            {
                break port.to_owned();
            }
        };
        let http = Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut chromium = Self { driver, _said: said, profile: tempfile::tempdir().unwrap(), http, session };
        let profile = format!("--user-data-dir={}", chromium.profile.path().display());
        let all: Vec<&str> =
            FLAGS.into_iter().chain([profile.as_str()]).chain(flags.iter().map(String::as_str)).collect();
        let wishes = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {
                "args": all,
                "excludeSwitches": ["enable-automation"],
                "prefs": {"intl.accept_languages": language},
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let made = chromium.post("", &wishes);
        chromium.session = format!("{}/{}", chromium.session, made["sessionId"].as_str().unwrap());
        chromium
    }

    /// Asks the driver: its value, or its error.
    fn ask(&self, path: &str, body: &Value) -> Result<Value, Value> {
        let answer = self.http.post(format!("{}{path}", self.session)).json(body).send().unwrap();
        let is_done = answer.status().is_success();
        let mut answer: Value = answer.json().unwrap();
        let value = answer["value"].take();
        if is_done { Ok(value) } else { Err(value) }
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask(path, body).unwrap_or_else(|error| panic!("{path}: {}", error["message"]))
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn devtools(&self, command: &str, values: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": values}))
    }

    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// What `script` returns, as the body of a function.
    pub(crate) fn script(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// Clicks what `css` finds, as a person: it must be there and uncovered. Where it is not, the reason.
    pub(crate) fn click(&self, css: &str) -> Result<(), Value> {
        self.ask(&format!("/element/{}/click", self.find(css)?), &json!({})).map(drop)
    }

    /// Presses and releases a key, as on a keyboard: one character, of which `WebDriver` sets some aside for keys that write
    /// none.
    pub(crate) fn key(&self, key: char) {
        let strokes = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// Chooses the file at `path` where `css` asks for one.
    pub(crate) fn choose(&self, css: &str, path: &Path) -> Result<(), Value> {
        self.ask(&format!("/element/{}/value", self.find(css)?), &json!({ "text": path })).map(drop)
    }

    fn find(&self, css: &str) -> Result<String, Value> {
        let found = self.ask("/element", &json!({"using": "css selector", "value": css}))?;
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        Ok(id.unwrap().to_owned())
    }

    /// What scripts, network and content security policy complained of since it was asked last.
    pub(crate) fn complaints(&self) -> Vec<Value> {
        let mut entries = self.post("/se/log", &json!({"type": "browser"}));
        let entries = entries.as_array_mut().unwrap().drain(..);
        entries.filter(|entry| ["SEVERE", "WARNING"].map(Value::from).contains(&entry["level"])).collect()
    }

    /// How large the window is, in CSS pixels.
    pub(crate) fn resize(&self, (width, height): (u32, u32)) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// The window as a PNG.
    pub(crate) fn screenshot(&self) -> Vec<u8> {
        let shot = self.devtools("Page.captureScreenshot", &json!({"format": "png"}));
        BASE64_STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Ends the browser, which outlives its driver otherwise.
        let _ = self.http.delete(&self.session).send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
