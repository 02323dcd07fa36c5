//! Authorities are asked about the person of a card that was taken and whose face fits: by a job of the transaction that
//! concluded the session, again and again for a day where one does not answer. The same job notes the person as verified,
//! in the transaction of its end: what was promised is done, whenever the process ends.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::egypt::{Authority, AuthoritySays, Citizen};
use domain::{
    About, Decision, DocumentSession, FieldName, FieldSource, Identity, ImageKind, SessionState, Timestamp,
};
use serde::{Deserialize, Serialize};
use store::{Job, JobKind, Lease, Tx};
use tokio::task::JoinSet;
use tokio::time;

use super::{Later, Service, kept_page};
use crate::service::jobs::{IDLE, JUDGE_LEASE, Trouble, chain};
use crate::{Caller, ScreeningHit, ServiceError};

/// Calls at the same time.
const AT_ONCE: usize = 16;

/// After which an attempt has failed, whatever the asker does: within the lease.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(10);

/// How long whoever sent the last step waits for the authorities.
const ANSWER_AFTER: Duration = Duration::from_secs(10);

/// How often is looked whether they answered.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// For how long an authority that does not answer is asked again without anybody's doing.
const ASK_FOR: Duration = Duration::from_hours(24);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_mins(30);

/// A question to an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityQuestion {
    /// Names the question: the same in every attempt.
    pub id: String,
    /// What the operator calls the tenant.
    pub tenant: String,
    /// Who is asked.
    pub authority: Authority,
    /// About whom.
    pub citizen: Citizen,
    /// When.
    pub now: Timestamp,
}

/// Why an authority did not answer. Without anything personal: it is logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AskError(pub String);

/// Takes questions to authorities.
pub trait Authorities: Send + Sync + 'static {
    /// What the authority says.
    fn ask(
        &self,
        question: &AuthorityQuestion,
    ) -> impl Future<Output = Result<AuthoritySays, AskError>> + Send;
}

/// What an authority said, or why it said nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    authority: Authority,
    says: AuthoritySays,
    at: Timestamp,
}

impl Later {
    /// What each of `authorities` says; `None` for one that was not asked yet.
    pub(super) fn says(&self, authorities: &BTreeSet<Authority>) -> Vec<(Authority, Option<AuthoritySays>)> {
        let says = |authority: &Authority| self.asked_of(*authority).map(|asked| asked.says.clone());
        authorities.iter().map(|authority| (*authority, says(authority))).collect()
    }

    fn asked_of(&self, authority: Authority) -> Option<&Asked> {
        self.asked.iter().find(|asked| asked.authority == authority)
    }

    fn note(&mut self, new: Asked) {
        self.asked.retain(|asked| asked.authority != new.authority);
        self.asked.push(new);
    }

    /// Those of `authorities` that have yet to answer.
    fn open(&self, authorities: &BTreeSet<Authority>) -> Vec<Authority> {
        let is_open =
            |authority: &Authority| self.asked_of(*authority).is_none_or(|asked| !asked.says.is_final());
        authorities.iter().copied().filter(is_open).collect()
    }
}

