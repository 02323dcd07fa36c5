//! `bonafide webhook`: who is told of events, and what is on its way.

use std::process::ExitCode;

use app::{HookView, NewHook, Replay, Signature};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use domain::{
    About, Action, Delivery, DeliveryId, DeliveryState, Disabled, EventId, EventKind, Hook, HookFilter,
    HookId, HookStyle, Origin, Timestamp, Topic, WebUrl,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::audit::time;
use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339};
use crate::output::{Failure, print_json, print_lines, print_text};

/// Make, list and delete webhooks, and see or repeat what was sent
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a webhook and print its keys
    ///
    /// Whether the server may call its address is the server's setting `outgoing.allow`: public addresses, and those.
    #[command(after_help = "\
Examples:
  bonafide webhook create --url https://shop.example/hooks
  bonafide webhook create --url https://shop.example/hooks --event-type verification --signature hmac --signature ed25519
  bonafide webhook create --tenant shop --url https://shop.example/hooks --style truora --json")]
    Create {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Where it is told: http or https, without user and password
        #[arg(long, value_parser = url)]
        url: WebUrl,
        /// What it is called
        #[arg(long, default_value = "")]
        name: String,
        /// In which form it is told: Standard Webhooks, or the vendor's whose API opened the thing
        #[arg(long, default_value = "standard", value_parser = styles())]
        style: HookStyle,
        /// About what it is told [default: everything]; may be repeated
        #[arg(long = "event-type", value_name = "TYPE", value_delimiter = ',', value_parser = topics())]
        topics: Vec<Topic>,
        /// Of what that happened [default: everything]; may be repeated
        #[arg(long = "action", value_name = "ACTION", value_delimiter = ',', value_parser = actions())]
        actions: Vec<Action>,
        /// How Standard Webhooks are signed [default: hmac]; may be repeated
        #[arg(long = "signature", value_name = "WAY", value_delimiter = ',', value_parser = signatures())]
        signatures: Vec<Signature>,
    },
    /// Show the webhooks of a tenant, never their keys
    List {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
    },
    /// Tell a webhook of what happens from now on
    #[command(after_help = "Exit code 1: the tenant has no such webhook.")]
    Enable(One),
    /// Tell a webhook nothing, and cancel what waits for it
    #[command(after_help = "Exit code 1: the tenant has no such webhook.")]
    Disable(One),
    /// Delete a webhook with all that is on its way to it
    #[command(after_help = "Exit code 1: the tenant has no such webhook.")]
    Delete(One),
    /// Show what was sent or waits, newest first
    #[command(after_help = "\
Examples:
  bonafide webhook deliveries --state dead
  bonafide webhook deliveries --hook 000102030405060708090a0b0c0d0e0f --limit 10 --json")]
    Deliveries {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Only what goes to this webhook
        #[arg(long, value_name = "ID")]
        hook: Option<HookId>,
        /// Only what is in this state
        #[arg(long, value_parser = states())]
        state: Option<DeliveryState>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Send once more what has ended, in its order; a running server sees it within two seconds
    #[command(after_help = "\
Exit code 1: nothing was there to send once more. What goes to a webhook that is disabled stays as it is.

Examples:
  bonafide webhook replay --dead
  bonafide webhook replay --hook 000102030405060708090a0b0c0d0e0f --since 2026-11-21T10:00")]
    #[command(group = clap::ArgGroup::new("which").required(true).multiple(true)
        .args(["hook", "delivery", "since", "dead"]))]
    Replay {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// What went to this webhook
        #[arg(long, value_name = "ID")]
        hook: Option<HookId>,
        /// This delivery
        #[arg(long, value_name = "ID")]
        delivery: Option<DeliveryId>,
        /// What happened then or later, in UTC unless it says otherwise: `2026-11-21` or `2026-11-21T10:00`
        #[arg(long, value_name = "TIME", value_parser = time)]
        since: Option<Timestamp>,
        /// Only what was given up
        #[arg(long)]
        dead: bool,
    },
}

/// One webhook.
#[derive(Debug, clap::Args)]
pub(crate) struct One {
    #[command(flatten)]
    folder: DataFolder,
    /// Name or id of the tenant
    #[arg(long, default_value = "default")]
    tenant: String,
    /// Id of the webhook, as `list` shows it
    id: HookId,
}

