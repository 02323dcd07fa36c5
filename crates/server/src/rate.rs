//! How many requests a key may make, and what its answers say about it.
//!
//! A dialect's authentication asks [`Rates::take`] for one request of a key. From then on every answer to that request
//! carries `X-RateLimit-Limit`, `-Remaining` and `-Reset`, whatever becomes of it; a key without a limit gets none. How a
//! refusal reads is the dialect's own. A dialect that promises the headers also where no key is looked at, as on the
//! answer to a preflight or to a method that no route has, counts these requests by [`crate::Dialect::count_rest`].
//!
//! Requests are counted in memory, by each process: a restart forgives. Where a contract sets the bound,
//! [`take_kept`] counts them in the database: a restart forgives nothing.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use app::{RequestRate, Service, ServiceError};
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use domain::{KeyId, TenantId, Timestamp};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::Config;
use crate::dispatch::Dispatch;
use crate::peer::Peer;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Keys that are remembered for one rate, about 100 bytes each. A key that has rested is forgotten first, and loses
/// nothing by it.
const MOST_KEYS: usize = 100_000;

/// How `X-RateLimit-Reset` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateReset {
    /// In seconds from now.
    InSeconds,
    /// As a Unix time in seconds; with the time of now.
    At(Timestamp),
}

/// One request that is charged to a key.
#[derive(Debug, Clone, Copy)]
pub struct Charge {
    /// The key.
    pub key: KeyId,
    /// What of the key is charged: a dialect may count some of its routes apart.
    pub bucket: &'static str,
    /// How many requests there are.
    pub rate: RequestRate,
    /// What `X-RateLimit-Limit` says: vendors mean the burst by it, or the requests of a minute. `-Remaining` is never
    /// more.
    pub limit: NonZeroU32,
    /// How the answer says when all of them are back.
    pub reset: RateReset,
}

/// The key has no request left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests with this key: at most {} a minute, and {} at once", rate.per_minute, rate.burst)]
pub struct TooMany {
    /// The rate.
    pub rate: RequestRate,
    /// When the next request may be made, at least 1 s.
    pub retry_after: Duration,
}

/// The requests of keys. Shared by everyone who serves one dialect.
pub struct Rates<C: Clock = MonotonicClock> {
    of_plans: BTreeMap<String, RequestRate>,
    clock: C,
    /// One for each rate: those of the plans and of the dialects, so that there are few.
    limiters: Mutex<HashMap<RequestRate, Arc<Limiter<C>>>>,
    most_keys: usize,
}

type Counted = (KeyId, &'static str);
type Limiter<C> = RateLimiter<Counted, HashMapStateStore<Counted>, C, StateInformationMiddleware>;

/// What the answers to a request say. In the request's extensions.
#[derive(Clone, Default)]
struct Told(Arc<OnceLock<Left>>);

struct Left {
    limit: u32,
    remaining: u32,
    reset_seconds: i64,
}

impl Rates {
    /// For the plans of a configuration.
    pub fn new(config: &Config) -> Self {
        Self::with_clock(config, MonotonicClock)
    }
}

impl<C: Clock + Clone> Rates<C> {
    fn with_clock(config: &Config, clock: C) -> Self {
        let of_plans = config.plans.iter().filter_map(|(name, plan)| {
            let per_minute = plan.requests_per_minute?;
            Some((name.clone(), RequestRate { per_minute, burst: plan.burst.unwrap_or(per_minute) }))
        });
        Self { of_plans: of_plans.collect(), clock, limiters: Mutex::default(), most_keys: MOST_KEYS }
    }

    /// The rate of a plan; `None` where it sets none.
    pub fn of_plan(&self, plan: &str) -> Option<RequestRate> {
        self.of_plans.get(plan).copied()
    }

    /// Takes one request, and lets the answer to `request` say what is left.
    ///
    /// # Errors
    /// [`TooMany`] where none is left. The answer says so then.
    pub fn take(&self, request: &Extensions, charge: Charge) -> Result<(), TooMany> {
        tell(request, charge, self.check(charge))
    }

    /// Requests that are left, or how long there is none.
    fn check(&self, charge: Charge) -> Result<u32, Duration> {
        let limiter = self.limiter(charge.rate);
        match limiter.check_key(&(charge.key, charge.bucket)) {
            Ok(snapshot) => Ok(snapshot.remaining_burst_capacity()),
            Err(not_until) => Err(not_until.wait_time_from(self.clock.now())),
        }
    }

    fn limiter(&self, rate: RequestRate) -> Arc<Limiter<C>> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = limiters.entry(rate).or_insert_with(|| Arc::new(self.new_limiter(rate)));
        if limiter.len() >= self.most_keys {
            limiter.retain_recent();
            if limiter.len() > self.most_keys / 2 {
                // Hardly a key has rested. Memory is worth more than what they have used up, and looking through all of
                // them again at the next request would cost more than it is worth.
                *limiter = Arc::new(self.new_limiter(rate));
            }
            limiter.shrink_to_fit();
        }
        Arc::clone(limiter)
    }

    fn new_limiter(&self, rate: RequestRate) -> Limiter<C> {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        RateLimiter::hashmap_with_clock(quota, self.clock.clone()).with_middleware()
    }
}

