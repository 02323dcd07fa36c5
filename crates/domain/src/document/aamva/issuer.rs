//! Who has which issuer identification number.

/// An issuer of licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issuer {
    /// State or province as the postal service writes it, two letters; empty for the Department of State.
    pub region: &'static str,
    /// Alpha-3: `USA`, `CAN`, `MEX`.
    pub country: &'static str,
}

/// Numbers from 636000 on, in order; AAMVA, "Issuer Identification Numbers (IIN)", list of 2020.
const FROM_636000: &[&str] = &[
    "VA", "NY", "MA", "MD", "NC", "SC", "CT", "LA", "MT", "NM", "FL", "DE", "ON", "NS", "CA", "TX", "NL",
    "NB", "IA", "GU", "CO", "AR", "KS", "OH", "VT", "PA", "AZ", "", "BC", "OR", "MO", "WI", "MI", "AL", "ND",
    "IL", "NJ", "IN", "MN", "NH", "UT", "ME", "SD", "DC", "SK", "WA", "KY", "HI", "MB", "NV", "ID", "MS",
    "RI", "TN", "NE", "GA", "CO-MX", "HG-MX", "OK", "AK", "WY", "WV", "VI",
];

/// Numbers from 604426 on, in order; the same list.
const FROM_604426: &[&str] = &["PE", "AS", "QC", "YT", "MP", "PR", "AB", "NU", "NT"];

const PROVINCES: &[&str] = &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];

/// The issuer with that number of six digits; `None` where the list has none.
pub fn issuer(number: &str) -> Option<Issuer> {
    let number: usize = number.parse().ok()?;
    let after = |first: usize, list: &'static [&'static str]| list.get(number.checked_sub(first)?).copied();
    let region = after(636_000, FROM_636000).or_else(|| after(604_426, FROM_604426))?;
    let (region, country) = match region.split_once('-') {
        Some((region, _)) => (region, "MEX"),
        None if PROVINCES.contains(&region) => (region, "CAN"),
        None => (region, "USA"),
    };
    Some(Issuer { region, country })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_have_their_numbers() {
        for (number, region, country) in [
            ("636000", "VA", "USA"),
            ("636012", "ON", "CAN"),
            ("636014", "CA", "USA"),
            ("636025", "PA", "USA"),
            ("636028", "BC", "CAN"),
            ("636035", "IL", "USA"),
            ("636043", "DC", "USA"),
            ("636045", "WA", "USA"),
            ("636055", "GA", "USA"),
            ("636056", "CO", "MEX"),
            ("636062", "VI", "USA"),
            ("604428", "QC", "CAN"),
            ("604431", "PR", "USA"),
        ] {
            assert_eq!(issuer(number), Some(Issuer { region, country }), "{number}");
        }
        assert_eq!(issuer("636099"), None);
        assert_eq!(issuer(""), None);
        assert_eq!(issuer("A"), None);
    }
}
