//! The reference of a dialect: what its OpenAPI document says, as Markdown, with calls to be sent between it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::calls::Call;
use super::markdown::slug;
use super::schema::{Schemas, each, heading, is_object, name};

/// A piece of a page.
pub(super) enum Part {
    Markdown(String),
    /// Only in HTML.
    Call(Call),
}

/// Operations of this tag need no key and touch nothing: they can be sent from the page.
const PLAYGROUND: &str = "sandbox";

/// How a session goes, by the last words of paths: told in this order, and not by the alphabet.
const STORY: [&str; 3] = ["/init", "/status/", "/complete"];

/// One method of one path.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) value: &'a Value,
}

impl Operation<'_> {
    /// As `POST /api/verify/init`.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.method.to_ascii_uppercase(), self.path)
    }

    fn text(&self, key: &str) -> &str {
        self.value[key].as_str().unwrap_or_default()
    }

    fn tag(&self) -> &str {
        self.value["tags"][0].as_str().unwrap_or_default()
    }
}

struct Document<'a> {
    value: &'a Value,
    schemas: Schemas<'a>,
}

/// The parts of the reference to the dialect `dialect`, whose document is `document`.
pub(super) fn parts(dialect: &str, document: &Value) -> Vec<Part> {
    let schemas = Schemas(&document["components"]["schemas"]);
    Document { value: document, schemas }.parts(dialect)
}

/// What the page is called.
pub(super) fn title(document: &Value) -> String {
    let title = document["info"]["title"].as_str().unwrap_or_default();
    let title = title.strip_prefix("Bonafide: ").unwrap_or(title);
    let (first, rest) = title.split_at(title.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}: reference", first.to_uppercase())
}

impl<'a> Document<'a> {
    fn parts(&self, dialect: &str) -> Vec<Part> {
        let operations = self.operations();
        let mut text = self.beginning(dialect, &operations);
        let mut parts = Vec::new();
        let mut last_tag = None;
        for operation in &operations {
            if last_tag.replace(operation.tag()) != Some(operation.tag()) {
                let _ =
                    writeln!(text, "## {}\n\n{}\n", operation.tag(), self.tag_description(operation.tag()));
            }
            self.operation(operation, &mut text);
            if operation.tag() == PLAYGROUND {
                parts.push(Part::Markdown(std::mem::take(&mut text)));
                parts.push(Part::Call(Call::new(operation, self.schemas, self.server())));
            }
        }
        self.objects(&mut text);
        parts.push(Part::Markdown(text));
        parts
    }

