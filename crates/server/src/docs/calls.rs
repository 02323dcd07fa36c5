//! Calls that can be sent from the page.

use askama::Template;

use super::path_of;
use super::reference::Operation;
use super::schema::{Schemas, each};

/// A form for one operation.
#[derive(Template)]
#[template(path = "docs_call.html")]
pub(super) struct Call {
    operation: String,
    title: String,
    method: String,
    path: String,
    fields: Vec<Field>,
}

/// What is filled in.
struct Field {
    name: String,
    /// Whether it goes into the path, else into the body.
    in_path: bool,
    /// Whether it is a truth value, else a text.
    is_flag: bool,
    /// The member of an earlier answer whose value it takes.
    takes: String,
    words: String,
    required: bool,
}

/// The vendor's path calls a session what bodies call a verification.
const SAME: (&str, &str) = ("session_id", "verification_id");

impl Call {
    pub(super) fn new(operation: &Operation<'_>, schemas: Schemas<'_>, server: &str) -> Self {
        let body = operation.value["requestBody"]["content"].get("application/json");
        let members = body.map(|medium| schemas.fields(&medium["schema"])).unwrap_or_default();
        let parameters = each(&operation.value["parameters"]).iter().filter(|it| it["in"] == "path");
        let field = |name: &str, schema, in_path, required| Field {
            name: name.to_owned(),
            in_path,
            is_flag: schemas.words(schema).starts_with("boolean"),
            takes: if name == SAME.0 { SAME.1 } else { name }.to_owned(),
            words: schemas.words(schema),
            required,
        };
        let mut fields: Vec<_> = parameters
            .map(|it| field(it["name"].as_str().unwrap_or_default(), &it["schema"], true, true))
            .collect();
        fields.extend(members.iter().map(|member| field(member.name, member.schema, false, member.required)));
        Self {
            operation: operation.value["operationId"].as_str().unwrap_or_default().to_owned(),
            title: operation.title(),
            method: operation.method.to_ascii_uppercase(),
            path: format!("{}{}", path_of(server), operation.path),
            fields,
        }
    }
}
