//! A side of the card comes: read, held against the other side, kept, answered.

use std::sync::Arc;

use bytes::Bytes;
use domain::egypt::{CardText, NameCheck, check_name, side_faults};
use domain::{
    Day, DocumentKind, FieldName, FieldSource, ImageKind, PageEvidence, PageSide, Role, SessionCommand,
};

use super::{Later, Step, StepFault, TransactionError, decode, kept_page};
use crate::service::sessions::images::Note;
use crate::service::sessions::{Service, Terms};
use crate::{Admission, Caller, ServiceError, TransactionView};

/// What is kept of a card only where the caller reads it.
pub(crate) const ON_REQUEST: [FieldName; 2] = [FieldName::Religion, FieldName::MaritalStatus];

/// A picture of a side, and what was read of it.
struct Read {
    page: PageEvidence,
    /// What was cut from it, as a JPEG.
    refined: Option<Vec<u8>>,
}

impl Service {
    /// Takes the picture of a side of the card. What cannot be used is kept too, and does not count.
    ///
    /// If whoever waits goes away, it is kept all the same.
    ///
    /// # Errors
    /// [`TransactionError`].
    pub async fn take_card_side(
        &self,
        admission: Admission,
        caller: &Caller,
        step: Step,
        side: PageSide,
        picture: Bytes,
    ) -> Result<TransactionView, TransactionError> {
        // A task of its own: a client that hangs up must not stop it between two steps.
        let (service, caller) = (self.clone(), caller.clone());
        let task = tokio::spawn(async move {
            let _admission = admission;
            service.take_side(&caller, &step, side, picture).await
        });
        task.await.map_err(|_| ServiceError::Interrupted)?
    }

    pub(super) async fn take_side(
        &self,
        caller: &Caller,
        step: &Step,
        side: PageSide,
        picture: Bytes,
    ) -> Result<TransactionView, TransactionError> {
        self.check_refusals(step).await?;
        let read = self.read_side(picture.clone(), side).await?;
        let (id, session) = self.step_session(caller, step).await?;
        self.has_place(&mut self.store().look().await?, &session).await?;
        let original = self.session_artifact(&session, Role::Reference, &picture).await?;
        self.store().put_blob(&original, picture).await?;
        let refined = match read.refined.map(Bytes::from) {
            Some(jpeg) => {
                let refined = self.session_artifact(&session, Role::Reference, &jpeg).await?;
                self.store().put_blob(&refined, jpeg).await?;
                Some(refined)
            }
            None => None,
        };
        let (kind, other) = match side {
            PageSide::Front => (ImageKind::DocumentFront, ImageKind::DocumentBack),
            PageSide::Back => (ImageKind::DocumentBack, ImageKind::DocumentFront),
        };
        let mut tx = self.store().begin().await?;
        // Under the write lock once more: another step may have been quicker.
        let current = tx.session(session.tenant, session.id).await?.ok_or(TransactionError::NotFound)?;
        self.has_place(&mut tx, &current).await?;
        let images = tx.session_images(&current).await?;
        let other = kept_page(&current, &images, other)?;
        let mut terms = Self::session_terms(&mut tx, &current).await?;
        let name = Self::name_to_check(&mut terms, step)?;
        let today = Day::of(self.now());
        let mut page = read.page;
        let faults = faults(&page, other.as_ref(), side, name.as_deref(), today);
        if !step.keeps_all {
            page.fields.retain(|field| !ON_REQUEST.contains(&field.name));
        }
        let is_taken = faults.is_empty();
        let next = if is_taken {
            let document = Some(DocumentKind::NationalId);
            let take = SessionCommand::Take { kind, image: original.id, document };
            current.apply(take, self.now()).map_err(|_| TransactionError::Ended)?
        } else {
            current
        };
        let note = Note { page: is_taken.then_some(page), faults: faults.clone(), ..Note::default() };
        let refined = refined.as_ref().filter(|_| is_taken);
        Self::keep_images(&mut tx, &next, kind, &note, &original, refined).await?;
        if is_taken {
            tx.save_session(&next).await?;
        }
        let terms = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
        tx.save_session_terms(&next, &terms).await?;
        tx.commit().await?;
        self.transaction_view(caller, step, id, faults).await
    }

    /// The name that this step or an earlier one gave, which the terms keep for later ones.
    fn name_to_check(terms: &mut Terms, step: &Step) -> Result<Option<String>, ServiceError> {
        let mut later = Later::of(terms)?;
        if let Some(name) = &step.name {
            later.name = Some(name.0.clone());
            later.put(terms)?;
        }
        Ok(later.name)
    }

    async fn read_side(&self, picture: Bytes, side: PageSide) -> Result<Read, TransactionError> {
        let room = self.inner.faces.frame_room().await?;
        let (pages, today) = (Arc::clone(&self.inner.pages), Day::of(self.now()));
        let read = self.inner.faces.run(move |app| {
            let frame = decode(app, &picture)?;
            let reading = pages.read_card(app, &frame, today).map_err(ServiceError::App)?;
            let is_usable = side_faults(&reading.evidence, side).is_empty();
            let refined = reading.page.as_ref().filter(|_| is_usable).map(media::encode_jpeg);
            let refined = refined.transpose().map_err(ServiceError::Encode)?;
            Ok(Read { page: reading.evidence, refined })
        });
        let read: Result<Read, TransactionError> = read.await?;
        drop(room);
        read
    }
}

/// Everything that keeps `page` from being taken as `side`, beside the other side where that was taken.
fn faults(
    page: &PageEvidence,
    other: Option<&PageEvidence>,
    side: PageSide,
    name: Option<&str>,
    today: Day,
) -> Vec<StepFault> {
    let of_side = side_faults(page, side);
    if !of_side.is_empty() {
        return of_side.into_iter().map(StepFault::Side).collect();
    }
    let both: Vec<&PageEvidence> = [Some(page), other].into_iter().flatten().collect();
    let mut faults: Vec<StepFault> =
        CardText::of(&both).faults(today).into_iter().map(StepFault::Card).collect();
    let front = if side == PageSide::Front { Some(page) } else { other };
    faults.extend(name_fault(name, front));
    faults
}

/// What a name that was given says beside the front; `None` where either has yet to come.
pub(super) fn name_fault(name: Option<&str>, front: Option<&PageEvidence>) -> Option<StepFault> {
    let (name, front) = (name?, front?);
    let read = front.field(FieldName::FullName, FieldSource::Printed).map(|field| field.value.as_str());
    match check_name(name, read.unwrap_or_default()) {
        NameCheck::Same => None,
        NameCheck::Different => Some(StepFault::OtherName),
        NameCheck::CouldNotTell => Some(StepFault::NoName),
    }
}
