//! `/api/sandbox/...`: the same story without a key and without a person, for whoever writes a client.
//!
//! A session passes by itself after a few seconds, and expires after ten minutes where it was not completed, so that
//! both ends can be seen. It is kept in memory, until newer ones need the room; its badge does not verify.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::{CAPTURE_TIME, Service};
use axum::extract::State;
use axum::{Extension, Json};
use domain::{Timestamp, VerificationId};
use uuid::Uuid;

use super::auth::Anybody;
use super::error::{ApiError, TrueLensError};
use super::status::Status;
use super::wire::{Body, PathId, id, time, uuid};
use super::{complete, init, status};
use crate::ServerState;

/// After which time the person of a sandbox session has passed.
const PASSES_AFTER: Duration = Duration::from_secs(3);
/// Sessions that are remembered, about 100 bytes each. The oldest goes first.
const MOST: usize = 10_000;

/// The sessions of the sandbox. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sandbox(Arc<Mutex<BTreeMap<(Timestamp, VerificationId), Session>>>);

#[derive(Debug, Clone, Copy)]
struct Session {
    is_demo: bool,
    is_completed: bool,
}

impl Sandbox {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<(Timestamp, VerificationId), Session>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn open(&self, id: VerificationId, is_demo: bool, now: Timestamp) {
        self.with(|sessions| {
            while sessions.len() >= MOST {
                sessions.pop_first();
            }
            sessions.insert((now, id), Session { is_demo, is_completed: false });
        });
    }

    fn find(&self, id: VerificationId) -> Option<(Timestamp, Session)> {
        self.with(|sessions| {
            let found = sessions.iter().find(|((_, own), _)| *own == id);
            found.map(|((at, _), session)| (*at, *session))
        })
    }

    /// `false` where it was completed before.
    fn complete(&self, id: VerificationId, at: Timestamp) -> bool {
        self.with(|sessions| match sessions.get_mut(&(at, id)) {
            Some(session) if !session.is_completed => {
                session.is_completed = true;
                true
            }
            _ => false,
        })
    }
}

impl Session {
    fn status(self, opened_at: Timestamp, now: Timestamp) -> Status {
        match now.since(opened_at) {
            _ if self.is_completed => Status::Completed,
            age if age >= CAPTURE_TIME => Status::Expired,
            age if age >= PASSES_AFTER => Status::Completed,
            _ => Status::Pending,
        }
    }
}

/// Opens a session that passes by itself.
#[utoipa::path(
    post, path = "/api/sandbox/verify/init", tag = "sandbox", operation_id = "sandbox_init", security(()),
    request_body(content = ref("#/components/schemas/InitRequest"), description = "May be empty"),
    responses(
        (status = 200, body = init::Answer, description = "The session"),
        (status = 400, body = ApiError, description = "A member is wrong; the text names it"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError, description = "Too many requests"),
    ),
)]
pub(crate) async fn init(
    State(state): State<ServerState>,
    Extension(sandbox): Extension<Sandbox>,
    _: Anybody,
    body: Body,
) -> Result<Json<init::Answer>, TrueLensError> {
    let is_demo = body.flag("demo")?;
    let (now, id) = (state.service.now(), VerificationId::from_bytes(Uuid::new_v4().into_bytes()));
    sandbox.open(id, is_demo, now);
    Ok(Json(init::Answer {
        verification_id: uuid(id),
        created_at: time(now),
        expires_at: time(Service::badge_end(now)),
        is_demo,
    }))
}

/// Completes a session of the sandbox, once it has passed.
#[utoipa::path(
    post, path = "/api/sandbox/verify/complete", tag = "sandbox", operation_id = "sandbox_complete", security(()),
    request_body = complete::Request,
    responses(
        (status = 200, body = complete::Answer, description = "The badge, which does not verify"),
        (status = 400, body = ApiError, description = "`Missing verification_id`"),
        (status = 404, body = ApiError, description = "`Verification not found or already completed`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError, description = "Too many requests"),
    ),
)]
pub(crate) async fn complete(
    State(state): State<ServerState>,
    Extension(sandbox): Extension<Sandbox>,
    _: Anybody,
    body: Body,
) -> Result<Json<complete::Answer>, TrueLensError> {
    let id = id(complete::verification_id(&body)?).ok_or_else(TrueLensError::not_found)?;
    let (opened_at, session) = sandbox.find(id).ok_or_else(TrueLensError::not_found)?;
    let has_passed = session.status(opened_at, state.service.now()) == Status::Completed;
    if !has_passed || !sandbox.complete(id, opened_at) {
        return Err(TrueLensError::not_found());
    }
    Ok(Json(complete::Answer {
        success: true,
        verification_id: uuid(id),
        expires_at: time(Service::badge_end(opened_at.plus(PASSES_AFTER))),
        is_demo: session.is_demo,
        badge_url: state.url(&format!("/badge/{}", uuid(id))),
    }))
}

/// How far a session of the sandbox is.
#[utoipa::path(
    get, path = "/api/sandbox/verify/status/{session_id}", tag = "sandbox", operation_id = "sandbox_status",
    security(()),
    params(("session_id" = String, Path, description = "The `verification_id`")),
    responses(
        (status = 200, body = status::Answer, description = "How far it is"),
        (status = 404, body = ApiError, description = "`Verification not found or already completed`"),
        (status = 429, body = ApiError, description = "Too many requests"),
    ),
)]
pub(crate) async fn status(
    State(state): State<ServerState>,
    Extension(sandbox): Extension<Sandbox>,
    _: Anybody,
    PathId(id): PathId,
) -> Result<Json<status::Answer>, TrueLensError> {
    let id = id.ok_or_else(TrueLensError::not_found)?;
    let (opened_at, session) = sandbox.find(id).ok_or_else(TrueLensError::not_found)?;
    let status = session.status(opened_at, state.service.now());
    let is_completed = status == Status::Completed;
    Ok(Json(status::Answer {
        verification_id: uuid(id),
        status,
        created_at: time(opened_at),
        expires_at: is_completed.then(|| time(Service::badge_end(opened_at.plus(PASSES_AFTER)))),
        badge_url: is_completed.then(|| state.url(&format!("/badge/{}", uuid(id)))),
    }))
}
