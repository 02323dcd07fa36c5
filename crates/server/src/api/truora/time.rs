//! Points in time as the vendor writes them.

use domain::Timestamp;

/// RFC 3339 in UTC with milliseconds, as `2026-11-21T09:30:00.000Z`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    // Beyond the calendar, which no clock here reaches, stands its end.
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).unwrap_or(jiff::Timestamp::MAX);
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        assert_eq!(rfc3339(Timestamp::from_millis(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Timestamp::from_millis(1_713_886_408_544)), "2024-04-23T15:33:28.544Z");
        assert!(rfc3339(Timestamp::from_millis(i64::MAX)).starts_with("9999-12-30T"));
    }
}
