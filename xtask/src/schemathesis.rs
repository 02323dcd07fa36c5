//! `cargo xtask schemathesis`: requests made up from the OpenAPI document, sent to a running server, whose answers must
//! be what the document says and never a failure of the server.
//!
//! What is asked and which checks are on stands in `xtask/schemathesis/schemathesis.toml`; the program comes from PyPI
//! into a virtual environment below `target/`, at the versions of `requirements.txt` beside it.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use assets::{Fetch, Group, Store};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::test::Lines;
use crate::tools::unchecked;
use crate::{Outcome, cargo, exit_code, works, workspace};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const REQUIREMENTS: &str = include_str!("../schemathesis/requirements.txt");
const CONFIG: &str = include_str!("../schemathesis/schemathesis.toml");
const HOOKS: &str = include_str!("../schemathesis/hooks.py");

/// Kept between runs, and made again when the requirements change.
const ENVIRONMENT: &str = "target/schemathesis";

const COST: &str = "whether the server answers as its OpenAPI document says is not checked";

/// Who asks, and how much: about two minutes in all on two cores.
struct Round {
    name: &'static str,
    dialect: &'static str,
    credentials: Vec<Credential>,
    /// Requests made up for an operation in each phase, at most.
    examples: u32,
    /// Arguments that only this one has.
    more: &'static [&'static str],
}

