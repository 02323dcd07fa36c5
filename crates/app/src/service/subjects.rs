//! People, by the tenant's own references.

use domain::SubjectId;
use serde_json::Value;
use store::{Page, Subject};

use super::Service;
use crate::{Caller, ServiceError};

/// A person to be known.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSubject {
    /// The tenant's own reference; made up where it is missing.
    pub reference: Option<String>,
    /// What the tenant tells of the person, in the words of its dialect. Kept encrypted.
    pub profile: Value,
}

/// Why a person is not known now.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// The reference is taken.
    #[error("there is an account with this id already")]
    Exists,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The prefix of references that this server makes up, as the vendor's are.
const MADE_UP: &str = "ACC";

impl Service {
    /// Makes a person known. Somebody of whom nothing but the reference is known, since an enrollment came first, gets
    /// the profile.
    ///
    /// # Errors
    /// [`SubjectError::Exists`] when the reference is taken.
    pub async fn create_subject(&self, caller: &Caller, new: NewSubject) -> Result<Subject, SubjectError> {
        let inserted = self.insert_subject(caller, new.reference.as_deref(), new.profile.clone()).await?;
        if let Some(subject) = inserted {
            return Ok(subject);
        }
        let reference = new.reference.ok_or(SubjectError::Exists)?;
        let mut tx = self.store().begin().await?;
        let empty = tx.subject_by_reference(caller.tenant.id, &reference).await?;
        let empty = empty.filter(|subject| subject.profile.is_null() && caller.admits(subject.id));
        let known =
            Subject { profile: new.profile, updated_at: self.now(), ..empty.ok_or(SubjectError::Exists)? };
        tx.save_subject(&known).await?;
        tx.append_audit(&self.audit_entry(caller, "subject.change", &known.id.to_string())).await?;
        tx.commit().await?;
        Ok(known)
    }

    /// The person with the tenant's reference, where the caller may act for them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn subject(&self, caller: &Caller, reference: &str) -> Result<Option<Subject>, ServiceError> {
        let mut tx = self.store().look().await?;
        let subject = tx.subject_by_reference(caller.tenant.id, reference).await?;
        Ok(subject.filter(|subject| caller.admits(subject.id)))
    }

    /// The person with the tenant's reference, or the key's own where it is missing.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn subject_or_own(
        &self,
        caller: &Caller,
        reference: Option<&str>,
    ) -> Result<Option<Subject>, ServiceError> {
        match (reference, caller.key.subject) {
            (Some(reference), _) => self.subject(caller, reference).await,
            (None, Some(own)) => Ok(self.store().look().await?.subject(caller.tenant.id, own).await?),
            (None, None) => Ok(None),
        }
    }

    /// People of the caller's tenant for whom the caller may act, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn subjects(&self, caller: &Caller, page: &Page) -> Result<Vec<Subject>, ServiceError> {
        let subjects = self.store().look().await?.subjects(caller.tenant.id, page).await?;
        Ok(subjects.into_iter().filter(|subject| caller.admits(subject.id)).collect())
    }

    /// The person with the tenant's reference, made known if need be; without a reference always a new one.
    pub(crate) async fn subject_or_new(
        &self,
        caller: &Caller,
        reference: Option<&str>,
    ) -> Result<Subject, ServiceError> {
        loop {
            if let Some(known) = self.known_subject(caller, reference).await? {
                return Ok(known);
            }
            // Another request may make the same person known in between: then the next round finds them.
            if let Some(subject) = self.insert_subject(caller, reference, Value::Null).await? {
                return Ok(subject);
            }
        }
    }

    pub(crate) async fn known_subject(
        &self,
        caller: &Caller,
        reference: Option<&str>,
    ) -> Result<Option<Subject>, ServiceError> {
        match reference {
            Some(reference) => {
                Ok(self.store().look().await?.subject_by_reference(caller.tenant.id, reference).await?)
            }
            None => Ok(None),
        }
    }

    /// A person with a key and without a row yet: without its row a key harms nothing, and a row without its key could
    /// not be read.
    pub(crate) async fn draft_subject(
        &self,
        caller: &Caller,
        reference: Option<&str>,
        profile: Value,
    ) -> Result<Subject, ServiceError> {
        let id = SubjectId::from_bytes(self.id()?);
        let now = self.now();
        let reference = reference.map_or_else(|| format!("{MADE_UP}{id}"), str::to_owned);
        self.store().create_subject_key(caller.tenant.id, id).await?;
        Ok(Subject { id, tenant: caller.tenant.id, reference, profile, created_at: now, updated_at: now })
    }

    /// `None` when the reference is taken.
    async fn insert_subject(
        &self,
        caller: &Caller,
        reference: Option<&str>,
        profile: Value,
    ) -> Result<Option<Subject>, ServiceError> {
        let subject = self.draft_subject(caller, reference, profile).await?;
        let mut tx = self.store().begin().await?;
        if !tx.insert_subject(&subject).await? {
            return Ok(None);
        }
        tx.append_audit(&self.audit_entry(caller, "subject.create", &subject.id.to_string())).await?;
        tx.commit().await?;
        Ok(Some(subject))
    }
}
