//! How much a tenant may use, and how often a person may be refused before they have to wait.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use domain::egypt::Authority;
use domain::{KeyId, SubjectId, TenantId, Timestamp, VerificationId};
use jiff::tz::TimeZone;
use store::{Attempter, Tx};

use super::Service;
use super::requests::micros;
use crate::{Caller, OpenError, ServiceError};

/// What an operator allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageLimits {
    /// Verifications of a tenant in a calendar month (UTC), by the name of its plan. A plan that is not named has no
    /// bound.
    pub verifications_per_month: BTreeMap<String, u64>,
    /// How often somebody may be refused.
    pub throttle: Throttle,
    /// How many codes are sent.
    pub codes: CodeLimits,
    /// Which authorities are asked about the people of a tenant, by its name.
    pub authorities: BTreeMap<String, BTreeSet<Authority>>,
}

/// How many one-time passwords are sent within a time. Zero sets no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLimits {
    /// How long one that was sent counts.
    pub window: Duration,
    /// To one number or address.
    pub per_contact: u32,
    /// Asked for from one network address.
    pub per_address: u32,
    /// For one tenant.
    pub per_tenant: u32,
}

impl Default for CodeLimits {
    /// With five guesses at each of five codes in a quarter of an hour, a guesser of one number needs 40,000 quarters of an
    /// hour for a million guesses. More people may share an address, or a backend.
    fn default() -> Self {
        Self { window: Duration::from_mins(15), per_contact: 5, per_address: 60, per_tenant: 1_000 }
    }
}

/// How many attempts may be declined within a time before no more are opened. Zero sets no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// How long a declined attempt counts.
    pub window: Duration,
    /// Of one person.
    pub per_account: u32,
    /// Of one device, known by its key.
    pub per_device: u32,
    /// From one network address.
    pub per_address: u32,
}

impl Default for Throttle {
    /// Ten honest refusals in an hour are rare; at the false match rate of 1e-4 that the threshold of 0.65 stands for,
    /// ten guesses succeed once in a thousand hours. More people may share an address.
    fn default() -> Self {
        Self { window: Duration::from_hours(1), per_account: 10, per_device: 10, per_address: 30 }
    }
}

/// Attempts that were never declined are forgotten after this time: no deadline is later.
const OPEN_ATTEMPTS: Duration = Duration::from_hours(24);

/// How long a recording that is played again is found.
const FRAME_MARKS: Duration = Duration::from_hours(90 * 24);

impl Service {
    /// Refuses whoever has been refused too often. That the verification `own` is open does not count against it.
    pub(crate) async fn check_attempts(
        &self,
        tx: &mut Tx,
        (tenant, subject): (TenantId, SubjectId),
        device: Option<KeyId>,
        network: Option<&str>,
        own: Option<VerificationId>,
    ) -> Result<(), OpenError> {
        let (throttle, now) = (self.limits().throttle, self.now());
        let counted = [
            (throttle.per_account, Some(Attempter::Subject(subject))),
            (throttle.per_device, device.map(Attempter::Device)),
            (throttle.per_address, network.map(Attempter::Address)),
        ];
        let mut until = None;
        for (limit, whose) in counted {
            if let Some(whose) = whose.filter(|_| limit > 0) {
                until =
                    until.max(tx.attempts_full_until(tenant, whose, own, limit, throttle.window, now).await?);
            }
        }
        until
            .map_or(Ok(()), |until| Err(OpenError::Throttled { retry_after: until.since(now).max(SHORTEST) }))
    }

    /// Counts a verification in this month, where the plan of the tenant has room for it.
    pub(crate) async fn count_verification(&self, tx: &mut Tx, caller: &Caller) -> Result<(), OpenError> {
        let (limit, now) = (self.monthly_limit(caller), self.now());
        let month = Month::of(now);
        if tx.count_verification(caller.tenant.id, &month.name, limit).await? {
            return Ok(());
        }
        Err(month.is_used(limit.unwrap_or_default(), now))
    }

    /// Refuses where [`Self::count_verification`] would, and counts nothing.
    pub(crate) async fn check_quota(&self, tx: &mut Tx, caller: &Caller) -> Result<(), OpenError> {
        let Some(limit) = self.monthly_limit(caller) else { return Ok(()) };
        let now = self.now();
        let month = Month::of(now);
        if tx.verifications_counted(caller.tenant.id, &month.name).await? < limit {
            return Ok(());
        }
        Err(month.is_used(limit, now))
    }

    fn monthly_limit(&self, caller: &Caller) -> Option<u64> {
        self.limits().verifications_per_month.get(&caller.tenant.plan).copied()
    }

    /// Forgets attempts, requests, codes and tokens that do not count any more, and the marks of old frames.
    pub(crate) async fn forget_attempts(&self, now: Timestamp) -> Result<(), ServiceError> {
        let before = |age: Duration| {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            Timestamp::from_millis(now.as_millis().saturating_sub(age))
        };
        let mut tx = self.store().begin().await?;
        tx.delete_attempts(before(self.limits().throttle.window), before(OPEN_ATTEMPTS)).await?;
        tx.delete_marks(before(FRAME_MARKS)).await?;
        tx.delete_sign_ins(before(self.limits().throttle.window)).await?;
        tx.delete_otps(before(self.limits().codes.window), now).await?;
        tx.delete_expired_families(now).await?;
        tx.delete_requests(micros(now)).await?;
        Ok(tx.commit().await?)
    }
}

/// Nobody is told to come back at once.
pub(crate) const SHORTEST: Duration = Duration::from_secs(1);

/// The network that counts as one address: an IPv4 address itself, of an IPv6 one the first 64 bits, which is what one
/// household or phone is given.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let first = u128::from(address) & (u128::MAX << 64);
            format!("{}/64", Ipv6Addr::from(first))
        }
    }
}

/// A calendar month in UTC.
struct Month {
    /// As `2026-11`.
    name: String,
    /// The first moment of the next one.
    end: Timestamp,
}

impl Month {
    fn of(now: Timestamp) -> Self {
        // Times of this program lie within the calendar.
        let now = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or_default();
        let date = now.to_zoned(TimeZone::UTC).date();
        let end = date.last_of_month().tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC));
        let end = end.map_or(jiff::Timestamp::MAX, |end| end.timestamp());
        Self {
            name: format!("{:04}-{:02}", date.year(), date.month()),
            end: Timestamp::from_millis(end.as_millisecond()),
        }
    }

    /// That there is no room for another verification before it ends.
    fn is_used(&self, limit: u64, now: Timestamp) -> OpenError {
        OpenError::QuotaUsed { limit, retry_after: self.end.since(now).max(SHORTEST) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_at_midnight_in_utc() {
        let at =
            |text: &str| Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        for (now, name, end) in [
            ("2026-11-21T10:00:00Z", "2026-11", "2026-12-01T00:00:00Z"),
            ("2026-12-31T23:59:59.999Z", "2026-12", "2027-01-01T00:00:00Z"),
            ("2028-02-29T00:00:00Z", "2028-02", "2028-03-01T00:00:00Z"),
            ("2026-12-01T01:00:00+02:00", "2026-11", "2026-12-01T00:00:00Z"),
        ] {
            let month = Month::of(at(now));
            assert_eq!((month.name.as_str(), month.end), (name, at(end)), "{now}");
        }
    }

    #[test]
    fn an_ipv6_address_counts_with_its_network() {
        for (address, counted) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ] {
            assert_eq!(network(address.parse().unwrap()), counted);
        }
    }
}
