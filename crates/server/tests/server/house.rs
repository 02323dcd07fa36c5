//! What the server does around a dialect, without sockets.

use std::num::NonZeroU32;
use std::sync::LazyLock;

use crate::common::{OTHER_ORIGIN, OWN_ORIGIN, assemble, at_the_root, dialect, limits, mount};
use app::RequestRate;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Extensions, Method, Request, StatusCode, header};
use axum::response::Response;
use server::{Charge, RateReset, Rates};
use tower::ServiceExt as _;

async fn send(router: &Router, method: Method, uri: &str, headers: &[(&str, &str)], body: Body) -> Response {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
}

async fn get(router: &Router, uri: &str, headers: &[(&str, &str)]) -> Response {
    send(router, Method::GET, uri, headers, Body::empty()).await
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

fn header_of<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn unknown_routes_are_answered_by_the_dialect_they_lie_in() {
    let named = |name, answer: fn() -> Response| server::Dialect { unknown_route: answer, ..dialect(name) };
    let router = assemble(vec![
        mount(named("one", || Response::new("one".into())), &[], "/one", &limits()),
        mount(named("two", || Response::new("two".into())), &["two.example"], "", &limits()),
    ]);
    assert_eq!(text(get(&router, "/one/v9/nothing", &[]).await).await, "one");
    let elsewhere = get(&router, "/v1/mine", &[]).await;
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
    assert_eq!(text(elsewhere).await, r#"{"error":"there is nothing here"}"#);
    assert_eq!(text(get(&router, "/one/v1/mine", &[]).await).await, "mine");
    assert_eq!(get(&router, "/onex/v1/mine", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[test]
fn two_dialects_cannot_have_one_place() {
    let claim = |hosts: &[&str], prefix| {
        let mounts = vec![
            mount(dialect("one"), hosts, prefix, &limits()),
            mount(dialect("two"), hosts, prefix, &limits()),
        ];
        let backend = std::sync::Arc::new(crate::common::Stub);
        server::assemble(mounts, backend, &server::Settings::default()).map(drop)
    };
    assert!(claim(&[], "").is_err() && claim(&[], "/a").is_err() && claim(&["a.example"], "").is_err());
}

#[tokio::test]
async fn of_two_paths_at_one_place_the_longer_counts() {
    let at = |name, paths, answer: fn() -> Response| {
        mount(server::Dialect { paths, unknown_route: answer, ..dialect(name) }, &[], "", &limits())
    };
    let router = assemble(vec![
        at("pages", &["/verify", "/badge"], || Response::new("pages".into())),
        at("api", &["/verify/api", "/api"], || Response::new("api".into())),
    ]);
    for (path, name) in [
        ("/verify", "pages"),
        ("/verify/7/state", "pages"),
        ("/verify/apis", "pages"),
        ("/verify/api", "api"),
        ("/verify/api/7", "api"),
        ("/api/7", "api"),
        ("/elsewhere", "pages"),
    ] {
        assert_eq!(text(get(&router, path, &[]).await).await, name, "{path}");
    }
}

#[tokio::test]
async fn the_servers_own_paths_are_its_own() {
    let router = at_the_root();
    assert_eq!(text(get(&router, "/healthz", &[]).await).await, "ok\n");
    assert_eq!(text(get(&router, "/readyz", &[]).await).await, r#"{"ready":true}"#);
    let document = get(&router, "/openapi/test.json", &[]).await;
    assert_eq!(header_of(&document, "content-type"), Some("application/json"));
    let document = text(document).await;
    assert!(document.contains("\"openapi\": \"3.1.0\""), "{document}");
    assert!(document.contains("https://id.example.com"), "{document}");
    assert_eq!(get(&router, "/openapi/other.json", &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        send(&router, Method::POST, "/healthz", &[], Body::empty()).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn what_goes_wrong_outside_a_handler_has_the_dialects_shape() {
    let router = at_the_root();
    let panicked = get(&router, "/v1/panic", &[]).await;
    assert_eq!(panicked.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text(panicked).await, r#""shaped 500: internal error""#);
    let method = send(&router, Method::DELETE, "/v1/mine", &[], Body::empty()).await;
    assert_eq!(method.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header_of(&method, "allow"), Some("GET,HEAD"));
    assert!(text(method).await.starts_with("\"shaped 405"));
    let late = at_the_root_with_impatience();
    let late = get(&late, "/v1/slow", &[]).await;
    assert_eq!(late.status(), StatusCode::GATEWAY_TIMEOUT);
    assert!(text(late).await.starts_with("\"shaped 504"));
}

fn at_the_root_with_impatience() -> Router {
    let limits = server::config::Limits { request_timeout: std::time::Duration::from_millis(20), ..limits() };
    assemble(vec![mount(dialect("test"), &[], "", &limits)])
}

/// Counts requests to paths below the place of the dialect: there are 100, and hardly any come back.
fn count(path: &str, request: &Extensions) {
    static RATES: LazyLock<Rates> = LazyLock::new(|| Rates::new(&server::Config::default()));
    let limit = NonZeroU32::new(100).unwrap();
    let charge = Charge {
        key: domain::KeyId::from_bytes([0; 16]),
        bucket: "rest",
        rate: RequestRate { per_minute: NonZeroU32::MIN, burst: limit },
        limit,
        reset: RateReset::InSeconds,
    };
    if path.starts_with("/v1/") {
        RATES.take(request, charge).unwrap();
    }
}

#[tokio::test]
async fn a_dialect_may_count_what_was_charged_to_nobody() {
    let counting =
        server::Dialect { count_rest: Some(|(), path, request| count(path, request)), ..dialect("test") };
    let router = assemble(vec![
        mount(counting, &[], "/below", &limits()),
        mount(dialect("other"), &[], "/other", &limits()),
    ]);
    let ask = [("origin", OWN_ORIGIN), ("access-control-request-method", "POST")];
    let mut left = 100;
    for (method, path, headers, status) in [
        (Method::GET, "/below/v1/panic", &[] as &[_], 500),
        (Method::DELETE, "/below/v1/mine", &[], 405),
        (Method::POST, "/below/v1/echo", &[("content-length", "1025")], 413),
        (Method::GET, "/below/v1/nothing", &[], 403),
        (Method::OPTIONS, "/below/v1/mine", &ask, 204),
    ] {
        let answer = send(&router, method, path, headers, Body::empty()).await;
        left -= 1;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(header_of(&answer, "x-ratelimit-limit"), Some("100"), "{path}");
        assert_eq!(header_of(&answer, "x-ratelimit-remaining"), Some(&*left.to_string()), "{path}");
    }
    for path in ["/below/v2/nothing", "/other/v1/mine", "/v1/mine", "/healthz"] {
        assert_eq!(header_of(&get(&router, path, &[]).await, "x-ratelimit-limit"), None, "{path}");
    }
}

#[tokio::test]
async fn a_client_that_sends_without_asking_is_heard_out_and_nothing_is_kept() {
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&read);
    let endless = futures_util::stream::repeat_with(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(vec![0; 100])
    });
    let headers = [("content-length", "1025")];
    let refused = send(&at_the_root(), Method::POST, "/v1/echo", &headers, Body::from_stream(endless)).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // Twice the limit, and not for ever.
    assert_eq!(read.load(std::sync::atomic::Ordering::Relaxed), 21);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_before_it_is_read() {
    let router = at_the_root();
    let untouched = Body::from_stream(futures_util::stream::once(async {
        panic!("the body was read");
        #[expect(unreachable_code, reason = "the type of the stream")]
        Ok::<_, std::io::Error>("")
    }));
    let headers = [("content-length", "1025"), ("expect", "100-continue")];
    let refused = send(&router, Method::POST, "/v1/echo", &headers, untouched).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(refused).await.starts_with("\"shaped 413"));
    let fits = send(&router, Method::POST, "/v1/echo", &[], Body::from(vec![0; 1024])).await;
    assert_eq!(text(fits).await, "1024");
    // Without a length it is read up to the limit; then the handler's extractor refuses it.
    let unannounced = Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(vec![0; 2000])]));
    let refused = send(&router, Method::POST, "/v1/echo", &[], unannounced).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // A photo has a limit of its own.
    let photo = send(&router, Method::PUT, "/v1/photos/t", &[], Body::from(vec![0; 4096])).await;
    assert_eq!(text(photo).await, "4096");
    let photo =
        send(&router, Method::PUT, "/v1/photos/t", &[("content-length", "4097")], Body::empty()).await;
    assert_eq!(photo.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn every_answer_has_security_headers_and_the_name_of_its_request() {
    let router = at_the_root();
    for uri in ["/healthz", "/v1/mine", "/v1/nothing", "/v1/panic"] {
        let response = get(&router, uri, &[("x-request-id", "caller-1")]).await;
        assert_eq!(header_of(&response, "x-content-type-options"), Some("nosniff"), "{uri}");
        assert_eq!(header_of(&response, "cache-control"), Some("no-store"), "{uri}");
        assert_eq!(header_of(&response, "referrer-policy"), Some("no-referrer"), "{uri}");
        assert_eq!(header_of(&response, "strict-transport-security"), None, "{uri}");
        assert_eq!(header_of(&response, "x-request-id"), Some("caller-1"), "{uri}");
    }
    let unclean = get(&router, "/healthz", &[("x-request-id", "a b")]).await;
    assert_eq!(header_of(&unclean, "x-request-id").map(str::len), Some(32));
}

#[tokio::test]
async fn a_preflight_is_allowed_for_an_origin_that_any_tenant_lists() {
    let router = at_the_root();
    let ask = [("origin", OTHER_ORIGIN), ("access-control-request-method", "POST")];
    let allowed = send(&router, Method::OPTIONS, "/v1/mine", &ask, Body::empty()).await;
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    assert_eq!(header_of(&allowed, "access-control-allow-origin"), Some(OTHER_ORIGIN));
    assert_eq!(
        header_of(&allowed, "access-control-allow-headers"),
        Some("authorization, content-type, test-key")
    );
    assert_eq!(header_of(&allowed, "access-control-max-age"), Some("600"));
    let ask = [("origin", "https://nobody.example"), ("access-control-request-method", "POST")];
    let refused = send(&router, Method::OPTIONS, "/v1/mine", &ask, Body::empty()).await;
    assert_eq!(header_of(&refused, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn an_answer_is_open_to_the_origins_of_the_callers_tenant_only() {
    let router = at_the_root();
    let allowed = async |uri: &'static str, origin| {
        let response = get(&router, uri, &[("origin", origin)]).await;
        assert_eq!(header_of(&response, header::VARY.as_str()), Some("origin"));
        header_of(&response, "access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(allowed("/v1/mine", OWN_ORIGIN).await.as_deref(), Some(OWN_ORIGIN));
    assert_eq!(allowed("/v1/mine", OTHER_ORIGIN).await, None, "of another tenant");
    assert_eq!(allowed("/v1/things/1", OWN_ORIGIN).await, None, "nobody was authenticated");
    let upload = send(&router, Method::PUT, "/v1/photos/t", &[("origin", OTHER_ORIGIN)], Body::empty()).await;
    assert_eq!(header_of(&upload, "access-control-allow-origin"), Some(OTHER_ORIGIN));
}
