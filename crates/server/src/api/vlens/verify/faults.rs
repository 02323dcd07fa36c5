//! The vendor's codes for what is wrong with a card or a face.

use app::StepFault;
use domain::egypt::{CardFault, SideFault};
use domain::{FacesFault, PageSide};

/// Code and field of what is wrong with a picture of a card. The field of a whole picture is empty.
pub(super) fn of_step(fault: StepFault, asked: PageSide) -> (u16, &'static str) {
    match fault {
        StepFault::Side(SideFault::CardNotFound) => (3011, ""),
        StepFault::Side(SideFault::Passport) => (5007, ""),
        StepFault::Side(SideFault::OtherDocument) => (5001, ""),
        StepFault::Side(SideFault::WrongSide) if asked == PageSide::Front => (7001, ""),
        StepFault::Side(SideFault::WrongSide) => (7002, ""),
        StepFault::Side(SideFault::Unfocused) => (5006, ""),
        StepFault::Side(SideFault::NotGenuine) => (5005, ""),
        StepFault::Side(SideFault::FaceNotFound) => (3014, ""),
        StepFault::Side(SideFault::Unread(fault)) | StepFault::Card(fault) => of_card(fault),
        StepFault::OtherName => (3103, "name"),
        StepFault::NoName => (1050, "name"),
    }
}

fn of_card(fault: CardFault) -> (u16, &'static str) {
    match fault {
        CardFault::Number => (3001, "idNumber"),
        CardFault::BirthDate => (3002, "dateOfBirth"),
        CardFault::Governorate => (3003, "govern"),
        CardFault::FactoryNumber => (3004, "idKey"),
        CardFault::Gender => (3005, "gender"),
        CardFault::ReleaseDate => (3006, "releaseDate"),
        CardFault::BirthDateFormat => (3007, "dateOfBirth"),
        CardFault::ReleaseDateFormat => (3008, "releaseDate"),
        CardFault::ExpiryDateFormat => (3009, "idExpiry"),
        CardFault::Expired => (3010, "idExpiry"),
        CardFault::NumberMismatch => (3101, "idNumber"),
    }
}

/// Whether a fault refuses the step; others are told beside what was read.
pub(super) fn refuses(fault: StepFault) -> bool {
    !matches!(fault, StepFault::OtherName | StepFault::NoName)
}

/// Code and field of what is wrong with a picture of a face.
pub(super) fn of_faces(fault: FacesFault) -> (u16, String) {
    let face = |place: usize| format!("face_{}", place + 1);
    match fault {
        FacesFault::NoFace(place) => (4207, face(place)),
        FacesFault::SeveralFaces(place) => (4206, face(place)),
        FacesFault::Unclear(place) => (4209, face(place)),
        FacesFault::LivenessUnclear => (4210, "liveness".to_owned()),
        FacesFault::NotLive(place) | FacesFault::CopiesPortrait(place) => (NOT_LIVE, face(place)),
        FacesFault::Identical(_, place) => (IDENTICAL, face(place)),
        FacesFault::AnotherPerson(place) => (ANOTHER_PERSON, face(place)),
        FacesFault::NotTheHolder => (NOT_THE_HOLDER, "liveness".to_owned()),
    }
}

/// The code of a face that is not there itself. This and the next ones are not the vendor's.
const NOT_LIVE: u16 = 4101;
/// The code of pictures that are one.
const IDENTICAL: u16 = 4102;
/// The code of pictures of several people.
const ANOTHER_PERSON: u16 = 4103;
/// The code of a face that is not the portrait's.
const NOT_THE_HOLDER: u16 = 4104;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_card_has_its_code_and_field() {
        use SideFault as Side;
        for (fault, code, field) in [
            (StepFault::Side(Side::CardNotFound), 3011, ""),
            (StepFault::Side(Side::Passport), 5007, ""),
            (StepFault::Side(Side::OtherDocument), 5001, ""),
            (StepFault::Side(Side::WrongSide), 7001, ""),
            (StepFault::Side(Side::Unfocused), 5006, ""),
            (StepFault::Side(Side::NotGenuine), 5005, ""),
            (StepFault::Side(Side::FaceNotFound), 3014, ""),
            (StepFault::Side(Side::Unread(CardFault::Number)), 3001, "idNumber"),
            (StepFault::Card(CardFault::BirthDate), 3002, "dateOfBirth"),
            (StepFault::Card(CardFault::Governorate), 3003, "govern"),
            (StepFault::Card(CardFault::FactoryNumber), 3004, "idKey"),
            (StepFault::Card(CardFault::Gender), 3005, "gender"),
            (StepFault::Card(CardFault::ReleaseDate), 3006, "releaseDate"),
            (StepFault::Card(CardFault::BirthDateFormat), 3007, "dateOfBirth"),
            (StepFault::Card(CardFault::ReleaseDateFormat), 3008, "releaseDate"),
            (StepFault::Card(CardFault::ExpiryDateFormat), 3009, "idExpiry"),
            (StepFault::Card(CardFault::Expired), 3010, "idExpiry"),
            (StepFault::Card(CardFault::NumberMismatch), 3101, "idNumber"),
            (StepFault::OtherName, 3103, "name"),
            (StepFault::NoName, 1050, "name"),
        ] {
            assert_eq!(of_step(fault, PageSide::Front), (code, field), "{fault:?}");
        }
        assert_eq!(of_step(StepFault::Side(Side::WrongSide), PageSide::Back).0, 7002);
    }

    #[test]
    fn every_fault_of_a_face_names_the_picture() {
        for (fault, code, field) in [
            (FacesFault::NoFace(0), 4207, "face_1"),
            (FacesFault::SeveralFaces(1), 4206, "face_2"),
            (FacesFault::Unclear(2), 4209, "face_3"),
            (FacesFault::LivenessUnclear, 4210, "liveness"),
            (FacesFault::NotLive(0), 4101, "face_1"),
            (FacesFault::CopiesPortrait(2), 4101, "face_3"),
            (FacesFault::Identical(0, 2), 4102, "face_3"),
            (FacesFault::AnotherPerson(1), 4103, "face_2"),
            (FacesFault::NotTheHolder, 4104, "liveness"),
        ] {
            assert_eq!(of_faces(fault), (code, field.to_owned()), "{fault:?}");
        }
    }
}