/// What is told of a webhook.
#[derive(Debug, Serialize)]
struct Document {
    id: HookId,
    style: String,
    name: String,
    url: String,
    event_types: Vec<Topic>,
    actions: Vec<Action>,
    disabled: Option<DisabledDocument>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct DisabledDocument {
    why: domain::DisabledWhy,
    at: String,
}

/// A webhook that was just made. The only document with keys.
#[derive(Serialize)]
struct NewDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    #[serde(flatten)]
    about: Document,
}

/// What is told of a delivery.
#[derive(Debug, Serialize)]
struct DeliveryDocument {
    id: DeliveryId,
    hook: HookId,
    event: EventId,
    kind: EventKind,
    about: String,
    state: DeliveryState,
    attempts: u32,
    due_at: Option<String>,
    status: Option<u16>,
    error: Option<String>,
    created_at: String,
    ended_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct DoneDocument {
    done: bool,
}

#[derive(Debug, Serialize)]
struct ReplayedDocument {
    replayed: u64,
}

impl From<&Hook> for Document {
    fn from(hook: &Hook) -> Self {
        let disabled = |Disabled { why, at }| DisabledDocument { why, at: rfc3339(at) };
        Self {
            id: hook.id,
            style: style_word(hook.style),
            name: hook.name.clone(),
            url: hook.url.as_str().to_owned(),
            event_types: hook.filter.topics.iter().copied().collect(),
            actions: hook.filter.actions.iter().copied().collect(),
            disabled: hook.disabled.map(disabled),
            created_at: rfc3339(hook.created_at),
            updated_at: rfc3339(hook.updated_at),
        }
    }
}

impl From<&Delivery> for DeliveryDocument {
    fn from(delivery: &Delivery) -> Self {
        let event = &delivery.event;
        Self {
            id: delivery.id,
            hook: delivery.hook,
            event: event.id,
            kind: event.kind,
            about: match event.about {
                About::Enrollment(id) => id.to_string(),
                About::Verification(id) => id.to_string(),
                About::Session(id) => id.to_string(),
            },
            state: delivery.state,
            attempts: delivery.attempts,
            due_at: delivery.due_at.map(rfc3339),
            status: delivery.status,
            error: delivery.error.clone(),
            created_at: rfc3339(delivery.created_at),
            ended_at: delivery.ended_at.map(rfc3339),
        }
    }
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Create { folder, tenant, url, name, style, topics, actions, signatures } => {
            let new = NewHook {
                style: *style,
                url: url.clone(),
                name: name.clone(),
                filter: HookFilter {
                    topics: topics.iter().copied().collect(),
                    actions: actions.iter().copied().collect(),
                },
                is_enabled: true,
                signatures: if signatures.is_empty() { vec![Signature::Hmac] } else { signatures.clone() },
                extra: serde_json::Value::Null,
            };
            let view = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.create_hook(tenant, new).await?)
            })?;
            print_new(&view, options)
        }
        Command::List { folder, tenant } => {
            let hooks = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.hooks(tenant).await?)
            })?;
            if options.json {
                print_json(&hooks.iter().map(Document::from).collect::<Vec<_>>())?;
            } else {
                print_lines(hooks.iter().map(line))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Enable(one) => switch(one, true, options),
        Command::Disable(one) => switch(one, false, options),
        Command::Delete(one) => {
            let done = one.folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(&one.tenant).await?.id;
                Ok(admin.delete_hook(tenant, one.id).await?)
            })?;
            print_done(done, one.id, "deleted", options)
        }
        Command::Deliveries { folder, tenant, hook, state, limit } => {
            let deliveries = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.deliveries(tenant, *hook, *state, *limit).await?)
            })?;
            let documents: Vec<_> = deliveries.iter().map(DeliveryDocument::from).collect();
            if options.json {
                print_json(&documents)?;
            } else {
                print_lines(documents.iter().map(delivery_line))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Replay { folder, tenant, hook, delivery, since, dead } => {
            let which = Replay { hook: *hook, delivery: *delivery, since: *since, dead_only: *dead };
            let replayed = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.replay(tenant, &which).await?)
            })?;
            if options.json {
                print_json(&ReplayedDocument { replayed })?;
            } else {
                print_text(&format!("to be sent once more: {replayed}\n"))?;
            }
            Ok(ExitCode::from(u8::from(replayed == 0)))
        }
    }
}

fn switch(one: &One, is_enabled: bool, options: &Options) -> Result<ExitCode, Failure> {
    let done = one.folder.with_admin(Missing::Refuse, async |admin| {
        let tenant = admin.tenant(&one.tenant).await?.id;
        Ok(admin.enable_hook(tenant, one.id, is_enabled).await?)
    })?;
    print_done(done, one.id, if is_enabled { "enabled" } else { "disabled" }, options)
}

