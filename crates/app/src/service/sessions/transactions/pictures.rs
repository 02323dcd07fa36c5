//! The pictures of transactions, for the tenant's staff.

use domain::{ArtifactId, Contact, Day, ImageKind, SessionState, TransactionId};
use store::{Transaction, Tx, User};

use super::Service;
use super::faces::taken_shots;
use crate::service::verification::File;
use crate::{Caller, ServiceError};

/// Who may see pictures.
const PERMISSION: &str = "Requests";

/// The pictures of a transaction by their names; `None` for what was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureNames {
    /// The transaction.
    pub transaction: TransactionId,
    /// The front of the card.
    pub front: Option<String>,
    /// Its back.
    pub back: Option<String>,
    /// The face, in the order in which the pictures were taken.
    pub faces: Vec<String>,
}

/// A picture and what it is called.
struct Named {
    name: String,
    kind: ImageKind,
    artifact: ArtifactId,
}

impl Service {
    /// The pictures of the person with that number or confirmed address: of their newest transaction that came to a good
    /// end, or else of the newest of all. `None` where `user` may not see them, or there are none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pictures_of(
        &self,
        caller: &Caller,
        user: &User,
        contact: &Contact,
    ) -> Result<Option<PictureNames>, ServiceError> {
        if !may_see(caller, user) {
            return Ok(None);
        }
        let mut tx = self.store().look().await?;
        let identity = match contact {
            Contact::Phone(phone) => tx.identity_by_phone(caller.tenant.id, phone).await?,
            Contact::Email(email) => tx.identity_by_email(caller.tenant.id, email).await?,
        };
        let Some(identity) = identity else { return Ok(None) };
        let all = tx.transactions_of(&identity).await?;
        let mut chosen = None;
        for transaction in all {
            let Some(session) = tx.session(transaction.tenant, transaction.session).await? else { continue };
            let is_good = session.state == SessionState::Concluded(domain::Decision::Allow);
            if is_good || chosen.is_none() {
                chosen = Some(transaction);
            }
            if is_good {
                break;
            }
        }
        let Some(transaction) = chosen else { return Ok(None) };
        let named = names(&mut tx, &transaction).await?;
        let of = |kind: ImageKind| named.iter().filter(move |named| named.kind == kind);
        let first = |kind| of(kind).map(|named| named.name.clone()).next();
        Ok(Some(PictureNames {
            transaction: transaction.id,
            front: first(ImageKind::DocumentFront),
            back: first(ImageKind::DocumentBack),
            faces: of(ImageKind::Selfie).map(|named| named.name.clone()).collect(),
        }))
    }

    /// The picture `name` of a transaction; `None` where `user` may not see it, or there is none of that name. That it was
    /// shown is noted in the audit log.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn picture_of_step(
        &self,
        caller: &Caller,
        user: &User,
        id: TransactionId,
        name: &str,
    ) -> Result<Option<File>, ServiceError> {
        if !may_see(caller, user) {
            return Ok(None);
        }
        let mut tx = self.store().look().await?;
        let Some(transaction) = tx.transaction(caller.tenant.id, id).await? else { return Ok(None) };
        let named = names(&mut tx, &transaction).await?;
        let Some(found) = named.into_iter().find(|named| named.name == name) else { return Ok(None) };
        let Some(artifact) = tx.artifact(caller.tenant.id, found.artifact).await? else { return Ok(None) };
        drop(tx);
        let Some(bytes) = self.store().blob(&artifact).await? else { return Ok(None) };
        // Before it is shown: what cannot be noted is not shown.
        let mut tx = self.store().begin().await?;
        let entry = store::AuditEntry {
            actor: user.id.to_string(),
            ..self.audit_entry(caller, "photo.show", &artifact.id.to_string())
        };
        tx.append_audit(&entry).await?;
        tx.commit().await?;
        Ok(Some(File { format: artifact.format, bytes }))
    }
}

fn may_see(caller: &Caller, user: &User) -> bool {
    user.tenant == caller.tenant.id && user.permissions.iter().any(|permission| permission == PERMISSION)
}

/// The pictures that a transaction took, each with a name of its own.
async fn names(tx: &mut Tx, transaction: &Transaction) -> Result<Vec<Named>, ServiceError> {
    let Some(session) = tx.session(transaction.tenant, transaction.session).await? else { return Ok(vec![]) };
    let whose = match transaction.identity {
        Some(id) => tx.identity(transaction.tenant, id).await?.map(|identity| identity.number),
        None => None,
    };
    let whose = whose.map_or_else(|| "transaction".to_owned(), |number| format!("user{number}"));
    let day = Day::of(session.created_at).to_string().replace('-', "");
    let images = tx.session_images(&session).await?;
    let cards = [(ImageKind::DocumentFront, "id_front"), (ImageKind::DocumentBack, "id_back")];
    let cards =
        cards.into_iter().filter_map(|(kind, word)| Some((kind, word.to_owned(), session.taken.get(kind)?)));
    let faces = taken_shots(&session, &images)?.into_iter().zip(1..);
    let faces =
        faces.map(|(image, place)| (ImageKind::Selfie, format!("liveness_face_{place:02}"), image.artifact));
    let mut named = Vec::new();
    for (kind, word, artifact) in cards.chain(faces) {
        let format = tx.artifact(transaction.tenant, artifact).await?.map(|artifact| artifact.format);
        let suffix = match format.as_deref() {
            Some("image/png") => "png",
            Some("image/webp") => "webp",
            _ => "jpg",
        };
        named.push(Named { name: format!("{whose}_{word}_{day}.{suffix}"), kind, artifact });
    }
    Ok(named)
}
