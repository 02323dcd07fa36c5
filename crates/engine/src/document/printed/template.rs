//! Kinds of documents as data: by what each is recognised, and which fields are printed on it.
//!
//! A template is a TOML file in `templates/`; a new document is a new file there.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::printed::{DateOrder, Form, fold};
use domain::{DocumentKind, FieldName, MrzFormat, PageSide};
use include_dir::{Dir, include_dir};
use serde::Deserialize;

/// The templates that the program was built with.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../templates");

/// The file with the labels that many documents share.
const VOCABULARY: &str = "vocabulary.toml";

/// One kind of document, one side.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Name of the template.
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Which side.
    pub side: PageSide,
    /// By what it is recognised.
    pub recognise: Recognise,
    /// How dates of digits are ordered.
    #[serde(default)]
    pub dates: DateOrder,
    /// Country and region that the template itself states.
    #[serde(default)]
    pub country: Option<String>,
    /// The fields that are printed.
    #[serde(default, rename = "field")]
    pub fields: Vec<FieldTemplate>,
}

/// By what a template is recognised: all that is given must be there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognise {
    /// Formats of the machine-readable zone.
    #[serde(default)]
    pub mrz: Vec<MrzFormat>,
    /// Beginnings of the document code in it.
    #[serde(default)]
    pub code: Vec<String>,
    /// Whether there is a bar code of a licence.
    #[serde(default)]
    pub barcode: bool,
    /// Phrases of which at least one is printed.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Fewest labels of the template's fields that are printed.
    #[serde(default)]
    pub labels: usize,
}

/// One field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldTemplate {
    /// What it is.
    pub name: FieldName,
    /// Labels of its own, beside those of the vocabulary.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether the labels of the vocabulary count.
    #[serde(default = "yes")]
    pub vocabulary: bool,
    /// The form of its value; that of the vocabulary where it is not given.
    #[serde(default)]
    pub form: Option<Form>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    form: Form,
    labels: Vec<String>,
}

/// A file that is no template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It cannot be read.
    #[error("the template {file} cannot be read")]
    Toml {
        /// Its name.
        file: String,
        /// Why.
        source: toml::de::Error,
    },
    /// It is no text.
    #[error("the template {0} is no text")]
    NotText(String),
    /// A field has neither a label nor a form.
    #[error("the template {file} has no labels or no form for {field:?}, and neither has the vocabulary")]
    NoLabels {
        /// The template.
        file: String,
        /// The field.
        field: FieldName,
    },
}

/// A field with everything that is needed to find it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) name: FieldName,
    pub(crate) form: Form,
    /// Folded, longest first: `DATE OF BIRTH` before `BIRTH`.
    pub(crate) labels: Vec<Vec<char>>,
}

/// All templates, in the order of their files' names: the first that fits counts.
#[derive(Debug)]
pub struct Templates {
    all: Vec<(Template, Vec<Wanted>)>,
}

impl Templates {
    /// The templates that the program was built with.
    pub fn shipped() -> &'static Self {
        static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
            #[expect(
                clippy::expect_used,
                reason = "the files are part of the program, and a test reads them"
            )]
            Templates::embedded().expect("the embedded templates are valid")
        });
        &TEMPLATES
    }

    fn embedded() -> Result<Self, TemplateError> {
        let text = |file: &'static include_dir::File<'static>| {
            let name = file.path().display().to_string();
            match file.contents_utf8() {
                Some(text) => Ok((name, text)),
                None => Err(TemplateError::NotText(name)),
            }
        };
        let files = SHIPPED.files().map(text).collect::<Result<Vec<_>, _>>()?;
        Self::of(&files)
    }

    fn of(files: &[(String, &str)]) -> Result<Self, TemplateError> {
        let mut vocabulary: BTreeMap<FieldName, Word> = BTreeMap::new();
        let mut all = Vec::new();
        let mut files: Vec<_> = files.iter().collect();
        files.sort_by_key(|(name, _)| (*name != VOCABULARY, name.clone()));
        for (name, text) in files {
            let failed = |source| TemplateError::Toml { file: name.clone(), source };
            if name == VOCABULARY {
                vocabulary = toml::from_str(text).map_err(failed)?;
                continue;
            }
            let template: Template = toml::from_str(text).map_err(failed)?;
            let wanted = template.fields.iter().map(|field| {
                want(field, vocabulary.get(&field.name))
                    .ok_or_else(|| TemplateError::NoLabels { file: name.clone(), field: field.name })
            });
            let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
            all.push((template, wanted));
        }
        Ok(Self { all })
    }

    pub(crate) fn all(&self) -> &[(Template, Vec<Wanted>)] {
        &self.all
    }
}

fn want(field: &FieldTemplate, word: Option<&Word>) -> Option<Wanted> {
    let shared = word.filter(|_| field.vocabulary).map(|word| word.labels.as_slice()).unwrap_or_default();
    let mut labels: Vec<Vec<char>> =
        field.labels.iter().chain(shared).map(|label| fold(label).chars().collect()).collect();
    labels.retain(|label: &Vec<char>| !label.is_empty());
    labels.sort_by_key(|label| std::cmp::Reverse(label.len()));
    let form = field.form.or(word.map(|word| word.form))?;
    (!labels.is_empty()).then_some(Wanted { name: field.name, form, labels })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_template_is_sound_and_has_its_own_name() {
        let templates = Templates::embedded().unwrap();
        let mut ids: Vec<_> = templates.all().iter().map(|(template, _)| &template.id).collect();
        assert!(ids.len() >= 7, "{ids:?}");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), templates.all().len());
        for (template, _) in templates.all() {
            let by = &template.recognise;
            let says = !by.mrz.is_empty() || by.barcode || !by.phrases.is_empty() || by.labels > 0;
            assert!(says, "{} is recognised by nothing", template.id);
        }
    }

    #[test]
    fn a_field_that_nobody_knows_is_refused() {
        let text = "id = 'x'\nkind = 'passport'\nside = 'front'\n[recognise]\nlabels = 1\n[[field]]\nname = 'surname'\n";
        assert!(matches!(
            Templates::of(&[("x.toml".to_owned(), text)]),
            Err(TemplateError::NoLabels { field: FieldName::Surname, .. })
        ));
        let vocabulary = "[surname]\nform = 'name'\nlabels = ['Surname']\n";
        let templates =
            Templates::of(&[("x.toml".to_owned(), text), (VOCABULARY.to_owned(), vocabulary)]).unwrap();
        assert_eq!(templates.all()[0].1[0].labels[0].iter().collect::<String>(), "SURNAME");
        assert!(matches!(Templates::of(&[("y.toml".to_owned(), "id = 1")]), Err(TemplateError::Toml { .. })));
    }
}