fn print_done(done: bool, id: HookId, what: &str, options: &Options) -> Result<ExitCode, Failure> {
    if options.json {
        print_json(&DoneDocument { done })?;
    } else if done {
        print_text(&format!("webhook {id} is {what}\n"))?;
    }
    if !done {
        eprintln!("there is no webhook {id}");
    }
    Ok(ExitCode::from(u8::from(!done)))
}

fn print_new(view: &HookView, options: &Options) -> Result<ExitCode, Failure> {
    let (secret, public_key) = (view.keys.shared(), view.keys.public()?);
    if options.json {
        print_json(&NewDocument { secret, public_key, about: Document::from(&view.hook) })?;
    } else {
        let keys = secret.into_iter().chain(public_key.as_deref());
        print_lines(std::iter::once(view.hook.id.to_string()).chain(keys.map(str::to_owned)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line(hook: &Hook) -> String {
    let state = hook.disabled.map_or("enabled".to_owned(), |Disabled { why, at }| {
        format!("disabled {} ({})", rfc3339(at), word(&why))
    });
    let url = hook.url.as_str();
    format!("{}  {}  {url}  {}  {state}", hook.id, style_word(hook.style), hook.name)
}

fn delivery_line(delivery: &DeliveryDocument) -> String {
    let when = match (&delivery.ended_at, &delivery.due_at) {
        (Some(ended), _) => ended.clone(),
        (None, Some(due)) => format!("due {due}"),
        (None, None) => "behind an earlier one".to_owned(),
    };
    let error = delivery.error.as_deref().unwrap_or_default();
    let status = delivery.status.map_or_else(String::new, |status| status.to_string());
    let (state, kind) = (word(&delivery.state), word(&delivery.kind));
    let DeliveryDocument { id, hook, about, attempts, .. } = delivery;
    format!("{id}  {hook}  {kind} {about}  {state}  attempts {attempts}  {when}  {status} {error}")
        .trim_end()
        .to_owned()
}

fn style_word(style: HookStyle) -> String {
    match style {
        HookStyle::Standard => "standard".to_owned(),
        HookStyle::Vendor(origin) => origin.to_string(),
    }
}

fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn read<T: DeserializeOwned>(word: String) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::Value::String(word))
}

fn url(text: &str) -> Result<WebUrl, String> {
    WebUrl::parse(text).map_err(|error| format!("it must be {error}"))
}

fn styles() -> impl clap::builder::TypedValueParser<Value = HookStyle> {
    PossibleValuesParser::new(["standard", "truora"]).try_map(|word| match word.as_str() {
        "standard" => Ok(HookStyle::Standard),
        _ => read::<Origin>(word).map(HookStyle::Vendor),
    })
}

fn topics() -> impl clap::builder::TypedValueParser<Value = Topic> {
    PossibleValuesParser::new(["enrollment", "verification", "block", "search", "document"])
        .try_map(read::<Topic>)
}

fn actions() -> impl clap::builder::TypedValueParser<Value = Action> {
    PossibleValuesParser::new(["created", "succeeded", "failed", "deleted"]).try_map(read::<Action>)
}

fn signatures() -> impl clap::builder::TypedValueParser<Value = Signature> {
    PossibleValuesParser::new(["hmac", "ed25519"]).try_map(read::<Signature>)
}

fn states() -> impl clap::builder::TypedValueParser<Value = DeliveryState> {
    PossibleValuesParser::new(["pending", "delivered", "dead", "cancelled"]).try_map(read::<DeliveryState>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_domain() {
        for topic in [Topic::Enrollment, Topic::Verification, Topic::Block, Topic::Search, Topic::Document] {
            assert_eq!(read::<Topic>(word(&topic)).unwrap(), topic);
        }
        for style in [HookStyle::Standard, HookStyle::Vendor(Origin::Truora)] {
            assert!(["standard", "truora"].contains(&style_word(style).as_str()));
        }
        assert_eq!(read::<Origin>("truora".to_owned()).unwrap(), Origin::Truora);
        assert_eq!(
            (word(&Action::Deleted), word(&Signature::Ed25519)),
            ("deleted".to_owned(), "ed25519".to_owned())
        );
        assert_eq!(word(&DeliveryState::Cancelled), "cancelled");
    }
}
