//! One list of fields for forms and JSON, and the serde deserializer that reads it.
//!
//! It is lenient where the two differ and nowhere else: text may stand for a number or a boolean, one value for a list
//! of one. A value that is empty counts as one that was not sent.

use std::borrow::Cow;
use std::fmt::Display;

use serde::de::value::{SeqDeserializer, StringDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, Unexpected,
    Visitor,
};
use serde_json::Value;

/// A field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct FieldError {
    field: Cow<'static, str>,
    problem: String,
}

impl FieldError {
    /// `problem` goes on after the field's name: "must be ...".
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }

    /// Names the field, where nobody has yet.
    fn of(self, field: &str) -> Self {
        if self.field.is_empty() { Self { field: field.to_owned().into(), ..self } } else { self }
    }
}

impl de::Error for FieldError {
    fn custom<T: Display>(problem: T) -> Self {
        Self::new("", problem.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(field, "is required")
    }

    fn unknown_variant(_: &str, allowed: &'static [&'static str]) -> Self {
        match allowed {
            [only] => Self::custom(format_args!("must be {only}")),
            _ => Self::custom(format_args!("must be one of {}", allowed.join(", "))),
        }
    }

    // What was sent is left out of all of these: it may be personal.
    fn invalid_type(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::custom(format_args!("must be {wanted}"))
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::custom(format_args!("must be {wanted}"))
    }
}

/// Most pairs of a form: more than any route has. Each is compared with those before it, which must not become work.
const MAX_PAIRS: usize = 256;

/// What was sent, in its order; each name once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields(Vec<(String, Value)>);

impl Fields {
    /// A repeated key becomes a list. `None` for bytes that are no form, or one in another encoding than UTF-8, or
    /// one of too many pairs.
    pub(super) fn from_form(bytes: &[u8]) -> Option<Self> {
        let pairs: Vec<(String, String)> = serde_html_form::from_bytes(bytes).ok()?;
        // What stands where the reader found no UTF-8. Nobody sends it on purpose.
        let is_mangled = pairs.iter().any(|(_, text)| text.contains(char::REPLACEMENT_CHARACTER));
        if is_mangled || pairs.len() > MAX_PAIRS {
            return None;
        }
        let mut fields: Vec<(String, Value)> = Vec::new();
        for (name, text) in pairs.into_iter().filter(|(_, text)| !text.is_empty()) {
            let value = Value::String(text);
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, Value::Array(values))) => values.push(value),
                Some((_, first)) => *first = Value::Array(vec![first.take(), value]),
                None => fields.push((name, value)),
            }
        }
        Some(Self(fields))
    }

    /// `None` for bytes that are no JSON object.
    pub(super) fn from_json(bytes: &[u8]) -> Option<Self> {
        let Ok(Value::Object(object)) = serde_json::from_slice(bytes) else { return None };
        Some(Self(object.into_iter().filter(|(_, value)| !is_empty(value)).collect()))
    }

    /// These fields, and those of `others` whose names are not among them.
    pub(super) fn and(mut self, others: Self) -> Self {
        for (name, value) in others.0 {
            if !self.0.iter().any(|(known, _)| *known == name) {
                self.0.push((name, value));
            }
        }
        self
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`FieldError`] for the first field that is wrong, or else the first that is missing.
    pub(super) fn parse<T: DeserializeOwned>(self) -> Result<T, FieldError> {
        T::deserialize(self)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        _ => false,
    }
}

impl<'de> Deserializer<'de> for Fields {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_map(Entries { rest: self.0.into_iter(), value: None })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Entries {
    rest: std::vec::IntoIter<(String, Value)>,
    value: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FieldError> {
        self.value = self.rest.next();
        let Some((name, _)) = &self.value else { return Ok(None) };
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, FieldError> {
        let (name, value) = self.value.take().unwrap_or_default();
        seed.deserialize(FieldValue(value)).map_err(|error: FieldError| error.of(&name))
    }
}

/// One value, which may be text in place of what is asked for.
struct FieldValue(Value);

impl IntoDeserializer<'_, FieldError> for FieldValue {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn wrong<T>(wanted: &str) -> Result<T, FieldError> {
    Err(de::Error::custom(format_args!("must be {wanted}")))
}

impl FieldValue {
    fn text(self) -> Result<String, FieldError> {
        match self.0 {
            Value::String(text) => Ok(text),
            // A document number without quotes is still one.
            Value::Number(number) => Ok(number.to_string()),
            Value::Array(_) => wrong("given once"),
            _ => wrong("text"),
        }
    }

    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let number = match &self.0 {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.map_or_else(|| wrong("a whole number"), |number| visitor.visit_u64(number))
    }