/// What the answers to a round's requests depend on, by the name of its scheme in the dialect's document.
enum Credential {
    Key(&'static str, String),
    /// A bearer token.
    Token(&'static str, String),
}

pub(crate) fn run() -> Outcome {
    let tool = match tool()? {
        Ok(tool) => tool,
        Err(missing) => return unchecked(&missing, COST),
    };
    Store::open(None, Fetch::Allowed)?.pull(&[Group::Face, Group::Test], &Lines)?;
    let folder = TempDir::new()?;
    // Where the settings look for it: the tool is run in this folder.
    fs::write(folder.path().join("hooks.py"), HOOKS)?;
    fs::write(folder.path().join("photo.txt"), photo()?)?;
    let mut server = Server::start(folder.path())?;
    let backend = server.backend_key()?;
    let http = Client::builder().timeout(WAIT).build()?;
    let token = access_token(&http, &server.url, &server.client()?)?;
    let mut api = Api { http, url: server.url.clone(), key: backend, token, person: String::new() };
    api.person = api.register(&server)?;
    let staff = api.sign_in(&server)?;
    // What is known is used up by the round before: links are consumed, enrollments deleted.
    let known = api.prepare("person-1")?;
    let device = api.device_key("person-2")?;
    let round =
        |name, dialect, credentials, examples, more| Round { name, dialect, credentials, examples, more };
    let key = |scheme, key: &str| vec![Credential::Key(scheme, key.to_owned())];
    let signed_in =
        |token| vec![Credential::Key("api_key", api.key.clone()), Credential::Token("access_token", token)];
    let truora = |given: &str| key("truora_api_key", given);
    let client = vec![Credential::Token("verify_access_token", api.token.clone())];
    // What a device or nobody may do is little: that they reach nothing is no reason to warn.
    let rounds = [
        (round("backend", "truora", truora(&api.key), 40, &[]), known.clone()),
        (round("sdk", "truora", truora(&device), 8, FEW), api.prepare("person-2")?),
        (round("nobody", "truora", vec![], 2, FEW), api.prepare("person-3")?),
        (round("backend", "truelens", key("truelens_api_key", &api.key), 20, FEW), known.clone()),
        (round("nobody", "truelens", vec![], 4, FEW), known.clone()),
        (round("client", "mosaic", client, 20, FEW), known.clone()),
        (round("nobody", "mosaic", vec![], 4, FEW), api.prepare("person-4")?),
        (round("backend", "vlens", key("api_key", &api.key), 10, FEW), known.clone()),
        (round("person", "vlens", signed_in(api.person.clone()), 10, FEW), known.clone()),
        (round("staff", "vlens", signed_in(staff), 20, PICTURES), known.clone()),
        (round("nobody", "vlens", vec![], 2, FEW), known),
    ];
    for (round, known) in rounds {
        let Round { name, dialect, .. } = round;
        eprintln!("schemathesis, asking {dialect} as {name}");
        let config = folder.path().join(format!("{dialect}-{name}.toml"));
        fs::write(&config, round.config(&known)?)?;
        let document = format!("{}/openapi/{dialect}.json", server.url);
        let mut asking = Command::new(&tool);
        asking.arg("--config-file").arg(&config).args(["run", "--no-color", "--max-examples"]);
        asking.arg(round.examples.to_string()).args(round.more).arg(document).current_dir(folder.path());
        let outcome = exit_code(&mut asking)?;
        if outcome != ExitCode::SUCCESS {
            server.show_errors()?;
            return Ok(outcome);
        }
    }
    server.must_live()?;
    Ok(ExitCode::SUCCESS)
}

const FEW: &[&str] = &["--phases", "examples,coverage,fuzzing", "--warnings", "off"];

/// Those of them that are for the staff alone.
const PICTURES: &[&str] =
    &["--phases", "examples,coverage,fuzzing", "--warnings", "off", "--include-tag", "pictures"];

/// The installed program, or what is missing to install it.
pub(crate) fn tool() -> Result<std::result::Result<PathBuf, String>> {
    let environment = workspace()?.join(ENVIRONMENT);
    let tool = environment.join("bin/schemathesis");
    let installed = environment.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|found| found == REQUIREMENTS)
        && works(Command::new(&tool).arg("--version"))
    {
        return Ok(Ok(tool));
    }
    if !works(Command::new("python3").arg("--version")) {
        return Ok(Err("there is no python3 on PATH".to_owned()));
    }
    eprintln!("installing schemathesis into {ENVIRONMENT}");
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    if !make.status()?.success() {
        return Ok(Err("python3 cannot make a virtual environment (Debian: python3-venv)".to_owned()));
    }
    let mut install = Command::new(environment.join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    install.args(["--only-binary=:all:", "--requirement", "xtask/schemathesis/requirements.txt"]);
    if !install.current_dir(workspace()?).status()?.success() {
        return Ok(Err("pip cannot install xtask/schemathesis/requirements.txt".to_owned()));
    }
    fs::write(installed, REQUIREMENTS)?;
    Ok(Ok(tool))
}

impl Round {
    /// The checked-in settings, the key and what exists.
    fn config(&self, known: &Known) -> Result<String> {
        let mut text = CONFIG.to_owned();
        // Texts in TOML; neither a key nor a token has a character that would have to be escaped.
        for credential in &self.credentials {
            let (scheme, kind, secret) = match credential {
                Credential::Key(scheme, key) => (scheme, "api_key", key),
                Credential::Token(scheme, token) => (scheme, "bearer", token),
            };
            writeln!(text, "\n[auth.openapi.{scheme}]\n{kind} = \"{secret}\"")?;
        }
        writeln!(text, "\n[dictionaries]")?;
        for (name, values) in known {
            // An array of plain words is the same in JSON and TOML.
            writeln!(text, "{name} = {{ values = {} }}", serde_json::to_string(values)?)?;
        }
        Ok(text)
    }
}

/// Words for the dictionaries of the settings.
type Known = Vec<(&'static str, Vec<String>)>;

const WAIT: Duration = Duration::from_mins(1);

/// Sessions of `TrueLens`' API that are offered to a round.
const SESSIONS: usize = 3;

/// Links for uploads that are offered to a round.
const UPLOADS: usize = 6;

/// The server's API, as far as it is needed before the questions begin.
struct Api {
    http: Client,
    url: String,
    key: String,
    /// Of a client of `Mosaic`'s API.
    token: String,
    /// Of somebody who registered through Vlens' API.
    person: String,
}

impl Api {
    /// What a round can find: an account with a reference photo, a judged validation, a hook, and links to upload to.
    fn prepare(&self, account: &str) -> Result<Known> {
        let face = [("type", "face-recognition"), ("user_authorized", "true")];
        let enroll = |account: &str| {
            let form = [&face[..], &[("account_id", account), ("confirmation", "none")]].concat();
            self.post("/v1/enrollments", &form)
        };
        let validate = || self.post("/v1/validations", &[&face[..], &[("account_id", account)]].concat());

        let enrollment = enroll(account)?;
        self.upload(text(&enrollment, "/file_upload_link")?, "photo-obama")?;
        let judged = validate()?;
        self.upload(text(&judged, "/instructions/file_upload_link")?, "photo-obama2")?;
        let validation_id = text(&judged, "/validation_id")?;
        let shown = self.get(&format!("/v1/validations/{validation_id}?show_details=true"))?;
        let hook = self.post("/v1/hooks", &HOOK)?;

        let mut known: Known = vec![
            ("types", vec!["face-recognition".to_owned(), "face-search".to_owned()]),
            ("authorized", vec!["true".to_owned()]),
            ("urls", vec![HOOK_URL.to_owned()]),
            ("accounts", vec![account.to_owned()]),
            ("sessions", (0..SESSIONS).map(|_| self.session()).collect::<Result<_>>()?),
            ("hooks", vec![text(&hook, "/hook_id")?.to_owned()]),
            (
                "files",
                ["/validation_inputs/validation_input_files/0", "/user_response/input_files/0"]
                    .into_iter()
                    .map(|place| Ok(token(text(&shown, place)?)))
                    .collect::<Result<_>>()?,
            ),
        ];
        let (mut uploads, mut enrollments, mut validations) = (
            Vec::new(),
            vec![text(&enrollment, "/enrollment_id")?.to_owned()],
            vec![validation_id.to_owned()],
        );
        for number in 0..UPLOADS {
            let validation = validate()?;
            uploads.push(token(text(&validation, "/instructions/file_upload_link")?));
            validations.push(text(&validation, "/validation_id")?.to_owned());
            let enrollment = enroll(&format!("{account}-{number}"))?;
            uploads.push(token(text(&enrollment, "/file_upload_link")?));
            enrollments.push(text(&enrollment, "/enrollment_id")?.to_owned());
        }
        known.extend([("uploads", uploads), ("enrollments", enrollments), ("validations", validations)]);
        known.extend(self.document_sessions()?);
        known.extend(self.transactions()?);
        Ok(known)
    }

    /// A session that waits for its person.
    fn session(&self) -> Result<String> {
        let init = self.http.post(format!("{}/api/verify/init", self.url)).header("X-API-Key", &self.key);
        let made: Value = init.json(&json!({})).send()?.error_for_status()?.json()?;
        Ok(text(&made, "/verification_id")?.to_owned())
    }

    /// Of `Mosaic`'s API: started sessions, one of them with images, and face authentications.
    fn document_sessions(&self) -> Result<Known> {
        let post = |path: &str, body: &Value| -> Result<Value> {
            let asked = self.http.post(format!("{}/verify/api/v1{path}", self.url)).bearer_auth(&self.token);
            Ok(asked.json(body).send()?.error_for_status()?.json()?)
        };
        let photo = photo()?;
        let image = |kind| json!({"image": {"format": "jpg", "image_type": kind, "content": photo, "image_id": kind}});
        let consent = json!({"start": {"consent": {"granted": true, "document_id": "terms-1"}}});
        let sessions = (0..SESSIONS)
            .map(|_| Ok(text(&post("/verification", &consent)?, "/session_id")?.to_owned()))
            .collect::<Result<Vec<_>>>()?;
        // A face is a selfie and no document: the one is taken, the other is kept as rejected.
        for kind in ["selfie", "document_front"] {
            post(&format!("/verification/{}/images", sessions[0]), &image(kind))?;
        }
        let reference = json!({"reference": {"type": "raw", "content": photo, "format": "jpg"}});
        let faces = (0..SESSIONS)
            .map(|_| Ok(text(&post("/face-auth", &reference)?, "/session_id")?.to_owned()))
            .collect::<Result<Vec<_>>>()?;
        let listed = self.http.get(format!("{}/verify/api/v1/verification/{}/images", self.url, sessions[0]));
        let listed: Value = listed.bearer_auth(&self.token).send()?.error_for_status()?.json()?;
        let images = listed["session_images"].as_array().into_iter().flatten();
        let images = images.map(|image| Ok(text(image, "/id")?.to_owned())).collect::<Result<_>>()?;
        Ok(vec![("document_sessions", sessions), ("face_sessions", faces), ("images", images)])
    }

    /// Of Vlens' API: transactions, each with a picture that was refused, of the key alone and of the person; and the
    /// person.
    fn transactions(&self) -> Result<Known> {
        let photo = photo()?;
        let mut begun = Vec::new();
        for (step, token) in [("/v1/ocr", ""), ("/api/DigitalIdentity/verify", self.person.as_str())] {
            let id = format!("0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f{}", begun.len());
            self.vlens(&format!("{step}/id/front"), token, &json!({"image": photo, "transaction_id": id}))?;
            begun.push(id);
        }
        Ok(vec![("transactions", begun), ("phones", vec![PHONE.to_owned()])])
    }

    /// Registers somebody, with the codes that the server writes to its log: their access token.
    fn register(&self, server: &Server) -> Result<String> {
        let route = "/api/DigitalIdentity/Register";
        let sent = self.vlens(&format!("{route}/StepVerifyPhone"), "", &json!({"phoneNumber": PHONE}))?;
        let request = text(&sent, "/data/phoneNumberOtpRequestId")?;
        let shown = json!({
            "phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": server.code(request)?,
        });
        Ok(text(&self.vlens(route, "", &shown)?, "/data/accessToken")?.to_owned())
    }

    /// Signs somebody of the staff in: their access token.
    fn sign_in(&self, server: &Server) -> Result<String> {
        server.add_user()?;
        let login = json!({"tenancyName": "default", "userNameOrEmailAddress": USER, "password": PASSWORD});
        Ok(text(&self.vlens("/api/credentials/Login", "", &login)?, "/data/accessToken")?.to_owned())
    }

    fn vlens(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        let asked = self.http.post(format!("{}{path}", self.url)).header("ApiKey", &self.key);
        let asked = asked.header("TenancyName", "default");
        Ok(asked.bearer_auth(token).json(body).send()?.error_for_status()?.json()?)
    }

    /// The key of a phone, for one account.
    fn device_key(&self, account: &str) -> Result<String> {
        let form = [("key_type", "sdk"), ("grant", "validations"), ("account_id", account)];
        Ok(text(&self.post("/v1/api-keys", &form)?, "/api_key")?.to_owned())
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Value> {
        self.send(self.http.post(format!("{}{path}", self.url)).form(form))
    }

    fn get(&self, path: &str) -> Result<Value> {
        self.send(self.http.get(format!("{}{path}", self.url)))
    }

    fn upload(&self, link: &str, photo: &str) -> Result<Value> {
        let bytes = fs::read(Store::open(None, Fetch::Offline)?.path(photo)?)?;
        self.send(self.http.put(link).body(bytes))
    }

    fn send(&self, request: RequestBuilder) -> Result<Value> {
        let answer = request.header("Truora-API-Key", &self.key).send()?;
        let (status, text) = (answer.status(), answer.text()?);
        if !status.is_success() {
            return Err(format!("the server answered {status}: {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }
}

/// A name that never leads anywhere: nobody is to be told.
const HOOK_URL: &str = "https://hooks.invalid/told";

const HOOK: [(&str, &str); 3] =
    [("event_type", "all"), ("subscriber_type", "web"), ("subscriber_url", HOOK_URL)];

/// Of somebody who registered.
const PHONE: &str = "+201234567890";

/// Somebody of the staff.
const USER: &str = "schemathesis";
const PASSWORD: &str = "of the schemathesis user";

fn text<'a>(document: &'a Value, place: &str) -> Result<&'a str> {
    let found = document.pointer(place).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("{place} is missing in an answer of the server"))?)
}

/// An access token for a client of `Mosaic`'s API, as a backend gets one.
fn access_token(http: &Client, url: &str, client: &OauthClient) -> Result<String> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
        ("resource", "https://verify.identity.security"),
    ];
    let made: Value =
        http.post(format!("{url}/oidc/token")).form(&form).send()?.error_for_status()?.json()?;
    Ok(text(&made, "/access_token")?.to_owned())
}

/// A photo of a face, as JSON carries it.
fn photo() -> Result<String> {
    Ok(STANDARD.encode(fs::read(Store::open(None, Fetch::Offline)?.path("photo-obama")?)?))
}

/// The end of a link.
fn token(link: &str) -> String {
    link.rsplit('/').next().unwrap_or_default().to_owned()
}

/// What a client of `Mosaic`'s API gets its access tokens with.
struct OauthClient {
    id: String,
    secret: String,
}

/// A server over a new folder. Killed when dropped.
struct Server {
    child: Child,
    url: String,
    data: PathBuf,
    log: PathBuf,
}

impl Server {
    fn start(folder: &Path) -> Result<Self> {
        let (data, log) = (folder.join("data"), folder.join("log"));
        let mut serve =
            bonafide(&["serve", "--json", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--data"])?;
        serve.arg(&data).stdout(Stdio::piped()).stderr(fs::File::create(&log)?);
        // An account that was refused often would answer nothing else any more.
        serve.env("BONAFIDE_THROTTLE__DECLINED_PER_ACCOUNT", "0");
        serve.env("BONAFIDE_THROTTLE__DECLINED_PER_DEVICE", "0");
        serve.env("BONAFIDE_THROTTLE__DECLINED_PER_ADDRESS", "0");
        for limit in ["REQUESTS_PER_MINUTE", "BURST", "STATUS_REQUESTS_PER_MINUTE", "OPEN_SESSIONS"] {
            serve.env(format!("BONAFIDE_TRUELENS__{limit}"), "1000000");
        }
        for limit in ["REQUESTS", "OCR_REQUESTS"] {
            for time in ["SECOND", "MINUTE"] {
                serve.env(format!("BONAFIDE_VLENS__{limit}_PER_{time}"), "1000000");
            }
        }
        serve.env("BONAFIDE_VLENS__EXISTENCE_REQUESTS_PER_MINUTE", "1000000");
        serve.env("BONAFIDE_VLENS__REQUESTS_WITHOUT_KEY_PER_MINUTE", "1000000");
        // One-time passwords can then be asked for, and found.
        serve.env("BONAFIDE_DELIVERY__LOG", "true");
        let child = serve.spawn()?;
        let mut server = Self { child, url: String::new(), data, log };
        let mut line = String::new();
        let said = server.child.stdout.take().ok_or("the server has no output")?;
        BufReader::new(said).read_line(&mut line)?;
        if line.is_empty() {
            return Err(format!("the server did not start: {}", fs::read_to_string(&server.log)?).into());
        }
        text(&serde_json::from_str(&line)?, "/url")?.clone_into(&mut server.url);
        Ok(server)
    }

    /// A key with all permissions, made as an operator makes it.
    fn backend_key(&self) -> Result<String> {
        let mut create = bonafide(&["key", "create", "--json", "--name", "schemathesis", "--data"])?;
        create.arg(&self.data);
        create.args(["--permission", "enrollment_without_validation", "--permission", "enrollment_delete"]);
        let output = create.stderr(Stdio::inherit()).output()?;
        Ok(text(&serde_json::from_slice(&output.stdout)?, "/key")?.to_owned())
    }

    /// A client of `Mosaic`'s API, made as an operator makes it.
    fn client(&self) -> Result<OauthClient> {
        let mut create =
            bonafide(&["client", "create", "--json", "--sandbox", "--name", "schemathesis", "--data"])?;
        let output = create.arg(&self.data).stderr(Stdio::inherit()).output()?;
        let made: Value = serde_json::from_slice(&output.stdout)?;
        Ok(OauthClient { id: text(&made, "/id")?.to_owned(), secret: text(&made, "/secret")?.to_owned() })
    }

    /// Somebody of the staff, made as an operator makes them.
    fn add_user(&self) -> Result<()> {
        let file = self.data.join("password.txt");
        fs::write(&file, PASSWORD)?;
        let mut create = bonafide(&["user", "create", "--name", USER, "--permission", "Requests"])?;
        create.arg("--password-file").arg(&file).arg("--data").arg(&self.data).stdout(Stdio::null());
        if create.status()?.success() { Ok(()) } else { Err("no user could be made".into()) }
    }

    /// The one-time password of `request`, once it stands in the log.
    fn code(&self, request: &str) -> Result<String> {
        let request = request.replace('-', "");
        let begun = Instant::now();
        while begun.elapsed() < WAIT {
            let log = fs::read_to_string(&self.log)?;
            let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(line) = lines.into_iter().find(|line| line["request"] == request.as_str()) {
                return Ok(text(&line, "/code")?.to_owned());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err("no one-time password stands in the server's log".into())
    }

    /// What the server has to say to a 500, of which its caller learns nothing.
    fn show_errors(&self) -> Result<()> {
        let log = fs::read_to_string(&self.log)?;
        for line in log.lines().filter(|line| line.contains("\"level\":\"ERROR\"")) {
            eprintln!("the server's log: {line}");
        }
        Ok(())
    }

    fn must_live(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("the server ended while it was asked: {status}").into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, built if need be. Cargo gives its process away to it, so that a kill reaches the program.
fn bonafide(arguments: &[&str]) -> Result<Command> {
    let mut command = cargo(&["run", "--quiet", "--locked", "--package", "bonafide", "--", "--offline"])?;
    command.args(arguments);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_has_one_version() {
        let lines: Vec<&str> = REQUIREMENTS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.iter().any(|line| line.starts_with("schemathesis==")));
        for line in lines {
            assert_eq!(line.split("==").count(), 2, "{line}");
        }
    }

    #[test]
    fn the_key_and_what_exists_come_after_the_settings() {
        let round =
            |credentials| Round { name: "test", dialect: "vlens", credentials, examples: 1, more: &[] };
        let known = vec![("accounts", vec!["one".to_owned(), "two".to_owned()])];
        let added = |credentials| {
            let text = round(credentials).config(&known).unwrap();
            text.strip_prefix(CONFIG).unwrap().to_owned()
        };
        let dictionary = "\n[dictionaries]\naccounts = { values = [\"one\",\"two\"] }\n";
        assert_eq!(added(vec![]), dictionary);
        let both = vec![
            Credential::Key("api_key", "a.b.c".to_owned()),
            Credential::Token("access_token", "d.e.f".to_owned()),
        ];
        let auth = "\n[auth.openapi.api_key]\napi_key = \"a.b.c\"\n\n[auth.openapi.access_token]\nbearer = \"d.e.f\"\n";
        assert_eq!(added(both), format!("{auth}{dictionary}"));
    }

    #[test]
    fn a_link_ends_in_its_token() {
        assert_eq!(token("https://id.example.com/truora/v1/uploads/abc.def"), "abc.def");
    }
}
