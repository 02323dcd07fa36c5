//! Opened, asked for and completed by a tenant's server.

use std::time::Duration;

use domain::{
    About, Attempt, Deadline, Demand, JobId, Origin, Timestamp, Verification, VerificationId,
    VerificationState, WebUrl,
};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use serde_json::Value;
use store::{Badge, Job, JobKind, Subject, Tx};

use super::{PresenceState, Service, Terms};
use crate::{Caller, OpenError, ServiceError};

/// How long a capture may take, from its creation to the judged pass.
pub const CAPTURE_TIME: Duration = Duration::from_mins(10);

/// How long a badge counts.
const BADGE_MONTHS: i32 = 12;

/// A verification to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPresence {
    /// The dialect.
    pub origin: Origin,
    /// A demonstration: not counted, and its badge says so.
    pub is_demo: bool,
    /// The tenant's own word for the person; a new person where it is missing.
    pub subject: Option<String>,
    /// Where the person goes afterwards: a page of an origin that the tenant allows.
    pub return_url: Option<String>,
    /// Captures of the tenant that may be open at the same time.
    pub most_open: u64,
}

/// Why no verification was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenPresenceError {
    /// The page is none, or not of an origin that the tenant allows.
    #[error("return_url must be an https URL (or http on localhost) of an origin that the tenant allows")]
    ReturnUrl,
    /// As many captures are open as may be.
    #[error("too many sessions are open: complete some, or let them expire")]
    TooManyOpen {
        /// When the first of them expires at the latest.
        retry_after: Duration,
    },
    /// As for any verification.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl From<ServiceError> for OpenPresenceError {
    fn from(error: ServiceError) -> Self {
        Self::Open(error.into())
    }
}

impl From<store::StoreError> for OpenPresenceError {
    fn from(error: store::StoreError) -> Self {
        Self::Open(error.into())
    }
}

/// A verification, as the key that opened it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceView {
    /// Its id.
    pub id: VerificationId,
    /// How far it is.
    pub state: PresenceState,
    /// Whether it is a demonstration.
    pub is_demo: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The badge, once the person has passed.
    pub badge: Option<Badge>,
}

impl Service {
    /// Opens a verification whose person will be asked to a hosted page.
    ///
    /// # Errors
    /// [`OpenPresenceError`].
    pub async fn open_presence(
        &self,
        caller: &Caller,
        new: NewPresence,
    ) -> Result<PresenceView, OpenPresenceError> {
        if !caller.is_backend() {
            return Err(OpenError::NotPermitted.into());
        }
        let return_url = match &new.return_url {
            Some(url) => Some(return_url(url, &caller.tenant.allowed_origins)?),
            None => None,
        };
        loop {
            let known = self.known_subject(caller, new.subject.as_deref()).await?;
            let is_new = known.is_none();
            let subject = if let Some(known) = known {
                known
            } else {
                // A key is made before the lock is taken: for nobody who is refused anyway.
                self.check_room(caller, &new).await?;
                self.draft_subject(caller, new.subject.as_deref(), Value::Null).await?
            };
            let mut tx = self.store().begin().await?;
            let checked = self.check_open(&mut tx, caller, &new, &subject).await;
            if let Err(refused) = checked {
                drop(tx);
                if is_new {
                    let discarded = self.store().discard_subject_key(subject.tenant, subject.id).await;
                    if let Err(error) = discarded {
                        tracing::warn!(error = &error as &dyn std::error::Error, "a key of nobody stays");
                    }
                }
                return Err(refused);
            }
            // Another request may have made the same person known in between: then the next round finds them.
            if is_new {
                if !tx.insert_subject(&subject).await? {
                    drop(tx);
                    self.store().discard_subject_key(subject.tenant, subject.id).await?;
                    continue;
                }
                let entry = self.audit_entry(caller, "subject.create", &subject.id.to_string());
                tx.append_audit(&entry).await?;
            }
            return self.open_presence_of(tx, caller, new, &subject, return_url).await;
        }
    }

    /// Refuses what is too much at this moment, for somebody who is not known yet. Counts nothing.
    async fn check_room(&self, caller: &Caller, new: &NewPresence) -> Result<(), OpenPresenceError> {
        let mut tx = self.store().read().await?;
        self.check_most_open(&mut tx, caller, new).await?;
        if !new.is_demo {
            self.check_quota(&mut tx, caller).await?;
        }
        Ok(())
    }

    async fn check_most_open(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        new: &NewPresence,
    ) -> Result<(), OpenPresenceError> {
        let open = tx.verifications_capturing(caller.tenant.id, new.origin, self.now()).await?;
        if open >= new.most_open {
            return Err(OpenPresenceError::TooManyOpen { retry_after: CAPTURE_TIME });
        }
        Ok(())
    }

    /// Refuses what is too much, and counts what is not. Before anything of the person is kept.
    async fn check_open(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        new: &NewPresence,
        subject: &Subject,
    ) -> Result<(), OpenPresenceError> {
        self.check_most_open(tx, caller, new).await?;
        if new.subject.is_some() {
            self.check_attempts(tx, (caller.tenant.id, subject.id), None, None, None).await?;
        }
        if !new.is_demo {
            self.count_verification(tx, caller).await?;
        }
        Ok(())
    }

