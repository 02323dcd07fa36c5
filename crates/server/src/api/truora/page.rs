//! Lists in parts: `start_key` and `limit` in, `next` and `self` out.

use app::Page;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::words::Whole;
use crate::ServerState;

/// Entries of a list where nobody says how many.
const DEFAULT_LIMIT: u32 = 20;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Where the part begins: as the link `next` of the part before has it.
    #[param(value_type = Option<String>)]
    start_key: Option<StartKey>,
    /// How many entries at most. Default 20.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<Whole<1, 100>>,
}

/// The last entry of the part before, written so that nobody takes it for something to be made up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct StartKey {
    at: Timestamp,
    id: String,
}

/// Text that no list handed out.
#[derive(Debug, thiserror::Error)]
#[error("must be one that a list handed out in its link next")]
struct BadStartKey;

const TIME_DIGITS: usize = 16;
const ID_DIGITS: usize = 32;

impl TryFrom<String> for StartKey {
    type Error = BadStartKey;

    fn try_from(text: String) -> Result<Self, BadStartKey> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != TIME_DIGITS + ID_DIGITS || !text.bytes().all(is_digit) {
            return Err(BadStartKey);
        }
        let (time, id) = text.split_at(TIME_DIGITS);
        let millis = i64::from_str_radix(time, 16).map_err(|_| BadStartKey)?;
        Ok(Self { at: Timestamp::from_millis(millis), id: id.to_owned() })
    }
}

impl std::fmt::Display for StartKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}{}", self.at.as_millis(), self.id)
    }
}

/// Where a part of a list and the one after it are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Links {
    /// The part after this one; left out at the end of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    next: Option<String>,
    /// This part.
    #[serde(rename = "self")]
    #[schema(format = "uri")]
    own: String,
}

impl ListQuery {
    fn limit(&self) -> u32 {
        self.limit.map_or(DEFAULT_LIMIT, |limit| limit.get() as u32)
    }

    /// What to ask the store for: one entry more than is shown, to know whether there is another part.
    pub(crate) fn page(&self) -> Page {
        let after = self.start_key.as_ref().map(|start| (start.at, start.id.clone()));
        Page { after, limit: self.limit() + 1 }
    }

    /// Cuts `entries`, which came for [`ListQuery::page`], to the part that is shown, and tells where it lies in the
    /// list at `path`. `place` is when an entry was made, and its id without a prefix.
    pub(crate) fn links<T>(
        &self,
        state: &ServerState,
        path: &str,
        entries: &mut Vec<T>,
        place: impl Fn(&T) -> (Timestamp, String),
    ) -> Links {
        let (own, next) = self.cut(path, entries, place);
        Links { next: next.map(|next| state.url(&next)), own: state.url(&own) }
    }

    fn cut<T>(
        &self,
        path: &str,
        entries: &mut Vec<T>,
        place: impl Fn(&T) -> (Timestamp, String),
    ) -> (String, Option<String>) {
        let limit = self.limit();
        let link = |start: Option<&StartKey>| match start {
            Some(start) => format!("{path}?start_key={start}&limit={limit}"),
            None => format!("{path}?limit={limit}"),
        };
        let has_more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        let last = entries.last().filter(|_| has_more).map(place);
        let next = last.map(|(at, id)| link(Some(&StartKey { at, id })));
        (link(self.start_key.as_ref()), next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(entry: &String) -> (Timestamp, String) {
        (Timestamp::from_millis(7), format!("{entry:0>32}"))
    }

    fn entries(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn query(limit: u64, start: Option<&str>) -> ListQuery {
        ListQuery {
            start_key: start.map(|text| text.to_owned().try_into().unwrap()),
            limit: Some(limit.try_into().unwrap()),
        }
    }

    #[test]
    fn a_part_says_where_the_next_one_begins() {
        let first = query(2, None);
        assert_eq!(first.page(), Page { after: None, limit: 3 });
        let mut entries = entries(&["9", "8", "7"]);
        let (own, next) = first.cut("/v1/things", &mut entries, place);
        assert_eq!((own.as_str(), entries.len()), ("/v1/things?limit=2", 2));
        let next = next.unwrap();
        let start = next.strip_prefix("/v1/things?start_key=").unwrap().strip_suffix("&limit=2").unwrap();
        let second = query(2, Some(start));
        assert_eq!(second.page().after, Some(place(&"8".to_owned())));
        let (own, end) = second.cut("/v1/things", &mut self::entries(&["7"]), place);
        assert_eq!((own, end), (next, None));
    }

    #[test]
    fn an_exactly_full_part_is_the_last_one() {
        assert_eq!(query(2, None).cut("/", &mut entries(&["9", "8"]), place).1, None);
        assert_eq!(ListQuery::default().cut("/", &mut Vec::new(), place), ("/?limit=20".to_owned(), None));
    }

    #[test]
    fn a_damaged_start_key_is_refused() {
        let good = format!("{:016x}{}", 7, "ab".repeat(16));
        assert!(StartKey::try_from(good.clone()).is_ok());
        for bad in
            ["", "7", &good[1..], &format!("{good}0"), &good.to_uppercase(), &format!("f{}", &good[1..])]
        {
            assert!(StartKey::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
