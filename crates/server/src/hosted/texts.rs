//! The texts of the pages, in English and Arabic.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};
use unic_langid::{LanguageIdentifier, langid};

/// The texts of one language.
pub(crate) struct Texts {
    language: &'static str,
    bundle: FluentBundle<FluentResource>,
    for_scripts: BTreeMap<String, String>,
}

static ENGLISH: LazyLock<Texts> =
    LazyLock::new(|| Texts::new("en", langid!("en"), include_str!("../../../../web/locales/en.ftl")));
static ARABIC: LazyLock<Texts> =
    LazyLock::new(|| Texts::new("ar", langid!("ar"), include_str!("../../../../web/locales/ar.ftl")));

/// Groups that only the server fills in.
const SERVERS: [&str; 4] = ["consent-", "agree-", "closed-", "badge-"];
/// Of these the one that the scripts need.
const BOTH: [&str; 1] = ["consent-failed"];

impl Texts {
    fn new(language: &'static str, id: LanguageIdentifier, source: &'static str) -> Self {
        // A test reads every text: what is checked in has no errors.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Nothing is there before it.
        let _ = bundle.add_resource(resource);
        Self { language, bundle, for_scripts: for_scripts(source) }
    }

    /// The language that was asked for, else the first of the browser's that there is, else English.
    pub(crate) fn choose(asked: Option<&str>, headers: &HeaderMap) -> &'static Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let preferred = accepted.into_iter().flat_map(|list| list.split(','));
        for wish in asked.into_iter().chain(preferred) {
            let tag = wish.split(';').next().unwrap_or_default().trim();
            match tag.split('-').next().map(str::to_ascii_lowercase).as_deref() {
                Some("ar") => return &ARABIC,
                Some("en") => return &ENGLISH,
                _ => (),
            }
        }
        &ENGLISH
    }

    /// The texts of exactly this language.
    pub(crate) fn of(language: &str) -> Option<&'static Self> {
        [&*ENGLISH, &*ARABIC].into_iter().find(|texts| texts.language == language)
    }

    /// The text `id`; its name where there is none.
    pub(crate) fn get(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// The text `id`, with one value in it.
    pub(crate) fn with<'a>(&self, id: &str, name: &str, value: impl Into<FluentValue<'a>>) -> String {
        let mut values = FluentArgs::new();
        values.set(name.to_owned(), value.into());
        self.format(id, Some(&values))
    }

    fn format(&self, id: &str, values: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        self.bundle.format_pattern(pattern, values, &mut Vec::new()).into_owned()
    }

    /// Its name, as in `lang`.
    pub(crate) fn language(&self) -> &'static str {
        self.language
    }

    /// Which way it is written, as in `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        if self.language == "ar" { "rtl" } else { "ltr" }
    }

    /// What the page's scripts say, with its placeables as they stand.
    pub(crate) fn for_scripts(&self) -> &BTreeMap<String, String> {
        &self.for_scripts
    }
}

/// The language that a page's link offers instead.
pub(crate) fn other_language(texts: &Texts) -> &'static str {
    if texts.language == "ar" { "en" } else { "ar" }
}

