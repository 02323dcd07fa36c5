//! Schemas of an OpenAPI document, in words.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::markdown::slug;

/// The named schemas of a document.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a>(pub(super) &'a Value);

/// A member of an object.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
    pub(super) required: bool,
}

/// The heading of a schema's own section.
pub(super) fn heading(name: &str) -> String {
    format!("Schema `{name}`")
}

/// Whether it has members, and so is told in a section of its own.
pub(super) fn is_object(schema: &Value) -> bool {
    schema["properties"].is_object() || schema["allOf"].is_array()
}

/// The schema that is meant by `$ref`: its name.
pub(super) fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// The elements of a list that may be missing.
pub(super) fn each(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}

/// The one of two choices of which the other is null.
fn only_choice(schema: &Value) -> Option<&Value> {
    let mut choices = each(&schema["oneOf"]).iter().chain(each(&schema["anyOf"])).filter(|it| !is_null(it));
    choices.next().filter(|_| choices.next().is_none())
}

impl<'a> Schemas<'a> {
    /// What `schema` means, behind `$ref`.
    pub(super) fn meant(self, schema: &'a Value) -> &'a Value {
        name(schema).map_or(schema, |name| &self.0[name])
    }

    /// Its members, required ones first.
    pub(super) fn fields(self, schema: &'a Value) -> Vec<Field<'a>> {
        let schema = self.meant(schema);
        let mut fields: Vec<Field<'a>> =
            each(&schema["allOf"]).iter().flat_map(|part| self.fields(part)).collect();
        let required = each(&schema["required"]);
        let own = schema["properties"].as_object().into_iter().flat_map(Map::iter);
        fields.extend(own.map(|(name, schema)| Field {
            name,
            schema,
            required: required.iter().any(|required| required == name.as_str()),
        }));
        fields.sort_by_key(|field| !field.required);
        fields
    }

    /// What kind of value it is, and within which bounds.
    pub(super) fn words(self, schema: &Value) -> String {
        if let Some(name) = name(schema) {
            let target = &self.0[name];
            return if is_object(target) {
                format!("[`{name}`](#{})", slug(&heading(name)))
            } else {
                self.words(target)
            };
        }
        for (key, between) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
            if let Some(parts) = schema[key].as_array() {
                return parts.iter().map(|part| self.words(part)).collect::<Vec<_>>().join(between);
            }
        }
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<_> = values.iter().map(|value| format!("`{}`", plain(value))).collect();
            return if values.len() == 1 { values.concat() } else { format!("one of {}", values.join(", ")) };
        }
        let mut words = self.kind(schema);
        for bounds in [
            range(schema, "minimum", "maximum", ""),
            range(schema, "minLength", "maxLength", " characters"),
            range(schema, "minItems", "maxItems", " items"),
            schema["pattern"].as_str().map(|pattern| format!("matching `{pattern}`")),
            schema.get("default").map(|value| format!("`{}` where it is missing", plain(value))),
        ]
        .into_iter()
        .flatten()
        {
            let _ = write!(words, ", {bounds}");
        }
        words
    }

    fn kind(self, schema: &Value) -> String {
        let kind = |name: &str| match (name, schema["format"].as_str()) {
            ("array", _) => format!("array of {}", self.words(&schema["items"])),
            ("string", Some(format)) => format!("string ({format})"),
            (name, _) => name.to_owned(),
        };
        match &schema["type"] {
            Value::String(name) => kind(name),
            Value::Array(names) => {
                names.iter().filter_map(Value::as_str).map(kind).collect::<Vec<_>>().join(" or ")
            }
            _ => "any value".to_owned(),
        }
    }

    /// What it is for: its own text, else that of what it refers to.
    pub(super) fn description(self, schema: &'a Value) -> &'a str {
        let own = schema["description"].as_str();
        let own = own.or_else(|| only_choice(schema).map(|choice| self.description(choice)));
        own.or_else(|| self.meant(schema)["description"].as_str()).unwrap_or_default()
    }

    /// An example of it.
    pub(super) fn example(self, schema: &'a Value) -> Option<&'a Value> {
        let own = |schema: &'a Value| schema.get("example").or_else(|| each(&schema["examples"]).first());
        own(schema).or_else(|| own(self.meant(schema)))
    }

    /// The members of `schema` as a list.
    pub(super) fn list(self, schema: &'a Value) -> String {
        let mut list = String::new();
        self.list_below(schema, 0, &mut list);
        list
    }

    fn list_below(self, schema: &'a Value, depth: usize, list: &mut String) {
        let indent = "  ".repeat(depth);
        for Field { name, schema, required } in self.fields(schema) {
            let words = self.words(schema);
            let required = if required { ", required" } else { "" };
            let description = self.description(schema).replace('\n', &format!("\n{indent}  "));
            let _ = write!(list, "{indent}- `{name}`: {words}{required}. {description}");
            if let Some(example) = self.example(schema).filter(|example| !example.is_object()) {
                let _ = write!(list, " Example: `{}`.", plain(example));
            }
            list.truncate(list.trim_end().len());
            list.push('\n');
            // What has no name has no section of its own.
            let inner = only_choice(schema).unwrap_or(schema);
            let inner = if inner["items"].is_object() { &inner["items"] } else { inner };
            if self::name(inner).is_none() {
                self.list_below(inner, depth + 1, list);
            }
        }
    }
}

/// A value as one writes it: texts without quotes.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn range(schema: &Value, low: &str, high: &str, unit: &str) -> Option<String> {
    match (schema.get(low), schema.get(high)) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}{unit}")),
        (Some(low), None) => Some(format!("at least {low}{unit}")),
        (None, Some(high)) => Some(format!("at most {high}{unit}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_told_with_its_bounds() {
        let named = json!({
            "Word": {"type": "string", "enum": ["a", "b"], "description": "A word."},
            "Thing": {"type": "object", "properties": {"x": {"type": "null"}}},
        });
        let schemas = Schemas(&named);
        let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        for (schema, words) in [
            (json!({"type": ["string", "null"], "maxLength": 8}), "string or null, at most 8 characters"),
            (
                json!({"type": "integer", "minimum": 0, "maximum": 100, "default": 3}),
                "integer, 0 to 100, `3` where it is missing",
            ),
            (json!({"type": "string", "format": "uri"}), "string (uri)"),
            (json!({"type": "array", "items": reference("Word")}), "array of one of `a`, `b`"),
            (json!({"oneOf": [reference("Thing"), {"type": "null"}]}), "[`Thing`](#schema-thing) or null"),
            (json!({}), "any value"),
        ] {
            assert_eq!(schemas.words(&schema), words);
        }
        let choice = json!({"oneOf": [reference("Word"), {"type": "null"}]});
        assert_eq!(schemas.description(&choice), "A word.");
    }

    #[test]
    fn every_member_is_listed_whatever_it_is_made_of() {
        let named = json!({"Base": {"properties": {"base": {"type": "string"}}}});
        let schema = json!({"allOf": [{"$ref": "#/components/schemas/Base"}, {
            "required": ["own"],
            "properties": {"own": {"type": "object", "properties": {"inner": {"type": "boolean"}}}},
        }]});
        let list = Schemas(&named).list(&schema);
        assert_eq!(list, "- `own`: object, required.\n  - `inner`: boolean.\n- `base`: string.\n");
    }
}
