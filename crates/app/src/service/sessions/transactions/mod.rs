//! Sessions of Egyptian identity cards that are answered step by step: the front, the back, three pictures of the face.
//! Their callers choose the ids, in a space of the tenant's own, and each is owned by whoever opened it: somebody who is
//! signed in, or whoever holds a key of the tenant.

pub(crate) mod authorities;
pub(crate) mod compare;
pub(crate) mod faces;
pub(crate) mod judging;
pub(crate) mod link;
mod look;
pub(crate) mod pages;
pub(crate) mod pictures;
pub(crate) mod view;

use std::time::Duration;

use domain::egypt::{CardFault, SideFault};
use domain::{
    DocumentFacts, DocumentSession, Identity, ImageKind, Origin, PageEvidence, Refused, SessionPurpose,
    SessionState, Timestamp, TransactionId,
};
use media::{DecodeError, Frame};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{NewSession as Kept, SessionImage, StoreError, Tx};

use super::images::Note;
use super::{Service, Terms};
use crate::service::RETENTION;
use crate::service::limits::SHORTEST;
use crate::{App, Caller, OpenError, OpenSessionError, ServiceError};
use authorities::Asked;

/// Most pixels of a picture.
const MOST_PIXELS: u64 = 25_000_000;

/// Pictures of one transaction, those that were not taken included.
const MOST_PICTURES: usize = 40;

/// What every step says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The transaction; one that is not known is opened, without an id a new one.
    pub transaction: Option<TransactionId>,
    /// Who is signed in; `None` where a key is enough.
    pub owner: Option<Identity>,
    /// The name that has to stand on the card.
    pub name: Option<NameToCheck>,
    /// Whether the caller reads what else stands on the card: without it, religion and marital status are not kept.
    pub keeps_all: bool,
}

/// The name that a caller gives.
#[derive(Clone, PartialEq, Eq)]
pub struct NameToCheck(pub String);

impl std::fmt::Debug for NameToCheck {
    /// Nothing personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameToCheck(..)")
    }
}

/// Why the picture of a step was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepFault {
    /// Of the picture.
    Side(SideFault),
    /// Of what it says, alone or beside the other side.
    Card(CardFault),
    /// The name that was given is another than the one that was read.
    OtherName,
    /// A name was given, and none can be read.
    NoName,
}

/// Why a step was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Somebody else's transaction, or one that is not there.
    #[error("there is no such transaction of the caller")]
    NotFound,
    /// Another step comes first.
    #[error("the front and the back of the card come before the face")]
    OutOfOrder,
    /// It has come to its end, or its time is over.
    #[error("the transaction has ended: begin another one")]
    Ended,
    /// So many pictures were refused that no more are taken.
    #[error("too many pictures of this transaction were refused: begin another one")]
    TooManyTries,
    /// So many faces of this person were refused that none are taken for a while.
    #[error("too many faces of this account were refused: try again later")]
    Throttled {
        /// When the next one is taken.
        retry_after: Duration,
    },
    /// The verifications of the tenant's plan are used up.
    #[error("the plan's verifications of this month are used up")]
    QuotaUsed,
    /// A picture cannot be read.
    #[error("the picture cannot be read")]
    Unreadable,
    /// A picture has too many bytes.
    #[error("the picture has too many bytes")]
    TooManyBytes,
    /// A picture has too many pixels.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for TransactionError {
    fn from(error: StoreError) -> Self {
        match error {
            // It is being deleted.
            StoreError::ErasedSubject => Self::NotFound,
            error => Self::Service(error.into()),
        }
    }
}

impl From<OpenSessionError> for TransactionError {
    fn from(error: OpenSessionError) -> Self {
        match error {
            OpenSessionError::Open(OpenError::QuotaUsed { .. }) => Self::QuotaUsed,
            OpenSessionError::Open(OpenError::Throttled { retry_after }) => Self::Throttled { retry_after },
            OpenSessionError::Open(OpenError::Service(error)) => Self::Service(error),
            OpenSessionError::Open(_) => Self::NotFound,
            OpenSessionError::Picture(_) | OpenSessionError::Face(_) => Self::Unreadable,
        }
    }
}

impl From<DecodeError> for TransactionError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::TooManyBytes { .. } => Self::TooManyBytes,
            DecodeError::TooManyPixels { .. } => Self::TooManyPixels,
            _ => Self::Unreadable,
        }
    }
}

/// What the terms of a transaction keep for later steps.
#[derive(Default, Serialize, Deserialize)]
struct Later {
    /// The name that has to stand on the card.
    name: Option<String>,
    /// What authorities said of the person.
    #[serde(default)]
    asked: Vec<Asked>,
}

impl Later {
    fn of(terms: &Terms) -> Result<Self, ServiceError> {
        match &terms.extra {
            Value::Null => Ok(Self::default()),
            extra => serde_json::from_value(extra.clone()).map_err(ServiceError::Terms),
        }
    }

    fn put(&self, terms: &mut Terms) -> Result<(), ServiceError> {
        terms.extra = serde_json::to_value(self).map_err(ServiceError::Terms)?;
        Ok(())
    }
}

