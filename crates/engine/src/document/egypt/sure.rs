//! How sure a field must be to be told. Somebody wrongly read is worse than a field that is not read.

use domain::egypt::NationalNumber;
use domain::{Field, FieldName, arabic};

/// How sure a field must be: the likelihood of its line, or that of its words or digits. Chosen on the development half of
/// drawn cards: at these one of 786 fields of 25 cards was wrong and 53 were left out (`bonafide bench document --cards 25
/// --half development --thresholds`, 2026-11-22).
pub(super) fn least(field: &Field) -> f32 {
    match field.name {
        FieldName::SerialNumber => 0.85,
        FieldName::DateOfBirth | FieldName::DateOfIssue | FieldName::DateOfExpiry => 0.8,
        // What else the line may say is weighed already; at 0.95 four lines fewer of 90 were told, and none less was wrong.
        FieldName::GivenNames | FieldName::Surname if arabic::is_common_name(&field.value) => 0.9,
        FieldName::HusbandName if !arabic::is_common_name(&field.value) => UNCOMMON,
        // Jobs and places of work are words of no table, and read wrongly more often than names.
        FieldName::Profession | FieldName::Workplace => UNCOMMON,
        FieldName::PersonalNumber if is_unfit(&field.value) => UNFIT,
        // One of two words that share no letter, of which one may be missed.
        FieldName::Sex => 0.3,
        _ => 0.95,
    }
}

/// How sure a number must be whose last digit does not fit, which halves what it had: 0.98 before that. A digit that was
/// read wrongly is the commoner reason; but the weights are not official, and nobody is to be locked out by them.
const UNFIT: f32 = 0.49;

fn is_unfit(number: &str) -> bool {
    number.parse().is_ok_and(|number: NationalNumber| !number.check_fits())
}

/// How sure a name must be that few bear, and what is no name.
const UNCOMMON: f32 = 0.98;

/// What is told and what is not sure enough, with the fields that are made of two which are told.
pub(super) fn part(found: Vec<Field>) -> (Vec<Field>, Vec<Field>) {
    let (mut told, doubtful): (Vec<Field>, Vec<Field>) =
        found.into_iter().partition(|field| field.confidence >= least(field));
    for (name, parts, between) in [
        (FieldName::FullName, [FieldName::GivenNames, FieldName::Surname], " "),
        (FieldName::Address, [FieldName::Street, FieldName::City], " - "),
    ] {
        let of = |name| told.iter().find(|field| field.name == name);
        let Some((one, other)) = of(parts[0]).zip(of(parts[1])) else { continue };
        // Both have to be right.
        let confidence = one.confidence * other.confidence;
        let value = format!("{}{between}{}", one.value, other.value);
        told.push(Field { name, value, confidence, ..one.clone() });
    }
    (told, doubtful)
}
