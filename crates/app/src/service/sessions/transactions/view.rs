//! What is told after a step.

use std::collections::BTreeSet;

use domain::egypt::{Authority, AuthoritySays, printed_day};
use domain::screening::Query;
use domain::{
    Day, Decision, DocumentPolicy, DocumentSession, FacesFault, FieldName, FieldSource, Identity, ImageKind,
    PageEvidence, SessionState, TransactionId,
};
use store::{StoreError, Tx};

use super::{Later, Service, Step, StepFault, TransactionError, kept_page};
use crate::{Caller, Screening, ScreeningHit, ServiceError};

/// A transaction after a step.
#[derive(Debug, Clone, PartialEq)]
pub struct TransactionView {
    /// The caller's id for it.
    pub id: TransactionId,
    /// What was read of the front, once it was taken.
    pub front: Option<PageEvidence>,
    /// What was read of the back, once it was taken.
    pub back: Option<PageEvidence>,
    /// Why the picture of this step was not taken; empty where it was.
    pub faults: Vec<StepFault>,
    /// What is wrong with the pictures of the face that were judged last; `None` before any were.
    pub faces: Option<Vec<FacesFault>>,
    /// How far it is.
    pub state: SessionState,
    /// Entries of lists that may be the person; `None` where nobody was looked up, or no list is loaded.
    pub hits: Option<Vec<ScreeningHit>>,
    /// What authorities say, of those that are asked about the tenant's people: once card and face are in order. `None`
    /// for one that has not been asked yet.
    pub authorities: Vec<(Authority, Option<AuthoritySays>)>,
    /// Whether all that is switched on speaks for the person.
    pub is_verified: bool,
}

impl TransactionView {
    /// Whether card and face were judged, and nothing spoke against them.
    pub fn is_validated(&self) -> bool {
        self.state == SessionState::Concluded(Decision::Allow)
    }
}

impl Service {
    /// The transaction as it stands, for whoever owns it. Where it shows that the owner is who they say, the owner is
    /// noted as verified.
    pub(super) async fn transaction_view(
        &self,
        caller: &Caller,
        step: &Step,
        id: TransactionId,
        faults: Vec<StepFault>,
    ) -> Result<TransactionView, TransactionError> {
        let mut tx = self.store().read().await?;
        let session = self.owned_session(&mut tx, caller, step, id).await?;
        let session = session.ok_or(TransactionError::NotFound)?;
        let images = tx.session_images(&session).await?;
        let judgement = tx.session_judgement(&session).await?;
        let later = Later::of(&Self::session_terms(&mut tx, &session).await?)?;
        drop(tx);
        let front = kept_page(&session, &images, ImageKind::DocumentFront)?;
        let back = kept_page(&session, &images, ImageKind::DocumentBack)?;
        let evidence = judgement.and_then(|judgement| judgement.evidence);
        let faces = evidence.and_then(|evidence| evidence.faces);
        let hits = match &front {
            Some(front) => self.hits_of(&session, front).await?,
            None => None,
        };
        let is_allowed = session.state == SessionState::Concluded(Decision::Allow);
        let authorities = if is_allowed { self.authorities_of(&caller.tenant.name) } else { BTreeSet::new() };
        let authorities = later.says(&authorities);
        let view = TransactionView {
            id,
            front,
            back,
            faults,
            faces: faces.map(|faces| DocumentPolicy::STANDARD.faces_faults(&faces)),
            state: self.now_of(&session).state,
            is_verified: is_allowed && speak_for_them(hits.as_deref(), &authorities),
            hits,
            authorities,
        };
        if let Some(owner) = step.owner.as_ref().filter(|_| view.is_verified) {
            self.note_verified(owner).await?;
        }
        Ok(view)
    }

    /// Notes the owner as verified, where card, face, lists and authorities speak for them: in the transaction that keeps
    /// what was said last.
    pub(super) async fn verify_owner(
        &self,
        tx: &mut Tx,
        session: &DocumentSession,
        later: &Later,
        hits: Option<&[ScreeningHit]>,
    ) -> Result<(), ServiceError> {
        if session.state != SessionState::Concluded(Decision::Allow) {
            return Ok(());
        }
        let Some(tenant) = tx.tenant(session.tenant).await? else { return Ok(()) };
        let Some(owner) = Self::owner_of(tx, session).await? else { return Ok(()) };
        if speak_for_them(hits, &later.says(&self.authorities_of(&tenant.name))) {
            tx.verify_identity(&owner, self.now()).await?;
        }
        Ok(())
    }

    async fn note_verified(&self, owner: &Identity) -> Result<(), TransactionError> {
        let mut tx = self.store().begin().await?;
        match tx.verify_identity(owner, self.now()).await {
            // It is being erased.
            Err(StoreError::Missing { .. }) => return Err(TransactionError::NotFound),
            done => done?,
        }
        Ok(tx.commit().await?)
    }

    /// Entries of lists that may be the holder of the card.
    pub(super) async fn hits_of(
        &self,
        session: &DocumentSession,
        front: &PageEvidence,
    ) -> Result<Option<Vec<ScreeningHit>>, ServiceError> {
        let says = |name| front.field(name, FieldSource::Printed).map(|field| field.value.clone());
        let born: Option<Day> = says(FieldName::DateOfBirth).and_then(|day| printed_day(&day));
        let query = Query {
            names: says(FieldName::FullName).into_iter().collect(),
            id_number: says(FieldName::PersonalNumber),
            born,
        };
        match self.screen(session.tenant, query, None).await? {
            Screening::NotScreened(_) => Ok(None),
            Screening::Screened { hits, .. } => Ok(Some(hits)),
        }
    }
}

/// Whether neither lists nor authorities stand between a person whose card and face are in order and being verified.
fn speak_for_them(hits: Option<&[ScreeningHit]>, authorities: &[(Authority, Option<AuthoritySays>)]) -> bool {
    hits.is_none_or(<[_]>::is_empty)
        && authorities.iter().all(|(_, says)| matches!(says, Some(AuthoritySays::Valid)))
}