    async fn open_presence_of(
        &self,
        mut tx: Tx,
        caller: &Caller,
        new: NewPresence,
        subject: &Subject,
        return_url: Option<String>,
    ) -> Result<PresenceView, OpenPresenceError> {
        let now = self.now();
        let verification = Verification {
            id: VerificationId::from_bytes(uuid_bytes(self.id()?)),
            tenant: caller.tenant.id,
            subject: subject.id,
            enrollment: None,
            origin: new.origin,
            demand: Demand { presence: true, ..Demand::NOTHING },
            pages: None,
            state: VerificationState::Capturing,
            attempt: Attempt { retry_of: None, remaining: 0, retry_ttl: Duration::ZERO },
            created_at: now,
            deadline: Deadline(now.plus(CAPTURE_TIME)),
            submitted_at: None,
            ended_at: None,
        };
        let terms = Terms {
            key: Some(caller.key.id),
            session: None,
            is_demo: new.is_demo,
            return_url,
            subject: new.subject,
        };
        let extra = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
        tx.insert_verification(&verification, &extra).await?;
        tx.enqueue(&Job {
            id: JobId::from_bytes(self.id()?),
            kind: JobKind::ExpireVerification,
            tenant: verification.tenant,
            about: About::Verification(verification.id),
            attempts: 0,
            failures: 0,
            run_at: verification.deadline.0.plus(Duration::from_millis(1)),
            created_at: now,
        })
        .await?;
        let entry = self.audit_entry(caller, "verification.create", &verification.id.to_string());
        tx.append_audit(&entry).await?;
        tx.commit().await?;
        self.ring_for(verification.deadline.0);
        Ok(PresenceView {
            id: verification.id,
            state: PresenceState::Open,
            is_demo: new.is_demo,
            created_at: now,
            badge: None,
        })
    }

    /// The verification of that id, where the caller's key opened it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn presence(
        &self,
        caller: &Caller,
        id: VerificationId,
    ) -> Result<Option<PresenceView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let verification = tx.verification(caller.tenant.id, id).await?;
        let Some(verification) = verification.filter(|verification| verification.demand.presence) else {
            return Ok(None);
        };
        let terms = Self::terms(&mut tx, &verification).await?;
        if terms.key != Some(caller.key.id) {
            return Ok(None);
        }
        let scans = tx.scans(id).await?;
        Ok(Some(PresenceView {
            id,
            state: PresenceState::with(&verification, &scans, self.now()),
            is_demo: terms.is_demo,
            created_at: verification.created_at,
            badge: tx.badge(id).await?,
        }))
    }

    /// Hands the badge to the key that opened the verification: once. `None` where the person has not passed, the
    /// badge was handed out before, or it is not the caller's.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn complete_presence(
        &self,
        caller: &Caller,
        id: VerificationId,
    ) -> Result<Option<PresenceView>, ServiceError> {
        let Some(view) = self.presence(caller, id).await? else { return Ok(None) };
        if view.state != PresenceState::Passed {
            return Ok(None);
        }
        let mut tx = self.store().begin().await?;
        if !tx.claim_badge(caller.tenant.id, id, self.now()).await? {
            return Ok(None);
        }
        tx.append_audit(&self.audit_entry(caller, "badge.claim", &id.to_string())).await?;
        tx.commit().await?;
        Ok(Some(view))
    }

    /// Twelve calendar months after `from`: how long a badge counts.
    pub fn badge_end(from: Timestamp) -> Timestamp {
        // Times of this program lie within the calendar.
        let start = jiff::Timestamp::from_millisecond(from.as_millis()).unwrap_or_default();
        let end = start.to_zoned(TimeZone::UTC).checked_add(BADGE_MONTHS.months());
        end.map_or(from, |end| Timestamp::from_millis(end.timestamp().as_millisecond()))
    }
}

/// Random bytes as those of a UUID of version 4 (RFC 9562): six bits are fixed.
pub(crate) fn uuid_bytes(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

/// The normal form of a page's URL, where it may be returned to.
fn return_url(text: &str, allowed_origins: &[String]) -> Result<String, OpenPresenceError> {
    let url = WebUrl::parse(text).map_err(|_| OpenPresenceError::ReturnUrl)?;
    let is_safe = url.is_https() || url.is_loopback();
    if is_safe && allowed_origins.contains(&url.origin()) {
        Ok(url.as_str().to_owned())
    } else {
        Err(OpenPresenceError::ReturnUrl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_returns_to_pages_of_the_tenant_only() {
        let allowed = ["https://shop.example".to_owned(), "http://localhost:3000".to_owned()];
        for good in ["https://shop.example/done?x=1", "http://localhost:3000/", "https://SHOP.example"] {
            assert!(return_url(good, &allowed).is_ok(), "{good}");
        }
        for bad in [
            "https://evil.example/",
            "http://shop.example/",
            "https://shop.example:8443/",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "javascript:alert(1)",
            "//shop.example/",
            "",
        ] {
            assert!(return_url(bad, &allowed).is_err(), "{bad}");
        }
        let plain = ["http://shop.example".to_owned()];
        assert!(return_url("http://shop.example/", &plain).is_err());
    }

    #[test]
    fn a_badge_counts_for_twelve_calendar_months() {
        let at =
            |text: &str| Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        for (from, end) in [
            ("2026-11-21T10:00:00.123Z", "2027-11-21T10:00:00.123Z"),
            ("2028-02-29T00:00:00Z", "2029-02-28T00:00:00Z"),
        ] {
            assert_eq!(Service::badge_end(at(from)), at(end));
        }
    }

    #[test]
    fn an_id_is_a_uuid_of_version_4() {
        assert_eq!(uuid_bytes([0xff; 16])[6] >> 4, 4);
        assert_eq!(uuid_bytes([0xff; 16])[8] >> 6, 2);
    }
}
