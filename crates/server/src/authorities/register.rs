//! A file that stands in for the authorities: CSV with the columns `id_number`, and `name` and `phone_number` where they
//! are known, a row for each phone.

use std::fs::File;
use std::path::Path;

use domain::egypt::CitizenRegister;
use serde::Deserialize;

use crate::config::ConfigError;

#[derive(Deserialize)]
struct Row {
    id_number: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    phone_number: Option<String>,
}

/// Reads the file at `path`.
///
/// # Errors
/// [`ConfigError::Register`] with the row that cannot be used, and nothing of what it says.
pub(super) fn read(path: &Path) -> Result<CitizenRegister, ConfigError> {
    let failed = |reason: String| ConfigError::Register { path: path.to_owned(), reason };
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut register = CitizenRegister::default();
    for (row, place) in csv::Reader::from_reader(file).deserialize().zip(1..) {
        let bad = |what: &str| failed(format!("row {place} has no usable {what}"));
        let row: Row = row.map_err(|_| bad("column id_number"))?;
        let number = row.id_number.parse().map_err(|_| bad("id_number"))?;
        let phone = row.phone_number.filter(|phone| !phone.is_empty());
        let phone = phone.map(|phone| phone.parse().map_err(|_| bad("phone_number"))).transpose()?;
        register.add(number, row.name.filter(|name| !name.is_empty()), phone);
    }
    Ok(register)
}
