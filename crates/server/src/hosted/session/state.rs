//! `GET /verify/app/{token}/state`: how far it is, for the page.

use app::{HostedPlace, HostedSession};
use axum::Json;
use axum::extract::State;
use domain::{DocumentKind, SessionState};
use serde::Serialize;
use url::Url;

use super::Visitor;
use crate::ServerState;
use crate::api::mosaic;
use crate::hosted::state::Refusal;

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// `open`, `processing`, `done`, `failed` or `expired`.
    state: &'static str,
    /// Whether the person agreed.
    started: bool,
    /// Whether the session went on from this page to another one.
    elsewhere: bool,
    /// What has yet to come.
    missing: Vec<mosaic::ImageType>,
    /// Which picture is the next, from 1, and how many there are.
    step: usize,
    steps: usize,
    attempts_left: u8,
    return_url: Option<String>,
}

impl From<HostedSession> for Answer {
    fn from(hosted: HostedSession) -> Self {
        let session = &hosted.session;
        let state = match session.state {
            SessionState::Concluded(_) => "done",
            SessionState::Failed => "failed",
            SessionState::Expired => "expired",
            SessionState::Processing => "processing",
            _ if hosted.is_stuck => "failed",
            SessionState::Pending | SessionState::Capturing | SessionState::Recapture => "open",
        };
        let missing = session.missing();
        // All of a passport stands on its data page.
        let steps = if session.front == Some(DocumentKind::Passport) { 2 } else { 3 };
        Self {
            state,
            started: session.state != SessionState::Pending,
            elsewhere: hosted.place == HostedPlace::Left,
            step: steps + 1 - missing.len().min(steps),
            steps,
            missing: missing.into_iter().map(mosaic::ImageType::from).collect(),
            attempts_left: if state == "open" { hosted.attempts_left } else { 0 },
            return_url: return_url(&hosted),
        }
    }
}

pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
) -> Result<Json<Answer>, Refusal> {
    let hosted = state.service.hosted_session(&visitor.token, visitor.browser()).await?;
    Ok(Json(hosted.into()))
}

/// Where the person goes afterwards: the page of the tenant with `sessionId` and `state`. From the phone to which a session
/// was handed over nobody goes anywhere: the first page does.
pub(super) fn return_url(hosted: &HostedSession) -> Option<String> {
    if hosted.place == HostedPlace::Second {
        return None;
    }
    let asker = mosaic::Asker::of(hosted);
    with_session(&asker.callback_url?, &hosted.session.id.to_string(), asker.state.as_deref())
}

fn with_session(url: &str, id: &str, state: Option<&str>) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    let mut query = url.query_pairs_mut();
    query.append_pair("sessionId", id);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    drop(query);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_gets_the_session_and_the_state() {
        let with = |url, state| with_session(url, "ID", state).unwrap();
        assert_eq!(with("https://shop.example/done", None), "https://shop.example/done?sessionId=ID");
        assert_eq!(
            with("https://shop.example/?a=b#c", Some("x y&z")),
            "https://shop.example/?a=b&sessionId=ID&state=x+y%26z#c"
        );
        assert_eq!(with("myapp://done", Some("s")), "myapp://done?sessionId=ID&state=s");
    }
}