fn for_scripts(source: &str) -> BTreeMap<String, String> {
    let resource = fluent_syntax::parser::parse(source).unwrap_or_else(|(resource, _)| resource);
    let messages = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        _ => None,
    });
    messages
        .filter(|message| {
            let id = message.id.name;
            BOTH.contains(&id) || !SERVERS.iter().any(|group| id.starts_with(group))
        })
        .filter_map(|message| {
            let parts = message.value.as_ref()?.elements.iter().map(|element| match element {
                PatternElement::TextElement { value } => Some((*value).to_owned()),
                PatternElement::Placeable {
                    expression: Expression::Inline(InlineExpression::VariableReference { id }),
                } => Some(format!("{{${}}}", id.name)),
                // A script cannot choose between forms.
                PatternElement::Placeable { .. } => None,
            });
            Some((message.id.name.to_owned(), parts.collect::<Option<String>>()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use app::PageError;
    use domain::{Guidance, ScanRefusal};

    use super::*;
    use crate::hosted::state::Refusal;

    const SOURCES: [&str; 2] =
        [include_str!("../../../../web/locales/en.ftl"), include_str!("../../../../web/locales/ar.ftl")];

    fn names(source: &str) -> Vec<String> {
        let resource = fluent_syntax::parser::parse(source).expect("no errors");
        let names = resource.body.iter().filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.id.name.to_owned()),
            _ => None,
        });
        names.collect()
    }

    #[test]
    fn both_languages_have_the_same_texts() {
        let [english, arabic] = SOURCES.map(names);
        assert_eq!(english, arabic);
        assert!(english.len() > 100);
    }

    #[test]
    fn every_text_can_be_written() {
        for (texts, source) in [(&*ENGLISH, SOURCES[0]), (&*ARABIC, SOURCES[1])] {
            for name in names(source) {
                assert_ne!(texts.get(&name), name);
                let is_for_scripts = texts.for_scripts().contains_key(&name);
                let is_servers = SERVERS.iter().any(|group| name.starts_with(group));
                assert!(is_for_scripts || is_servers, "{name} has a form that scripts cannot fill in");
            }
            assert_eq!(texts.with("consent-who", "tenant", "Acme").matches("Acme").count(), 1);
        }
    }

    #[test]
    fn the_text_that_is_agreed_to_has_one_version_in_all_languages() {
        for version in ["consent-version", "agree-version"] {
            assert_eq!(ENGLISH.get(version), ARABIC.get(version));
        }
        assert_eq!(Texts::of("ar").map(Texts::language), Some("ar"));
        for other in ["", "AR", "ar-EG", "fr"] {
            assert!(Texts::of(other).is_none(), "{other}");
        }
    }

    fn has_all(names: &[String]) {
        for texts in [&*ENGLISH, &*ARABIC] {
            for name in names {
                assert!(texts.for_scripts().contains_key(name), "{name} in {}", texts.language());
            }
        }
    }

    #[test]
    fn every_guidance_has_a_sentence() {
        let word = |say| serde_json::to_value(say).unwrap().as_str().map(str::to_owned).unwrap();
        has_all(&Guidance::ALL.map(|say| format!("guide-{}", word(say))));
    }

    /// What the page says where it is refused with this; `None` where it asks for the state and goes on from there.
    fn problem_of(error: &PageError) -> Option<&'static str> {
        match error {
            PageError::NoConsent | PageError::Over => None,
            PageError::Unknown => Some("unknown"),
            PageError::OtherBrowser => Some("other_browser"),
            PageError::OtherText => Some("other_text"),
            PageError::Busy => Some("busy"),
            PageError::Throttled { .. } => Some("throttled"),
            PageError::Service(_) => Some("technical"),
        }
    }

    /// As above. What only a broken page sends has no sentence of its own: the page says that something went wrong.
    fn problem_of_scan(refusal: ScanRefusal) -> Option<&'static str> {
        match refusal {
            ScanRefusal::TimeOver => None,
            ScanRefusal::TooSlow => Some("too_slow"),
            ScanRefusal::FaceLost => Some("face_lost"),
            ScanRefusal::Full => Some("full"),
            ScanRefusal::BadMessage
            | ScanRefusal::BadFrame
            | ScanRefusal::TooFast
            | ScanRefusal::OutOfOrder
            | ScanRefusal::WrongStep => Some("technical"),
        }
    }

    #[test]
    fn every_refusal_and_every_problem_of_a_browser_is_told() {
        let errors = [
            PageError::Unknown,
            PageError::OtherBrowser,
            PageError::NoConsent,
            PageError::OtherText,
            PageError::Busy,
            PageError::Over,
            PageError::Throttled { retry_after: std::time::Duration::from_secs(1) },
        ];
        let mut codes: Vec<&str> = vec!["technical", "no_cookie"];
        for error in errors {
            if let Some(problem) = problem_of(&error) {
                assert_eq!(Refusal::from(error).code(), problem);
                codes.push(problem);
            }
        }
        for refusal in [
            ScanRefusal::BadMessage,
            ScanRefusal::BadFrame,
            ScanRefusal::TooFast,
            ScanRefusal::OutOfOrder,
            ScanRefusal::WrongStep,
            ScanRefusal::TooSlow,
            ScanRefusal::FaceLost,
            ScanRefusal::TimeOver,
            ScanRefusal::Full,
        ] {
            let Some(problem) = problem_of_scan(refusal) else { continue };
            assert!(problem == "technical" || problem == refusal.to_string());
            codes.push(problem);
        }
        // What the scripts find out by themselves.
        let camera = include_str!("../../../../web/capture/camera.js");
        let live = include_str!("../../../../web/capture/live.js");
        let support = include_str!("../../../../web/capture/support.js");
        let of_cameras = camera.split_once("const PROBLEMS = {").unwrap().1.split_once('}').unwrap().0;
        codes.extend(of_cameras.split('\'').skip(1).step_by(2));
        assert!(codes.contains(&"no_camera") && codes.contains(&"permission"), "{codes:?}");
        for (code, script) in [
            ("insecure", support),
            ("unsupported", support),
            ("camera_lost", live),
            ("network", live),
            ("blocked", live),
            ("paused", live),
            ("stopped", live),
        ] {
            assert!(script.contains(&format!("'{code}'")), "{code}");
            codes.push(code);
        }
        let parts = |code: &&str| ["title", "text", "way"].map(|part| format!("problem-{code}-{part}"));
        has_all(&codes.iter().flat_map(parts).collect::<Vec<_>>());
    }

    #[test]
    fn the_language_is_the_one_asked_for_else_the_browsers() {
        let choose = |asked, accepted: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, axum::http::HeaderValue::from_static(accepted));
            Texts::choose(asked, &headers).language()
        };
        assert_eq!(choose(Some("ar"), "en"), "ar");
        assert_eq!(choose(Some("fr"), "ar-EG,ar;q=0.9,en;q=0.8"), "ar");
        assert_eq!(choose(None, "de,fr;q=0.9,EN-gb;q=0.8"), "en");
        assert_eq!(choose(None, "de"), "en");
        assert_eq!(Texts::choose(None, &HeaderMap::new()).language(), "en");
    }
}
