//! The Egyptian national identity card: its number, what has to agree on it, and its Arabic words in English.

mod authority;
mod card;
mod date;
mod governorate;
mod name_check;
mod number;
mod pages;
mod resolve;
mod side;
mod words;

pub use authority::{Authority, AuthoritySays, Citizen, CitizenRegister, Objection};
pub use card::{CardFault, CardText, FactoryNumber};
pub use date::{printed_day, printed_month};
pub use governorate::Governorate;
pub use name_check::{NameCheck, check_name};
pub use number::{BadNationalNumber, Gender, NationalNumber};
pub use pages::TEMPLATES;
pub use resolve::{ResolvedNumber, resolve};
pub use side::{SideFault, side_faults};
pub use words::{
    address_english, gender_english, governorate_english, job_english, marital_status_english,
    religion_english,
};