    fn real<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let number = match &self.0 {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        number.map_or_else(|| wrong("a number"), |number| visitor.visit_f64(number))
    }
}

macro_rules! read_as {
    ($reader:ident: $($method:ident),+) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
            self.$reader(visitor)
        }
    )+ };
}

impl<'de> Deserializer<'de> for FieldValue {
    type Error = FieldError;

    read_as!(whole: deserialize_u8, deserialize_u16, deserialize_u32, deserialize_u64);
    read_as!(real: deserialize_f32, deserialize_f64);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        self.0.deserialize_any(visitor).map_err(de::Error::custom)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        match self.0 {
            Value::Bool(is_so) => visitor.visit_bool(is_so),
            // Python writes True.
            Value::String(text) if text.eq_ignore_ascii_case("true") => visitor.visit_bool(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => visitor.visit_bool(false),
            _ => wrong("true or false"),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        // What is empty was left out before.
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let values = match self.0 {
            Value::Array(values) => values,
            one => vec![one],
        };
        let mut values =
            SeqDeserializer::new(values.into_iter().filter(|value| !is_empty(value)).map(FieldValue));
        visitor.visit_seq(&mut values)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        let word: StringDeserializer<FieldError> = self.text()?.into_deserializer();
        visitor.visit_enum(word)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        #[serde(rename = "type")]
        kind: String,
        agreed: bool,
        share: Option<f64>,
        count: Option<u8>,
        #[serde(default)]
        colours: Vec<Colour>,
    }

    fn form(text: &str) -> Result<Sample, String> {
        Fields::from_form(text.as_bytes()).unwrap().parse().map_err(|error: FieldError| error.to_string())
    }

    fn json(text: &str) -> Result<Sample, String> {
        Fields::from_json(text.as_bytes()).unwrap().parse().map_err(|error: FieldError| error.to_string())
    }

    #[test]
    fn numbers_booleans_and_lists_may_be_text() {
        let sample = form("type=a&agreed=True&share=0.5&count=7&colours=red&colours=green&extra=1").unwrap();
        for text in [
            r#"{"type":"a","agreed":true,"share":0.5,"count":7,"colours":["red","green"],"more":{"x":1}}"#,
            r#"{"type":"a","agreed":"true","share":"0.5","count":"7","colours":["red",null,"green"]}"#,
        ] {
            assert_eq!(json(text).as_ref(), Ok(&sample));
        }
        assert_eq!(json(r#"{"type":"a","agreed":false,"colours":"red"}"#).unwrap().colours, [Colour::Red]);
    }

    #[test]
    fn a_form_has_a_bounded_number_of_pairs() {
        assert!(Fields::from_form("a=1&".repeat(MAX_PAIRS).as_bytes()).is_some());
        assert!(Fields::from_form("a=1&".repeat(MAX_PAIRS + 1).as_bytes()).is_none());
    }

    #[test]
    fn what_is_empty_was_not_sent() {
        let sample = form("type=a&agreed=false&share=&colours=").unwrap();
        assert_eq!(sample.share, None);
        assert!(sample.colours.is_empty());
        assert_eq!(json(r#"{"type":"a","agreed":false,"share":null,"colours":[""]}"#).as_ref(), Ok(&sample));
        assert_eq!(form("type=&agreed=true"), Err("type is required".to_owned()));
    }

    #[test]
    fn an_error_names_the_field_and_what_it_may_be_but_not_what_was_sent() {
        for (text, problem) in [
            ("", "type is required"),
            ("type=a", "agreed is required"),
            ("type=a&agreed=maybe", "agreed must be true or false"),
            ("type=a&type=b&agreed=true", "type must be given once"),
            ("type=a&agreed=true&share=half", "share must be a number"),
            ("type=a&agreed=true&share=NaN", "share must be a number"),
            ("type=a&agreed=true&count=-1", "count must be a whole number"),
            ("type=a&agreed=true&count=256", "count must be u8"),
            ("type=a&agreed=true&colours=red&colours=blue", "colours must be one of red, green"),
        ] {
            assert_eq!(form(text), Err(problem.to_owned()), "{text}");
        }
        assert_eq!(json(r#"{"type":"a","agreed":1}"#), Err("agreed must be true or false".to_owned()));
        assert_eq!(json(r#"{"type":{},"agreed":true}"#), Err("type must be text".to_owned()));
        assert_eq!(
            json(r#"{"type":"a","agreed":true,"share":[1,2]}"#),
            Err("share must be a number".to_owned())
        );
    }
}
