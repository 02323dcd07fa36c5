//! `bonafide serve`: the server.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use app::{Admin, NewKey, NewTenant, SIMILARITY_FLOOR_FMR, Service, ServiceOptions};
use assets::Group;
use domain::{KeyKind, Permission};
use serde::Serialize;
use server::config::{Flags, MetricsListen, PublicUrl};
use server::{Addresses, Config, ServeLock};

use crate::Options;
use crate::clock::SystemClock;
use crate::output::{Failure, PullBar, print_text};

/// Run the server
///
/// Settings come from defaults, then the file of `--config`, then variables such as `BONAFIDE_LISTEN` or
/// `BONAFIDE_LIMITS__QUEUE`, then these flags. The first start on an empty folder makes a tenant `default` and an API
/// key, and says where it lies. SIGTERM and SIGINT stop it once running requests and jobs are done.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bonafide serve
  bonafide serve --data /var/lib/bonafide --listen 0.0.0.0:8080 --public-url https://id.example.com
  bonafide serve --config /etc/bonafide.toml --metrics-listen off")]
pub(crate) struct Args {
    /// Folder of everything that is kept [default: bonafide-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where callers find the server; the links it hands out begin with it [default: the address it listens on]
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// TOML file with settings
    #[arg(long, value_name = "FILE", env = "BONAFIDE_CONFIG")]
    config: Option<PathBuf>,
    /// Address and port of /metrics, or off [default: 127.0.0.1:9464 if that is free]
    #[arg(long, value_name = "ADDR")]
    metrics_listen: Option<MetricsListen>,
    /// What to log, as `info` or `server=debug,warn` [default: `RUST_LOG`, else info]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
}

/// What a start tells.
#[derive(Debug, Serialize)]
struct Announcement<'a> {
    url: &'a str,
    metrics_url: Option<String>,
    /// The key of the first start, while its file is there.
    first_key_file: Option<&'a Path>,
    data: &'a Path,
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let flags = Flags {
        data: args.data.clone(),
        listen: args.listen,
        metrics_listen: args.metrics_listen,
        public_url: args.public_url.clone(),
    };
    let config = Config::load(args.config.as_deref(), &flags)?;
    server::telemetry::install(args.log.as_deref())?;
    let lock = ServeLock::acquire(&config.data)?;
    let assets = options.store()?;
    assets.pull(&[Group::Face, Group::Document], &PullBar::new())?;
    for (group, loss) in [
        (Group::Video, "without the decoder of the group video, videos are refused"),
        (Group::Voice, "without the models of the group voice, spoken tokens are refused"),
    ] {
        if let Err(error) = assets.pull(&[group], &PullBar::new()) {
            tracing::warn!(%error, "{loss}");
        }
    }
    let runtime = runtime().map_err(Failure::Runtime)?;
    let served = runtime.block_on(async {
        let store = app::Store::open(&config.data).await?;
        let service_options = ServiceOptions {
            at_once: config.limits.inference_threads.get(),
            queue: config.limits.queue().get(),
        };
        let (limits, clock) = (config.usage_limits(), Arc::new(SystemClock));
        let service = Service::open_limited(service_options, limits, store, assets, clock).await?;
        let key_file = std::path::absolute(config.data.join(FIRST_KEY)).map_err(Failure::Output)?;
        make_first_key(&service.admin(), &key_file).await?;
        server::serve(&config, service, lock, |addresses| {
            if let Err(error) = announce(&config, addresses, &key_file, options.json) {
                tracing::warn!(%error, "where the server is could not be printed");
            }
        })
        .await?;
        Ok(ExitCode::SUCCESS)
    });
    // The grace is over: a photo that is still worked on is judged after the next start.
    runtime.shutdown_background();
    served
}

/// Photos have threads of their own: what is left is waiting, and more threads would only take the cores from them.
fn runtime() -> io::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread().worker_threads(cores.div_ceil(4)).enable_all().build()
}

/// Name of the file with the key of the first start.
const FIRST_KEY: &str = "first-api-key";

/// Makes the tenant `default` in an empty store, and its first key, whose token goes to `file` and nowhere else.
async fn make_first_key(admin: &Admin, file: &Path) -> Result<(), Failure> {
    if admin.is_empty().await? {
        let tenant = NewTenant {
            name: "default".to_owned(),
            plan: "standard".to_owned(),
            allowed_origins: Vec::new(),
            similarity_floor_fmr: SIMILARITY_FLOOR_FMR,
            evidence_days: 0,
        };
        admin.create_tenant(tenant).await?;
    }
    // Asked of what is there, not of what was just done: an earlier start may have been cut off between the two.
    let tenants = admin.tenants().await?;
    let [tenant] = tenants.as_slice() else { return Ok(()) };
    if tenant.name != "default" || !admin.keys(tenant.id).await?.is_empty() {
        return Ok(());
    }
    let unusable = |source| Failure::FirstKey { path: file.to_owned(), source };
    // The file first: a key that nobody has would be of no use.
    let mut target = create_private(file).map_err(unusable)?;
    let new = NewKey {
        tenant: tenant.id,
        name: "first".to_owned(),
        kind: KeyKind::Backend,
        permissions: BTreeSet::from([Permission::EnrollmentWithoutValidation, Permission::EnrollmentDelete]),
        expires_in: None,
    };
    let written = match admin.create_key(new).await {
        Ok((_, token)) => writeln!(target, "{token}").and_then(|()| target.sync_all()).map_err(unusable),
        Err(error) => Err(error.into()),
    };
    if written.is_err() {
        // It holds no key, and would be in the way of the next start.
        let _ = fs::remove_file(file);
    }
    written
}

fn create_private(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

fn announce(config: &Config, addresses: &Addresses, key_file: &Path, json: bool) -> Result<(), Failure> {
    let key_file = key_file.exists().then_some(key_file);
    let metrics_url = addresses.metrics.map(|address| format!("http://{address}/metrics"));
    let url = addresses.url.as_str();
    if json {
        let data = &config.data;
        let line = Announcement { url, metrics_url, first_key_file: key_file, data };
        let line = serde_json::to_string(&line).map_err(io::Error::from)?;
        return print_text(&format!("{line}\n"));
    }
    let mut text = format!("listening at {url}\n");
    if let Some(metrics_url) = metrics_url {
        let _ = writeln!(text, "metrics at {metrics_url}");
    }
    if let Some(key_file) = key_file {
        let path = in_shell(key_file);
        let prefix = &config.dialects.truora.prefix;
        let _ = writeln!(
            text,
            "the first API key is in {}: keep it, then delete the file\ntry it:\n  curl -H \"Truora-API-Key: $(cat \
             {path})\" -d country=ALL {url}{prefix}/v1/accounts",
            key_file.display()
        );
    }
    print_text(&text)
}

/// The path as a shell reads it back, within double quotes and `$(...)`.
fn in_shell(path: &Path) -> String {
    let text = path.display().to_string();
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte)) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_printed_command_is_one_word() {
        assert_eq!(in_shell(Path::new("/var/lib/bonafide/first-api-key")), "/var/lib/bonafide/first-api-key");
        assert_eq!(in_shell(Path::new("/my data/it's")), r"'/my data/it'\''s'");
    }
}
