//! What was read of both sides, as it has to agree.

use super::CardText;
use crate::{FieldName, FieldSource, PageEvidence, PageSide};

/// What a picture of the card's sides is recognised as: what stands in [`PageEvidence::template`].
pub const TEMPLATES: [(PageSide, &str); 2] =
    [(PageSide::Front, "egypt-national-id-front"), (PageSide::Back, "egypt-national-id-back")];

impl<'a> CardText<'a> {
    /// What the pictures of both sides say, in any order; what was not read is `None`. Only what is printed counts, and
    /// of two pictures of one side the first that says it.
    pub fn of(pages: &[&'a PageEvidence]) -> Self {
        let says = |side: PageSide, name: FieldName| {
            let mut pages = pages.iter().filter(|page| page.side == Some(side));
            pages.find_map(|page| page.field(name, FieldSource::Printed)).map(|field| field.value.as_str())
        };
        let (front, back) = (PageSide::Front, PageSide::Back);
        Self {
            front_number: says(front, FieldName::PersonalNumber),
            back_number: says(back, FieldName::PersonalNumber),
            birth_date: says(front, FieldName::DateOfBirth),
            governorate: says(front, FieldName::Region),
            factory_number: says(front, FieldName::SerialNumber),
            gender: says(back, FieldName::Sex).map(|sex| if sex == "M" { "ذكر" } else { "أنثى" }),
            release_date: says(back, FieldName::DateOfIssue)
                .map(|date| date.strip_suffix("-XX").unwrap_or(date)),
            expiry_date: says(back, FieldName::DateOfExpiry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::CardFault;
    use super::*;
    use crate::{Day, Field};

    fn page(side: PageSide, fields: &[(FieldName, &str)]) -> PageEvidence {
        let fields = fields.iter().map(|(name, value)| Field {
            name: *name,
            value: (*value).to_owned(),
            source: FieldSource::Printed,
            confidence: 1.0,
            corners: None,
        });
        PageEvidence { side: Some(side), fields: fields.collect(), ..PageEvidence::default() }
    }

    fn faults(front: &PageEvidence, back: &PageEvidence) -> Vec<CardFault> {
        CardText::of(&[front, back]).faults(Day::new(2026, 11, 21).unwrap())
    }

    #[test]
    fn both_sides_are_held_against_each_other() {
        let front = page(
            PageSide::Front,
            &[
                (FieldName::PersonalNumber, "29507240112345"),
                (FieldName::DateOfBirth, "1995-07-24"),
                (FieldName::Region, "الجيزة"),
                (FieldName::SerialNumber, "HM3218902"),
            ],
        );
        let back = [
            (FieldName::PersonalNumber, "29507240112345"),
            (FieldName::Sex, "F"),
            (FieldName::DateOfIssue, "2022-05-XX"),
            (FieldName::DateOfExpiry, "2029-05-14"),
        ];
        assert_eq!(faults(&front, &page(PageSide::Back, &back)), []);
        assert_eq!(faults(&page(PageSide::Back, &back), &front), [], "in any order");
        let mut other = back;
        (other[0].1, other[1].1, other[3].1) = ("28507240112345", "M", "2026-11-20");
        assert_eq!(
            faults(&front, &page(PageSide::Back, &other)),
            [CardFault::Gender, CardFault::Expired, CardFault::NumberMismatch]
        );
    }

    #[test]
    fn what_was_not_read_is_no_fault() {
        assert_eq!(faults(&page(PageSide::Front, &[]), &page(PageSide::Back, &[])), []);
    }
}
