//! How many requests a key may make, counted in the database.

use std::num::NonZeroU32;
use std::time::Duration;

use domain::{KeyId, TenantId, Timestamp};

use super::Service;
use crate::ServiceError;

/// So many requests in a minute in the long run, and so many at once after a rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestRate {
    /// Requests that come back in a minute.
    pub per_minute: NonZeroU32,
    /// Requests after a rest.
    pub burst: NonZeroU32,
}

impl RequestRate {
    /// How long it takes until another request may be made. In whole microseconds, rounded up: a minute never has more.
    pub fn interval(self) -> Duration {
        Duration::from_micros(self.interval_micros().unsigned_abs())
    }

    fn interval_micros(self) -> i64 {
        i64::from(60_000_000_u32.div_ceil(self.per_minute.get()))
    }

    /// Takes one request at `now`, of a key whose requests are all back at `full_at`. When they are now, and how many are
    /// left; or how long there is none. All in microseconds.
    ///
    /// This is the generic cell rate algorithm (ITU-T I.371).
    fn take(self, full_at: Option<i64>, now: i64) -> Result<(i64, u32), i64> {
        let interval = self.interval_micros();
        let latest = now + interval * i64::from(self.burst.get());
        // What was noted under another rate, or before the clock was set back, holds no longer than a burst.
        let full_at = full_at.map_or(now, |at| at.clamp(now, latest)) + interval;
        if full_at > latest {
            return Err(full_at - latest);
        }
        let left = (latest - full_at) / interval;
        Ok((full_at, u32::try_from(left).unwrap_or(u32::MAX)))
    }
}

impl Service {
    /// Takes one request of a key from those that are counted as `bucket`, and keeps that. How many are left, or how long
    /// there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_request(
        &self,
        (tenant, key): (TenantId, KeyId),
        bucket: &str,
        rate: RequestRate,
    ) -> Result<Result<u32, Duration>, ServiceError> {
        let mut tx = self.store().begin().await?;
        // After the wait for one's turn.
        let now = micros(self.now());
        match rate.take(tx.requests_full_at(tenant, key, bucket).await?, now) {
            Ok((full_at, left)) => {
                tx.set_requests_full_at(tenant, key, bucket, full_at).await?;
                tx.commit().await?;
                Ok(Ok(left))
            }
            Err(wait) => Ok(Err(Duration::from_micros(wait.unsigned_abs()))),
        }
    }
}

pub(super) fn micros(time: Timestamp) -> i64 {
    time.as_millis().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const NOW: i64 = 1_795_000_000 * SECOND;

    fn rate(per_minute: u32, burst: u32) -> RequestRate {
        RequestRate {
            per_minute: NonZeroU32::new(per_minute).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        }
    }

    /// What is left, or the wait, of requests at these times.
    fn take_all(rate: RequestRate, times: impl IntoIterator<Item = i64>) -> Vec<Result<u32, i64>> {
        let mut full_at = None;
        let one = |time| {
            let (at, left) = rate.take(full_at, time)?;
            full_at = Some(at);
            Ok(left)
        };
        times.into_iter().map(one).collect()
    }

    #[test]
    fn a_key_has_its_burst_and_then_its_rate() {
        let times = [0, 0, 0, 0, SECOND, 2 * SECOND, 2 * SECOND].map(|after| NOW + after);
        let wanted = [Ok(2), Ok(1), Ok(0), Err(2 * SECOND), Err(SECOND), Ok(0), Err(2 * SECOND)];
        assert_eq!(take_all(rate(30, 3), times), wanted);
        let rested = [NOW, NOW, NOW + 3600 * SECOND, NOW + 3600 * SECOND, NOW + 3600 * SECOND];
        assert_eq!(take_all(rate(30, 2), rested), [Ok(1), Ok(0), Ok(1), Ok(0), Err(2 * SECOND)]);
    }

    #[test]
    fn a_minute_never_has_more_than_its_burst_and_its_rate() {
        for (per_minute, burst) in [(7, 1), (60, 15), (600, 600), (100_000, 3), (u32::MAX, 1)] {
            let taken = take_all(rate(per_minute, burst), (0..60_000).map(|millis| NOW + millis * 1000));
            let taken = taken.iter().filter(|taken| taken.is_ok()).count();
            assert!(
                taken <= usize::try_from(per_minute).unwrap() + usize::try_from(burst).unwrap(),
                "{taken}"
            );
            assert!(taken >= usize::try_from(per_minute.min(6_000)).unwrap(), "{taken}");
        }
        // No rate that can be set is beyond the numbers.
        assert_eq!(take_all(rate(1, u32::MAX), [NOW]), [Ok(u32::MAX - 1)]);
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out_for_longer_than_a_burst() {
        let rate = rate(60, 3);
        assert_eq!(rate.take(Some(NOW + 3600 * SECOND), NOW), Err(SECOND));
        assert_eq!(rate.take(Some(NOW - 3600 * SECOND), NOW), Ok((NOW + SECOND, 2)));
    }
}
