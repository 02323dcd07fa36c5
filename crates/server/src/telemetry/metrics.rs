//! Prometheus.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::Backend;

/// Upper bounds in seconds: from an answer without work to the longest time-out of a form.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The process's recorder, set up with the first call.
pub(crate) fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let duration = Matcher::Full("http_request_duration_seconds".to_owned());
    let builder = PrometheusBuilder::new();
    // Fails for an empty list only.
    let builder = builder.set_buckets_for_metric(duration, &BUCKETS).unwrap_or_default();
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another part of the process records metrics: these stay empty");
    }
    metrics::describe_counter!("http_requests_total", "Requests answered");
    metrics::describe_histogram!("http_request_duration_seconds", "Time to the answer's head");
    metrics::describe_gauge!("bonafide_queue_depth", "Uploads that are worked on or wait");
    metrics::describe_gauge!("bonafide_jobs_waiting", "Jobs that wait or run");
    metrics::describe_gauge!("bonafide_build_info", "1, with the version");
    metrics::gauge!("bonafide_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    handle
}

/// `/metrics`.
#[derive(Clone)]
pub(crate) struct Metrics {
    handle: PrometheusHandle,
    backend: Arc<dyn Backend>,
}

impl Metrics {
    pub(crate) fn new(backend: Arc<dyn Backend>) -> Self {
        Self { handle: recorder(), backend }
    }

    /// Its router, for a listener of its own.
    pub(crate) fn router(self) -> Router {
        Router::new().route("/metrics", get(render)).with_state(self)
    }

    /// Folds what was recorded into the histograms, which otherwise grow until somebody scrapes.
    pub(crate) fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

async fn render(State(metrics): State<Metrics>) -> impl IntoResponse {
    metrics::gauge!("bonafide_queue_depth").set(metrics.backend.queue_depth() as f64);
    if let Some(jobs) = metrics.backend.jobs_waiting().await {
        metrics::gauge!("bonafide_jobs_waiting").set(jobs as f64);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.handle.render())
}
