//! Reading typed values out of rows.

use std::str::FromStr;

use domain::{About, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::words::Word;

/// Typed reading by the name of a column. A value of the wrong form is [`StoreError::Corrupt`].
pub(crate) trait Columns {
    fn text(&self, column: &'static str) -> Result<String>;
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>>;
    fn integer(&self, column: &'static str) -> Result<i64>;
    fn optional_text(&self, column: &'static str) -> Result<Option<String>>;
    fn optional_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>>;
    fn optional_integer(&self, column: &'static str) -> Result<Option<i64>>;
    fn optional_real(&self, column: &'static str) -> Result<Option<f64>>;

    fn real(&self, column: &'static str) -> Result<f64> {
        self.optional_real(column)?.ok_or(StoreError::Corrupt { what: column })
    }

    fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T> {
        T::try_from(self.integer(column)?).map_err(|_| StoreError::Corrupt { what: column })
    }

    fn id<T: FromStr>(&self, column: &'static str) -> Result<T> {
        parse(column, &self.text(column)?)
    }

    fn optional_id<T: FromStr>(&self, column: &'static str) -> Result<Option<T>> {
        self.optional_text(column)?.map(|text| parse(column, &text)).transpose()
    }

    fn time(&self, column: &'static str) -> Result<Timestamp> {
        self.integer(column).map(Timestamp::from_millis)
    }

    fn optional_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.optional_integer(column)?.map(Timestamp::from_millis))
    }

    fn word<T: Word>(&self, column: &'static str) -> Result<T> {
        T::from_word(&self.text(column)?)
    }

    fn optional_word<T: Word>(&self, column: &'static str) -> Result<Option<T>> {
        self.optional_text(column)?.map(|word| T::from_word(&word)).transpose()
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|_| StoreError::Corrupt { what: column })
    }

    /// From the columns `about_kind` and `about_id`.
    fn about(&self) -> Result<About> {
        match self.text("about_kind")?.as_str() {
            ENROLLMENT => self.id("about_id").map(About::Enrollment),
            VERIFICATION => self.id("about_id").map(About::Verification),
            SESSION => self.id("about_id").map(About::Session),
            _ => Err(StoreError::Corrupt { what: "about_kind" }),
        }
    }
}

impl Columns for SqliteRow {
    fn text(&self, column: &'static str) -> Result<String> {
        Ok(self.try_get(column)?)
    }

    fn bytes(&self, column: &'static str) -> Result<Vec<u8>> {
        Ok(self.try_get(column)?)
    }

    fn integer(&self, column: &'static str) -> Result<i64> {
        Ok(self.try_get(column)?)
    }

    fn optional_text(&self, column: &'static str) -> Result<Option<String>> {
        Ok(self.try_get(column)?)
    }

    fn optional_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>> {
        Ok(self.try_get(column)?)
    }

    fn optional_integer(&self, column: &'static str) -> Result<Option<i64>> {
        Ok(self.try_get(column)?)
    }

    fn optional_real(&self, column: &'static str) -> Result<Option<f64>> {
        Ok(self.try_get(column)?)
    }
}

const ENROLLMENT: &str = "enrollment";
const VERIFICATION: &str = "verification";
const SESSION: &str = "session";

/// The columns `about_kind` and `about_id`.
pub(crate) fn about_columns(about: About) -> (&'static str, String) {
    match about {
        About::Enrollment(id) => (ENROLLMENT, id.to_string()),
        About::Verification(id) => (VERIFICATION, id.to_string()),
        About::Session(id) => (SESSION, id.to_string()),
    }
}

/// JSON for a text column.
pub(crate) fn json_text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(StoreError::Json)
}

/// For numbers that a column cannot hold: none of ours comes near.
pub(crate) fn integer(value: u64, what: &'static str) -> Result<i64> {
    i64::try_from(value).map_err(|_| StoreError::Corrupt { what })
}

fn parse<T: FromStr>(column: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| StoreError::Corrupt { what: column })
}