    fn server(&self) -> &'a str {
        self.value["servers"][0]["url"].as_str().unwrap_or_default()
    }

    fn tag_description(&self, tag: &str) -> &'a str {
        let tag = each(&self.value["tags"]).iter().find(|known| known["name"] == tag);
        tag.and_then(|tag| tag["description"].as_str()).unwrap_or_default()
    }

    /// All of them, by tag.
    fn operations(&self) -> Vec<Operation<'a>> {
        let paths = self.value["paths"].as_object().into_iter().flat_map(Map::iter);
        let mut operations: Vec<_> = paths
            .flat_map(|(path, item)| {
                let methods = item.as_object().into_iter().flat_map(Map::iter);
                methods.map(move |(method, value)| Operation { method, path, value })
            })
            .collect();
        let tags = each(&self.value["tags"]);
        operations.sort_by_key(|operation| {
            let tag = tags.iter().position(|tag| tag["name"] == operation.tag());
            let story = STORY.iter().position(|words| operation.path.contains(words));
            (tag.unwrap_or(usize::MAX), story)
        });
        operations
    }

    fn beginning(&self, dialect: &str, operations: &[Operation<'_>]) -> String {
        let mut text = format!(
            "# {}\n\nPaths begin at `{}`. This page is made of the server's own OpenAPI 3.1 document, \
             [{dialect}.json](/openapi/{dialect}.json).",
            title(self.value),
            self.server()
        );
        if super::guides::GUIDES.iter().any(|guide| guide.name == dialect) {
            let _ = write!(text, " What it cannot say is in the [guide](/docs/{dialect}).");
        }
        text.push_str("\n\n");
        if let Some(description) = self.value["info"]["description"].as_str() {
            let _ = writeln!(text, "{description}\n");
        }
        text.push_str("## Operations\n\n");
        for operation in operations {
            let title = operation.title();
            let _ = writeln!(text, "- [`{title}`](#{}): {}", slug(&title), operation.text("summary"));
        }
        text.push('\n');
        text
    }

    fn operation(&self, operation: &Operation<'a>, text: &mut String) {
        let _ = writeln!(text, "### `{}`\n\n{}\n", operation.title(), operation.text("summary"));
        for paragraph in [operation.text("description"), &self.key(operation)] {
            if !paragraph.is_empty() {
                let _ = writeln!(text, "{paragraph}\n");
            }
        }
        let parameters = each(&operation.value["parameters"]);
        if !parameters.is_empty() {
            text.push_str("#### Parameters\n\n");
        }
        for parameter in parameters {
            let (name, place) = (&parameter["name"], &parameter["in"]);
            let (name, place) = (name.as_str().unwrap_or_default(), place.as_str().unwrap_or_default());
            let required = if parameter["required"] == true { ", required" } else { "" };
            let words = self.schemas.words(&parameter["schema"]);
            let own = parameter["description"].as_str();
            let description = own.unwrap_or_else(|| self.schemas.description(&parameter["schema"]));
            let _ = writeln!(text, "- `{name}` in the {place}: {words}{required}. {description}");
        }
        if !parameters.is_empty() {
            text.push('\n');
        }
        self.body(&operation.value["requestBody"], text);
        self.responses(operation.value, text);
    }

    /// Which key it needs.
    fn key(&self, operation: &Operation<'_>) -> String {
        let security = operation.value.get("security").unwrap_or(&self.value["security"]);
        let needed: Vec<_> = each(security).iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
        if needed.is_empty() {
            return "Needs no key.".to_owned();
        }
        let schemes = &self.value["components"]["securitySchemes"];
        let told = needed.into_iter().map(|name| {
            let scheme = &schemes[name];
            let header = match scheme["type"].as_str() {
                Some("http") => "Authorization: Bearer",
                _ => scheme["name"].as_str().unwrap_or(name),
            };
            format!("Needs the header `{header}`. {}", scheme["description"].as_str().unwrap_or_default())
        });
        told.collect::<Vec<_>>().join("\n")
    }

    fn body(&self, body: &'a Value, text: &mut String) {
        let Some(content) = body["content"].as_object().filter(|content| !content.is_empty()) else { return };
        let kinds: Vec<_> = content.keys().map(|kind| format!("`{kind}`")).collect();
        let _ = write!(text, "#### Request body\n\n{}", kinds.join(" or "));
        if let Some(description) = body["description"].as_str() {
            let _ = write!(text, ". {description}");
        }
        text.push_str(".\n\n");
        let Some(medium) = content.values().next() else { return };
        let list = self.schemas.list(&medium["schema"]);
        if list.is_empty() {
            let _ = writeln!(text, "{}\n", self.schemas.description(&medium["schema"]));
        } else {
            let _ = writeln!(text, "{list}");
        }
        self.example(medium, "Example", text);
    }

    fn responses(&self, operation: &'a Value, text: &mut String) {
        let responses = operation["responses"].as_object();
        text.push_str("#### Responses\n\n");
        for (status, response) in responses.into_iter().flat_map(Map::iter) {
            let _ = write!(text, "- `{status}`: {}.", response["description"].as_str().unwrap_or_default());
            for (kind, medium) in response["content"].as_object().into_iter().flat_map(Map::iter) {
                let words = self.schemas.words(&medium["schema"]);
                let kind = if kind == "application/json" { "JSON" } else { &format!("`{kind}`") };
                let _ = write!(text, " {kind}: {words}.");
            }
            text.push('\n');
        }
        text.push('\n');
        let good = responses.into_iter().flat_map(Map::iter).filter(|(status, _)| status.starts_with('2'));
        for (status, response) in good {
            for medium in response["content"].as_object().into_iter().flat_map(Map::values) {
                self.example(medium, &format!("Example of `{status}`"), text);
            }
        }
    }

    fn example(&self, medium: &'a Value, called: &str, text: &mut String) {
        let example = medium.get("example").or_else(|| self.schemas.example(&medium["schema"]));
        if let Some(example) = example.filter(|example| example.is_object()) {
            let _ = writeln!(text, "{called}:\n\n```json\n{example:#}\n```\n");
        }
    }

    /// The objects that answers and other objects are made of.
    fn objects(&self, text: &mut String) {
        let mut used = BTreeSet::new();
        collect(self.value, &mut used);
        let objects: Vec<_> = used.into_iter().filter(|name| is_object(&self.schemas.0[name])).collect();
        if !objects.is_empty() {
            text.push_str("## Schemas\n\n");
        }
        for name in objects {
            let schema = &self.schemas.0[name];
            let description = self.schemas.description(schema);
            let _ = writeln!(text, "### {}\n\n{description}\n\n{}", heading(name), self.schemas.list(schema));
        }
    }
}

/// The names of schemas that are referred to elsewhere than as the body of a request, whose members stand with it.
fn collect<'a>(value: &'a Value, used: &mut BTreeSet<&'a str>) {
    used.extend(name(value));
    match value {
        Value::Object(members) => {
            members
                .iter()
                .filter(|(key, _)| *key != "requestBody")
                .for_each(|(_, value)| collect(value, used));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, used)),
        _ => (),
    }
}
