//! Documents that do not exist: drawn, photographed in simulation, forged, and what the engine makes of them.
//!
//! What is measured on them says how geometry and signals react to pose, light, print and screens. Cards have
//! holograms, relief and lamination, tables have clutter, forgers have practice: none of that is here.

mod attack;
mod camera;
mod egypt;
mod font;
mod forgery;
mod location;
mod portraits;
mod reading;
mod sheet;
mod specimen;
mod substance;

pub use attack::{Kind, edited_field, portrait_swapped, text_edited};
pub use camera::{Photo, Scene};
pub use egypt::{
    CardReport, Count, EgyptianCard, LastDigit, Listed, SetReport, Threshold, Typeface, egyptian_card,
    measure_cards, measure_listed, read_listed,
};
pub use forgery::{KindReport, SEEN, SignReport, measure_forgery};
pub use location::{LocationBucket, measure_location};
pub use portraits::portraits;
pub use reading::{SpecimenReport, TiltBucket, measure_specimens};
pub use specimen::{Layout, Printed, Specimen, specimen};
pub use substance::{Genuine, Print, Screen, Substance};