impl Service {
    /// Has authorities asked until `stop`, then waits for questions that run. To be called once, by the only server over
    /// the store, and after [`run_jobs`](Self::run_jobs).
    pub async fn run_authorities(&self, asker: impl Authorities, stop: impl Future<Output = ()> + Send) {
        let asker = Arc::new(asker);
        let mut stop = std::pin::pin!(stop);
        let mut running = JoinSet::new();
        loop {
            while running.len() < AT_ONCE {
                let claimed =
                    self.store().claim(&self.inner.node, &[JobKind::AskAuthorities], self.now(), JUDGE_LEASE);
                match claimed.await {
                    Ok(Some((job, lease))) => {
                        let (service, asker) = (self.clone(), Arc::clone(&asker));
                        running.spawn(async move {
                            let asking = service.ask_authorities(&*asker, &job, &lease);
                            service.keep_alive(&job, &lease, asking).await
                        });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(error = %chain(&error), "questions to authorities cannot be read");
                        break;
                    }
                }
            }
            tokio::select! {
                () = &mut stop => break,
                Some(_) = running.join_next() => {}
                () = self.inner.counter.notified() => {}
                () = time::sleep(IDLE) => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Who is asked about the people of a tenant.
    pub(super) fn authorities_of(&self, tenant_name: &str) -> BTreeSet<Authority> {
        self.limits().authorities.get(tenant_name).cloned().unwrap_or_default()
    }

    /// Promises, in the transaction that concludes `session` or gives it to somebody, that authorities are asked about its
    /// person and that the person is noted as verified.
    pub(in crate::service::sessions) async fn enqueue_questions(
        &self,
        tx: &mut Tx,
        session: &DocumentSession,
    ) -> Result<(), ServiceError> {
        if session.state != SessionState::Concluded(Decision::Allow) {
            return Ok(());
        }
        let tenant = tx.tenant(session.tenant).await?;
        let authorities = tenant.map(|tenant| self.authorities_of(&tenant.name)).unwrap_or_default();
        let is_answered = Later::of(&Self::session_terms(tx, session).await?)?.open(&authorities).is_empty();
        let is_noted = Self::owner_of(tx, session).await?.is_none_or(|owner| owner.verified_at.is_some());
        if is_answered && is_noted {
            return Ok(());
        }
        tx.enqueue(&self.session_job(session, JobKind::AskAuthorities, self.now())?).await?;
        Ok(())
    }

    /// To whom the transaction of `session` belongs.
    pub(super) async fn owner_of(
        tx: &mut Tx,
        session: &DocumentSession,
    ) -> Result<Option<Identity>, ServiceError> {
        match tx.transaction_of(session).await?.and_then(|found| found.identity) {
            Some(owner) => Ok(tx.identity(session.tenant, owner).await?),
            None => Ok(None),
        }
    }

    /// Has authorities that have yet to answer asked now, and waits for them.
    pub(super) async fn ask_about(
        &self,
        caller: &Caller,
        session: &DocumentSession,
    ) -> Result<(), ServiceError> {
        let authorities = self.authorities_of(&caller.tenant.name);
        if authorities.is_empty() {
            return Ok(());
        }
        let since = self.now();
        let mut tx = self.store().begin().await?;
        if let Some(current) = tx.session(session.tenant, session.id).await? {
            self.enqueue_questions(&mut tx, &current).await?;
        }
        tx.commit().await?;
        self.wait_for_authorities(session, &authorities, since).await
    }

    /// Waits until the authorities answered, or could not, after `since`.
    pub(super) async fn wait_for_authorities(
        &self,
        session: &DocumentSession,
        authorities: &BTreeSet<Authority>,
        since: Timestamp,
    ) -> Result<(), ServiceError> {
        if authorities.is_empty() {
            return Ok(());
        }
        self.inner.counter.notify_one();
        let answered = async {
            loop {
                let mut tx = self.store().look().await?;
                let current = tx.session(session.tenant, session.id).await?;
                let Some(current) = current else { return Ok(()) };
                if current.state != SessionState::Concluded(Decision::Allow) {
                    return Ok(());
                }
                let later = Later::of(&Self::session_terms(&mut tx, &current).await?)?;
                drop(tx);
                let was_asked = |authority: &Authority| {
                    later.asked_of(*authority).is_some_and(|asked| asked.says.is_final() || asked.at >= since)
                };
                if authorities.iter().all(was_asked) {
                    return Ok::<_, ServiceError>(());
                }
                time::sleep(LOOK_EVERY).await;
            }
        };
        time::timeout(ANSWER_AFTER, answered).await.unwrap_or(Ok(()))
    }

    /// Asks, and keeps what was said together with the end of the job, or with when it is asked next.
    async fn ask_authorities(
        &self,
        asker: &impl Authorities,
        job: &Job,
        lease: &Lease,
    ) -> Result<(), Trouble> {
        let About::Session(id) = job.about else { return Err(Trouble::Hopeless) };
        let mut tx = self.store().look().await?;
        let (session, tenant) = (tx.session(job.tenant, id).await?, tx.tenant(job.tenant).await?);
        let (Some(session), Some(tenant)) = (session, tenant) else {
            // Erased in the meantime.
            drop(tx);
            return self.drop_job(lease).await;
        };
        let authorities = self.authorities_of(&tenant.name);
        let open = Later::of(&Self::session_terms(&mut tx, &session).await?)?.open(&authorities);
        let owner = Self::owner_of(&mut tx, &session).await?;
        let images = tx.session_images(&session).await?;
        drop(tx);
        let front = kept_page(&session, &images, ImageKind::DocumentFront)?.ok_or(Trouble::Hopeless)?;
        let says = |name| front.field(name, FieldSource::Printed).map(|field| field.value.clone());
        // A card without a number was not taken.
        let number = says(FieldName::PersonalNumber).and_then(|number| number.parse().ok());
        let citizen = Citizen {
            number: number.ok_or(Trouble::Hopeless)?,
            name: says(FieldName::FullName),
            phone: owner.map(|owner| owner.phone),
        };
        let mut asked = Vec::new();
        let mut failure = None;
        for authority in open {
            let says = if authority == Authority::Ntra && citizen.phone.is_none() {
                AuthoritySays::NoPhone
            } else {
                let question = AuthorityQuestion {
                    id: format!("{}-{}", job.id, authority.word()),
                    tenant: tenant.name.clone(),
                    authority,
                    citizen: citizen.clone(),
                    now: self.now(),
                };
                let answer = time::timeout(LONGEST_ATTEMPT, asker.ask(&question)).await;
                answer.unwrap_or_else(|_| Err(AskError("there was no answer in time".to_owned()))).unwrap_or_else(
                    |error| {
                        let authority = authority.word();
                        tracing::warn!(job = %job.id, authority, failures = job.failures + 1, %error, "not asked");
                        failure = Some(error);
                        AuthoritySays::Unavailable
                    },
                )
            };
            asked.push(Asked { authority, says, at: self.now() });
        }
        // Before the transaction: lists take their time.
        let hits = self.hits_of(&session, &front).await?;
        self.keep_answers(&session, (job, lease), asked, failure, hits.as_deref()).await
    }

    async fn keep_answers(
        &self,
        session: &DocumentSession,
        (job, lease): (&Job, &Lease),
        asked: Vec<Asked>,
        failure: Option<AskError>,
        hits: Option<&[ScreeningHit]>,
    ) -> Result<(), Trouble> {
        let now = self.now();
        let again = failure.filter(|_| now.since(job.created_at) < ASK_FOR);
        let mut tx = self.store().begin().await?;
        let is_held = match &again {
            Some(error) => tx.retry_job(lease, now.plus(wait(job.failures + 1)), &error.to_string()).await?,
            None => tx.finish_job(lease).await?,
        };
        if !is_held {
            return Err(Trouble::LeaseLost);
        }
        if let Some(session) = tx.session(session.tenant, session.id).await? {
            let mut terms = Self::session_terms(&mut tx, &session).await?;
            let mut later = Later::of(&terms)?;
            for asked in asked {
                later.note(asked);
            }
            later.put(&mut terms)?;
            let terms = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
            tx.save_session_terms(&session, &terms).await?;
            self.verify_owner(&mut tx, &session, &later, hits).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// 2 s, 8 s, 32 s and so on after the first, second and third failure.
fn wait(failures: u32) -> Duration {
    Duration::from_secs(2 * 4_u64.saturating_pow(failures.saturating_sub(1).min(8))).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_spaced_ever_wider_up_to_half_an_hour() {
        assert_eq!([1, 2, 3, 6, 40].map(wait).map(|wait| wait.as_secs()), [2, 8, 32, 1800, 1800]);
    }

    #[test]
    fn an_authority_is_open_until_it_said_yes_or_no() {
        let both = BTreeSet::from([Authority::Cso, Authority::Ntra]);
        let mut later = Later::default();
        assert_eq!(later.open(&both), [Authority::Cso, Authority::Ntra]);
        let at = Timestamp::from_millis(1);
        later.note(Asked { authority: Authority::Cso, says: AuthoritySays::Unavailable, at });
        later.note(Asked { authority: Authority::Ntra, says: AuthoritySays::NoPhone, at });
        assert_eq!(later.open(&both).len(), 2);
        later.note(Asked { authority: Authority::Cso, says: AuthoritySays::Valid, at });
        assert_eq!(later.open(&both), [Authority::Ntra]);
        assert_eq!(
            later.says(&both),
            [(Authority::Cso, Some(AuthoritySays::Valid)), (Authority::Ntra, Some(AuthoritySays::NoPhone))]
        );
        assert_eq!(later.says(&BTreeSet::new()), []);
    }
}