/// The picture at `bytes`, of as many pixels as are allowed here.
fn decode(app: &App, bytes: &[u8]) -> Result<Frame, TransactionError> {
    let frame = app.decode(bytes)?;
    let pixels = u64::from(frame.width()) * u64::from(frame.height());
    if pixels > MOST_PIXELS { Err(TransactionError::TooManyPixels) } else { Ok(frame) }
}

/// What was read of the picture of a side that was taken.
fn kept_page(
    session: &DocumentSession,
    images: &[SessionImage],
    kind: ImageKind,
) -> Result<Option<PageEvidence>, ServiceError> {
    let Some(id) = session.taken.get(kind) else { return Ok(None) };
    let Some(image) = images.iter().find(|image| image.artifact == id) else { return Ok(None) };
    let note: Note = serde_json::from_value(image.note.clone()).map_err(ServiceError::Terms)?;
    Ok(note.page)
}

impl Service {
    /// The session of a transaction, where it is the owner's; `None` where there is none of that id.
    async fn owned_session(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        step: &Step,
        id: TransactionId,
    ) -> Result<Option<DocumentSession>, TransactionError> {
        let Some(found) = tx.transaction(caller.tenant.id, id).await? else { return Ok(None) };
        if found.identity != step.owner.as_ref().map(|owner| owner.id) {
            return Err(TransactionError::NotFound);
        }
        let session = tx.session(caller.tenant.id, found.session).await?;
        Ok(Some(session.ok_or(TransactionError::NotFound)?))
    }

    /// The session of a step, opened where there is none of its id.
    async fn step_session(
        &self,
        caller: &Caller,
        step: &Step,
    ) -> Result<(TransactionId, DocumentSession), TransactionError> {
        let id = match step.transaction {
            Some(id) => id,
            None => TransactionId::from_bytes(as_random_uuid(self.id()?)),
        };
        let mut tx = self.store().look().await?;
        if let Some(session) = self.owned_session(&mut tx, caller, step, id).await? {
            return Ok((id, session));
        }
        drop(tx);
        let subject = self.session_subject(caller).await?;
        let session = DocumentSession {
            state: SessionState::Capturing,
            ..self.new_session(&subject, Origin::Vlens, SessionPurpose::EgyptianCard)?
        };
        let terms = Terms { consent: None, mock: None, extra: Value::Null };
        let terms = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
        let owner = step.owner.as_ref().map(|owner| (owner.id, owner.subject));
        let kept = Kept { terms: &terms, person: None, start_token: None, transaction: Some((id, owner)) };
        let mut tx = self.store().begin().await?;
        // Another first step may have been quicker.
        if let Some(session) = self.owned_session(&mut tx, caller, step, id).await? {
            return Ok((id, session));
        }
        self.keep_session(tx, caller, &subject, &session, kept, RETENTION, None).await?;
        Ok((id, session))
    }

    /// Whether one more picture is taken now.
    async fn has_place(&self, tx: &mut Tx, session: &DocumentSession) -> Result<(), TransactionError> {
        self.is_open(session)?;
        if tx.session_images(session).await?.len() >= MOST_PICTURES {
            return Err(TransactionError::TooManyTries);
        }
        Ok(())
    }

    fn is_open(&self, session: &DocumentSession) -> Result<(), TransactionError> {
        session.may_take(self.now()).map_err(|refused| match (refused, session.state) {
            (Refused::Closed, SessionState::Concluded(decision)) if decision != domain::Decision::Allow => {
                TransactionError::TooManyTries
            }
            _ => TransactionError::Ended,
        })
    }

    /// Refuses somebody of whom too many faces were refused.
    async fn check_refusals(&self, step: &Step) -> Result<(), TransactionError> {
        let Some(since) = self.refusals_since() else { return Ok(()) };
        let Some(owner) = step.owner.as_ref() else { return Ok(()) };
        let refused = self.store().look().await?.refused_faces(owner, since).await?;
        self.allow_after(refused)
    }

    /// Refuses a card beside which too many faces were refused, whoever sent them: a key alone names nobody.
    async fn check_refusals_of_card(
        &self,
        session: &DocumentSession,
        pages: [Option<&PageEvidence>; 2],
    ) -> Result<(), TransactionError> {
        let Some(since) = self.refusals_since() else { return Ok(()) };
        let pages: Vec<&PageEvidence> = pages.into_iter().flatten().collect();
        let Some(document) = DocumentFacts::of(&pages).identity() else { return Ok(()) };
        let refused =
            self.store().look().await?.refused_faces_beside(session.tenant, &document, since).await?;
        self.allow_after(refused)
    }

    /// From when on refused faces count; `None` where they never do.
    fn refusals_since(&self) -> Option<Timestamp> {
        let throttle = self.limits().throttle;
        let window = i64::try_from(throttle.window.as_millis()).unwrap_or(i64::MAX);
        (throttle.per_account > 0)
            .then(|| Timestamp::from_millis(self.now().as_millis().saturating_sub(window)))
    }

    fn allow_after(&self, refused: u64) -> Result<(), TransactionError> {
        let throttle = self.limits().throttle;
        if refused < u64::from(throttle.per_account) {
            return Ok(());
        }
        Err(TransactionError::Throttled { retry_after: throttle.window.max(SHORTEST) })
    }
}

/// The bytes as a random UUID, as RFC 9562 marks them.
fn as_random_uuid(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}