impl<C: Clock> fmt::Debug for Rates<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rates").field("of_plans", &self.of_plans).finish_non_exhaustive()
    }
}

/// Takes one request as [`Rates::take`] does, counted in the database.
///
/// # Errors
/// The database fails. Inside, [`TooMany`] where none is left.
pub(crate) async fn take_kept(
    service: &Service,
    tenant: TenantId,
    request: &Extensions,
    charge: Charge,
) -> Result<Result<(), TooMany>, ServiceError> {
    let taken = service.take_request((tenant, charge.key), charge.bucket, charge.rate).await?;
    Ok(tell(request, charge, taken))
}

/// Lets the answer to `request` say what is left, or how long there is none.
fn tell(request: &Extensions, charge: Charge, taken: Result<u32, Duration>) -> Result<(), TooMany> {
    let rate = charge.rate;
    let (remaining, full_in, result) = match taken {
        Ok(remaining) => (remaining, rate.interval() * rate.burst.get().saturating_sub(remaining), Ok(())),
        Err(wait) => {
            let retry_after = Duration::from_secs(seconds_up(wait).max(1));
            (0, wait + rate.interval() * (rate.burst.get() - 1), Err(TooMany { rate, retry_after }))
        }
    };
    let seconds = i64::try_from(seconds_up(full_in)).unwrap_or(i64::MAX);
    let reset_seconds = match charge.reset {
        RateReset::InSeconds => seconds,
        RateReset::At(now) => now.as_secs().saturating_add(seconds),
    };
    if let Some(Told(cell)) = request.get() {
        // The first charge of a request stands.
        let limit = charge.limit.get();
        let _ = cell.set(Left { limit, remaining: remaining.min(limit), reset_seconds });
    }
    result
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Lets every answer say what is left to whom its request was charged.
pub(crate) async fn layer(State(dispatch): State<Dispatch>, mut request: Request, next: Next) -> Response {
    let told = Told::default();
    request.extensions_mut().insert(told.clone());
    // Whether somebody was charged is known when the request is gone.
    let path = request.uri().path().to_owned();
    let peer = request.extensions().get::<Peer>().cloned();
    let mut response = next.run(request).await;
    if told.0.get().is_none() {
        let mut kept = Extensions::new();
        kept.insert(told.clone());
        let host = peer.as_ref().and_then(|peer| peer.host.clone());
        if let Some(peer) = peer {
            kept.insert(peer);
        }
        dispatch.count_rest(host.as_deref(), &path, &kept);
    }
    if let Some(left) = told.0.get() {
        let headers = response.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(left.limit));
        headers.insert(REMAINING, HeaderValue::from(left.remaining));
        headers.insert(RESET, HeaderValue::from(left.reset_seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware;
    use axum::routing::get;
    use governor::clock::FakeRelativeClock;
    use tower::ServiceExt as _;

    use super::*;
    use crate::config::Plan;

    const SECOND: Duration = Duration::from_secs(1);

    fn key(number: u8) -> KeyId {
        KeyId::from_bytes([number; 16])
    }

    fn rate(per_minute: u32, burst: u32) -> RequestRate {
        RequestRate {
            per_minute: NonZeroU32::new(per_minute).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        }
    }

    fn charge(number: u8, rate: RequestRate) -> Charge {
        Charge { key: key(number), bucket: "all", rate, limit: rate.burst, reset: RateReset::InSeconds }
    }

    fn rates(clock: &FakeRelativeClock) -> Rates<FakeRelativeClock> {
        Rates::with_clock(&Config::default(), clock.clone())
    }

    #[test]
    fn a_plan_has_the_rate_that_it_sets() {
        let rpm = NonZeroU32::new(120);
        let plan =
            |requests_per_minute, burst| Plan { requests_per_minute, burst, verifications_per_month: None };
        let plans = BTreeMap::from([
            ("even".to_owned(), plan(rpm, None)),
            ("small".to_owned(), plan(rpm, NonZeroU32::new(5))),
            ("open".to_owned(), plan(None, None)),
        ]);
        let rates = Rates::new(&Config { plans, ..Config::default() });
        assert_eq!(rates.of_plan("even"), Some(rate(120, 120)));
        assert_eq!(rates.of_plan("small"), Some(rate(120, 5)));
        assert_eq!((rates.of_plan("open"), rates.of_plan("unknown")), (None, None));
    }

    #[test]
    fn a_key_has_its_burst_and_then_its_rate() {
        let clock = FakeRelativeClock::default();
        let rates = rates(&clock);
        let charge = charge(1, rate(30, 3));
        let take = || rates.take(&Extensions::new(), charge).map_err(|refused| refused.retry_after);
        assert_eq!([take(), take(), take()], [Ok(()); 3]);
        assert_eq!(take(), Err(2 * SECOND));
        clock.advance(SECOND);
        assert_eq!(take(), Err(SECOND));
        clock.advance(SECOND);
        assert_eq!([take(), take()], [Ok(()), Err(2 * SECOND)]);
        clock.advance(Duration::from_hours(1));
        assert_eq!([take(), take(), take(), take()], [Ok(()), Ok(()), Ok(()), Err(2 * SECOND)]);
    }

    #[test]
    fn two_hundred_at_once_get_no_more_than_the_burst() {
        let rates = rates(&FakeRelativeClock::default());
        let charge = charge(1, rate(60, 15));
        let take = || (0..10).filter(|_| rates.take(&Extensions::new(), charge).is_ok()).count();
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..20).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 15);
    }

    #[test]
    fn keys_and_buckets_are_counted_apart() {
        let clock = FakeRelativeClock::default();
        let rates = rates(&clock);
        let take = |charge| rates.take(&Extensions::new(), charge).is_ok();
        let one = charge(1, rate(1, 1));
        assert!(take(one) && !take(one));
        assert!(take(charge(2, one.rate)));
        assert!(take(Charge { bucket: "status", ..one }));
        assert!(!take(one));
    }

    #[test]
    fn memory_is_bounded_however_many_keys_there_are() {
        let clock = FakeRelativeClock::default();
        let rates = Rates { most_keys: 100, ..rates(&clock) };
        let rate = rate(60, 2);
        let id = |number: u32| KeyId::from_bytes(u128::from(number).to_be_bytes());
        let take = |key| rates.take(&Extensions::new(), Charge { key, ..charge(0, rate) });
        for number in 0..10_000 {
            take(id(number)).unwrap();
            assert!(rates.limiter(rate).len() <= 100);
        }
        // Where the others rested, a key that is used up stays so.
        let busy = id(20_000);
        clock.advance(2 * SECOND);
        for number in 0..90 {
            take(id(number)).unwrap();
        }
        clock.advance(2 * SECOND);
        assert_eq!([take(busy), take(busy)], [Ok(()); 2]);
        for number in 0..60 {
            take(id(30_000 + number)).unwrap();
            clock.advance(Duration::from_millis(1));
        }
        assert!(take(busy).is_err());
    }

    /// With no dialect that counts more.
    fn told(router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(Dispatch::new(vec![]).unwrap(), layer))
    }

    async fn headers(router: &Router) -> (StatusCode, Vec<String>) {
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response: Result<Response, Infallible> = router.clone().oneshot(request).await;
        let response = response.unwrap();
        let header =
            |name| response.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap().to_owned());
        (response.status(), [LIMIT, REMAINING, RESET].into_iter().filter_map(header).collect())
    }

    #[tokio::test]
    async fn every_answer_of_a_limited_key_says_what_is_left() {
        let clock = FakeRelativeClock::default();
        let rates = Arc::new(rates(&clock));
        let router = |reset| {
            let rates = Arc::clone(&rates);
            let handler = async move |request: Request| {
                let charge = Charge { reset, ..charge(1, rate(6, 2)) };
                match rates.take(request.extensions(), charge) {
                    Ok(()) => StatusCode::NOT_FOUND,
                    Err(_) => StatusCode::TOO_MANY_REQUESTS,
                }
            };
            told(Router::new().route("/", get(handler)))
        };
        let seconds = router(RateReset::InSeconds);
        let found = async |wanted: (u16, [&str; 3]), router: &Router| {
            let (status, headers) = headers(router).await;
            assert_eq!((status.as_u16(), headers), (wanted.0, wanted.1.map(str::to_owned).to_vec()));
        };
        found((404, ["2", "1", "10"]), &seconds).await;
        clock.advance(SECOND);
        found((404, ["2", "0", "20"]), &seconds).await;
        clock.advance(SECOND);
        found((429, ["2", "0", "18"]), &seconds).await;
        let unix = router(RateReset::At(Timestamp::from_millis(1_795_000_000_000)));
        found((429, ["2", "0", "1795000018"]), &unix).await;
        let open = told(Router::new().route("/", get(|| async {})));
        assert_eq!(headers(&open).await, (StatusCode::OK, vec![]));
    }

    #[tokio::test]
    async fn what_is_left_is_never_more_than_the_limit() {
        let clock = FakeRelativeClock::default();
        let rates = Arc::new(rates(&clock));
        let router = |rate: RequestRate, number| {
            let charge = Charge { limit: rate.per_minute, ..charge(number, rate) };
            let rates = Arc::clone(&rates);
            let handler =
                async move |request: Request| rates.take(request.extensions(), charge).is_ok().to_string();
            told(Router::new().route("/", get(handler)))
        };
        let wide = router(rate(3, 5), 1);
        for remaining in ["3", "3", "2", "1", "0", "0"] {
            assert_eq!(headers(&wide).await.1[..2], ["3", remaining]);
        }
        let narrow = router(rate(60, 2), 2);
        for remaining in ["1", "0", "0"] {
            assert_eq!(headers(&narrow).await.1[..2], ["60", remaining]);
        }
    }
}
