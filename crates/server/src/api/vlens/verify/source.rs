//! `services.SRC`: what authorities say of the holder of a card.

use app::TransactionView;
use domain::Language;
use domain::egypt::{Authority, AuthoritySays, Objection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::vlens::texts;

/// What the authorities say that are asked about the tenant's people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Source {
    /// Whether each of them confirms the person.
    is_valid: bool,
    /// Why one does not: its own code, or 4110 to 4115; null where all do.
    #[schema(example = 4110)]
    error_code: Option<u16>,
    /// The same in a word: its own, or `authority_unavailable`, `phone_number_needed`, `number_unknown`,
    /// `name_of_another`, `phone_number_of_another`, `not_confirmed`.
    #[schema(example = "authority_unavailable")]
    error_key: Option<String>,
    /// The same in a sentence: its own, or one in English or Arabic.
    error_message: Option<String>,
}

impl Source {
    /// `None` where no authority is asked, or card and face are not in order yet.
    pub(super) fn of(view: &TransactionView, language: Language) -> Option<Self> {
        if view.authorities.is_empty() {
            return None;
        }
        let Some((_, says)) = objection(view) else {
            return Some(Self { is_valid: true, error_code: None, error_key: None, error_message: None });
        };
        let code = code(says);
        let own = match says {
            Some(AuthoritySays::Invalid(Objection::Own { code, key, message })) => {
                (*code, key.clone(), message.clone())
            }
            _ => (None, None, None),
        };
        Some(Self {
            is_valid: false,
            error_code: Some(own.0.unwrap_or(code)),
            error_key: Some(own.1.unwrap_or_else(|| key(code).to_owned())),
            error_message: Some(own.2.unwrap_or_else(|| texts::text(code, language).to_owned())),
        })
    }
}

/// The code and the field of what authorities have against the person, for apps that read nothing else.
pub(super) fn fault(view: &TransactionView) -> Option<(u16, String)> {
    objection(view).map(|(authority, says)| (code(says), authority.word().to_uppercase()))
}

type Says<'a> = (Authority, Option<&'a AuthoritySays>);

/// What stands against the person: a no counts before an answer that is missing.
fn objection(view: &TransactionView) -> Option<Says<'_>> {
    let all = || view.authorities.iter().map(|(authority, says)| (*authority, says.as_ref()));
    let is_no = |says: &Says<'_>| matches!(says.1, Some(AuthoritySays::Invalid(_)));
    all().find(is_no).or_else(|| all().find(|says| says.1 != Some(&AuthoritySays::Valid)))
}

/// Our code, none of the vendor's being known.
fn code(says: Option<&AuthoritySays>) -> u16 {
    match says {
        Some(AuthoritySays::Unavailable | AuthoritySays::Valid) | None => 4110,
        Some(AuthoritySays::NoPhone) => 4111,
        Some(AuthoritySays::Invalid(Objection::NumberUnknown)) => 4112,
        Some(AuthoritySays::Invalid(Objection::OtherName)) => 4113,
        Some(AuthoritySays::Invalid(Objection::OtherPhone)) => 4114,
        Some(AuthoritySays::Invalid(Objection::Own { .. })) => 4115,
    }
}

fn key(code: u16) -> &'static str {
    match code {
        4110 => "authority_unavailable",
        4111 => "phone_number_needed",
        4112 => "number_unknown",
        4113 => "name_of_another",
        4114 => "phone_number_of_another",
        _ => "not_confirmed",
    }
}
