//! A scan while it goes on: frames come in, steps go out, and at the end there is a judgement.
//!
//! It lives in the process that holds the page's connection. What it has seen is numbers; pictures are gone as soon as
//! they were looked at. Its record is kept at its begin, at every step and at its end, so that a process that dies
//! loses the rest of one go and nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use domain::{
    About, ArtifactId, Assessment, CaptureVerdict, Challenge, Decision, FrameHeader, Guidance, KeyId, Nonce,
    Path, PresencePolicy, Reveal, Role, Scan, ScanId, ScanProgress, ScanRefusal, ScanState, Seed,
    SelfieFault, SessionId, Slot, Step, Timestamp, Verification, VerificationCommand, VerificationId,
};
use engine::presence::{
    CameraClaims, Depth, Observation, Seen, StepTaken, Take, by_likeness, guide, has_moved, measure,
};
use media::{Format, Limits};
use serde_json::{Value, json};
use store::{Artifact, AuditEntry, Badge, Digest, ScanRow};

use super::super::limits::network;
use super::evidence::{self, Frames, KeptCapture};
use super::page::{Browser, PageError, device};
use super::{PresenceState, Service};
use crate::ServiceError;

/// Longest JPEG of a frame, in bytes.
pub const MAX_FRAME_BYTES: usize = 60_000;
/// Longer side of a frame, in px.
const MAX_SIDE: u32 = 640;
/// Pixels of a frame.
const MAX_PIXELS: u64 = 640 * 480;
/// Frames of the preview that are kept as what the person looked like before.
const BEFORE: Duration = Duration::from_millis(1_200);
/// From one close look at the preview to the next: the last one is still there when the challenge begins.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long a face has to be good before the challenge may start.
const GOOD_FOR: Duration = Duration::from_millis(500);
/// Of the frames of a step, each one more that is looked at closely with this chance in 256, to its end: whoever knew
/// which could show another face in the others. Of ten frames of somebody else one in 60 times none is seen.
const LOOKED_AT: u8 = 85;
/// Frames in a row without a face after which nobody is there.
const FACE_LOST: u32 = 30;
/// From this go of a verification on, one that tells nothing counts for the throttle, as does evidence against the person:
/// the first may be bad luck, but what never shows enough must not be tried without end.
const TELLING: u8 = 2;

/// Why a scan does not go on.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The page sent what no honest one sends, or is too slow.
    #[error(transparent)]
    Refused(#[from] ScanRefusal),
    /// The page does not go on.
    #[error(transparent)]
    Page(#[from] PageError),
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<store::StoreError> for LiveError {
    fn from(error: store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// Why a scan was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The page is gone.
    Gone,
    /// The page was refused.
    Refused(ScanRefusal),
    /// Something broke here: the go is used up, and does not count against the person for the throttle.
    Fault,
}

impl From<&LiveError> for Loss {
    fn from(error: &LiveError) -> Self {
        match error {
            LiveError::Refused(refusal) => Self::Refused(*refusal),
            LiveError::Page(PageError::Service(_)) | LiveError::Service(_) => Self::Fault,
            LiveError::Page(_) => Self::Gone,
        }
    }
}

/// What the server answers to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameAnswer {
    /// What the person can do to be seen better.
    pub say: Guidance,
    /// Whether the challenge may start.
    pub is_ready: bool,
    /// The step whose movement was seen for the first time in this frame.
    pub moved: Option<Nonce>,
}

/// How a scan ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanResult {
    /// Passed, another go, or none.
    pub state: ScanState,
    /// Codes of what did not pass.
    pub reasons: Vec<String>,
    /// Why no frame can be the selfie that one was to be.
    pub selfie: Option<SelfieFault>,
    /// Goes that are left.
    pub attempts_left: u8,
}

/// A scan that goes on.
#[derive(Debug)]
pub struct LiveScan {
    service: Service,
    verification: Verification,
    address: Option<IpAddr>,
    /// By what the browser is counted.
    device: Option<KeyId>,
    seed: Seed,
    scan: Scan,
    /// Once it has begun.
    row: Option<ScanRow>,
    camera: CameraClaims,
    opened_at: Timestamp,
    before: VecDeque<Seen>,
    steps: Vec<Vec<Seen>>,
    /// The last step of which a face was compared.
    compared: Option<usize>,
    /// Of each frame that shows a face, by its number.
    marks: BTreeMap<u32, Digest>,
    good_since: Option<Timestamp>,
    without_face: u32,
    limits: Limits,
    /// Where the pictures are kept: for how many days, and they themselves.
    evidence: Option<(u32, Frames)>,
    /// Where one of them is to be a session's selfie: the session, and those that were looked at closely.
    selfies: Option<(SessionId, Frames)>,
}

impl Service {
    /// Opens a scan of a verification for the browser that has its page: its preview, which costs no attempt.
    ///
    /// # Errors
    /// [`PageError`].
    pub async fn open_scan(
        &self,
        id: VerificationId,
        browser: Browser<'_>,
        path: Path,
        camera: CameraClaims,
    ) -> Result<LiveScan, PageError> {
        self.may_scan(id, browser).await?;
        let mut tx = self.store().read().await?;
        let found = self.own_page(&mut tx, id, browser).await?;
        let agreed_days = found.agreed_days();
        let device = found.capture.as_ref().map(|capture| device(&capture.browser));
        let now = self.now();
        let halves = [self.id()?, self.id()?];
        let mut seed = [0; 32];
        for (part, half) in seed.chunks_exact_mut(16).zip(halves) {
            part.copy_from_slice(&half);
        }
        let seed = Seed::from_bytes(seed);
        Ok(LiveScan {
            service: self.clone(),
            verification: found.verification,
            address: browser.address,
            device,
            seed,
            scan: Scan::new(Challenge::draw(path, seed), now),
            row: None,
            camera,
            opened_at: now,
            before: VecDeque::new(),
            steps: Vec::new(),
            compared: None,
            marks: BTreeMap::new(),
            good_since: None,
            without_face: 0,
            limits: Limits {
                max_bytes: MAX_FRAME_BYTES,
                max_pixels: MAX_PIXELS,
                max_side: MAX_SIDE,
                ..Limits::default()
            },
            evidence: (agreed_days > 0).then(|| (agreed_days, Frames::default())),
            selfies: found.terms.session.map(|session| (session, Frames::default())),
        })
    }

    /// Whether a scan may be opened now; how many goes are left.
    ///
    /// # Errors
    /// [`PageError`] where it may not.
    pub async fn may_scan(&self, id: VerificationId, browser: Browser<'_>) -> Result<u8, PageError> {
        let mut tx = self.store().read().await?;
        let found = self.own_page(&mut tx, id, browser).await?;
        let now = self.now();
        if found.is_open(now) && found.running(now).is_some() {
            return Err(PageError::Busy);
        }
        let attempts_left = found.attempts_left(now);
        if attempts_left == 0 {
            return Err(PageError::Over);
        }
        if found.capture.as_ref().is_none_or(|capture| capture.consent.is_none()) {
            return Err(PageError::NoConsent);
        }
        self.check_page(&mut tx, &found, browser.address).await?;
        Ok(attempts_left)
    }
}

impl LiveScan {
    /// Whether the challenge has begun.
    pub fn has_begun(&self) -> bool {
        self.scan.has_begun()
    }

    /// How many steps the challenge has.
    pub fn steps(&self) -> usize {
        self.scan.challenge().steps.len()
    }

    /// Takes a frame in and looks at it.
    ///
    /// # Errors
    /// [`ScanRefusal`] for what no honest page sends: the scan is over then.
    pub async fn frame(&mut self, header: FrameHeader, jpeg: Bytes) -> Result<FrameAnswer, LiveError> {
        let now = self.service.now();
        if now > self.verification.deadline.0 {
            return Err(ScanRefusal::TimeOver.into());
        }
        let slot = self.scan.admit(header, now)?;
        if jpeg.len() > MAX_FRAME_BYTES || media::sniff(&jpeg) != Some(Format::Jpeg) {
            return Err(ScanRefusal::BadFrame.into());
        }
        if slot == Slot::Before && self.has_begun() {
            // It was on its way. What a person looked like before is settled once the first step is known.
            return Ok(FrameAnswer { say: Guidance::Good, is_ready: false, moved: None });
        }
        let mark = self.service.store().digest(self.verification.tenant, &jpeg).await?;
        let received_ms = millis(now.since(self.opened_at));
        let is_needed = self.is_look_needed(slot, received_ms);
        let [chance, ..] = self.service.id()?;
        let depth = match slot {
            _ if is_needed => Depth::Close,
            Slot::Before => Depth::Glance,
            Slot::Step(_) if chance < LOOKED_AT => Depth::Close,
            Slot::Step(_) => Depth::Turned,
        };
        let limits = self.limits;
        let picture = jpeg.clone();
        if let Some((_, frames)) = &mut self.evidence {
            frames.keep(header.sequence, jpeg.clone());
        }
        let looked = self.service.inner.faces.run(move |app| {
            let frame = media::decode(&jpeg, &limits).map_err(|_| ScanRefusal::BadFrame)?;
            Ok::<_, ScanRefusal>(app.engine().observe(&frame, depth))
        });
        let observation = looked.await??.map_err(|error| ServiceError::App(error.into()))?;
        let answer = self.answer(&observation, slot, now)?;
        let mut digest = [0; 16];
        digest.copy_from_slice(&mark.as_bytes()[..16]);
        let seen = Seen {
            sequence: header.sequence,
            captured_us: header.captured_us,
            received_ms,
            digest,
            observation,
        };
        if let Some((_, frames)) = &mut self.selfies
            && is_needed
            && is_compared(&seen)
        {
            frames.keep(header.sequence, picture);
        }
        // Where nobody is seen cameras may well give the same picture twice: black.
        if seen.observation.front.is_some() {
            self.marks.insert(header.sequence, mark);
        }
        match slot {
            Slot::Before => {
                self.before.push_back(seen);
                while self.before.front().is_some_and(|first| is_past(first.received_ms, received_ms)) {
                    let Some(gone) = self.before.pop_front() else { break };
                    self.marks.remove(&gone.sequence);
                    if let Some((_, frames)) = &mut self.evidence {
                        frames.forget(gone.sequence);
                    }
                    if let Some((_, frames)) = &mut self.selfies {
                        frames.forget(gone.sequence);
                    }
                }
            }
            Slot::Step(index) => {
                if is_compared(&seen) {
                    self.compared = Some(index);
                }
                if let Some(step) = self.steps.get_mut(index) {
                    step.push(seen);
                }
            }
        }
        Ok(answer)
    }

    /// Whether a frame has to be looked at closely: those of a step until a face was compared, and of the preview one
    /// now and then, whose template stands for who was there.
    fn is_look_needed(&self, slot: Slot, received_ms: u64) -> bool {
        match slot {
            Slot::Before => {
                let last = self.before.iter().rev().find(|seen| is_close(seen));
                self.good_since.is_some() && is_look_due(last.map(|seen| seen.received_ms), received_ms)
            }
            Slot::Step(index) => self.compared != Some(index),
        }
    }

    fn answer(
        &mut self,
        observation: &Observation,
        slot: Slot,
        now: Timestamp,
    ) -> Result<FrameAnswer, ScanRefusal> {
        let say = guide(observation);
        if observation.front.is_some() {
            self.without_face = 0;
        } else {
            self.without_face += 1;
            if self.has_begun() && self.without_face > FACE_LOST {
                return Err(ScanRefusal::FaceLost);
            }
        }
        if say == Guidance::Good {
            self.good_since.get_or_insert(now);
        } else {
            self.good_since = None;
        }
        Ok(FrameAnswer { say, is_ready: self.is_ready(now), moved: self.movement(observation, slot, now) })
    }

    /// Whether the face has been good for long enough, and was looked at closely in that time: the person of the preview
    /// is always one of those who are compared.
    fn is_ready(&self, now: Timestamp) -> bool {
        self.good_since.is_some_and(|since| {
            let since_ms = millis(since.since(self.opened_at));
            let mut in_that_time = self.before.iter().filter(|seen| seen.received_ms >= since_ms);
            now.since(since) >= GOOD_FOR && in_that_time.any(is_compared)
        })
    }

    /// The step that is on, where its movement is seen for the first time.
    fn movement(&mut self, observation: &Observation, slot: Slot, now: Timestamp) -> Option<Nonce> {
        let index = self.scan.current().filter(|index| slot == Slot::Step(*index))?;
        let Step::Move { movement, .. } = *self.scan.challenge().steps.get(index)? else { return None };
        let before = self.before.iter().rev().find(|seen| guide(&seen.observation) == Guidance::Good)?;
        if has_moved(movement, &before.observation, observation) && self.scan.moved(now) {
            self.scan.nonce(index)
        } else {
            None
        }
    }

    /// Starts the challenge: from here on it counts as a go.
    ///
    /// # Errors
    /// [`ScanRefusal::BadMessage`] where it has begun before or the face is not good at this moment, [`PageError`] where
    /// no go is left.
    pub async fn begin(&mut self) -> Result<Reveal, LiveError> {
        let now = self.service.now();
        if self.has_begun() || !self.is_ready(now) {
            return Err(ScanRefusal::BadMessage.into());
        }
        let mut tx = self.service.store().begin().await?;
        let id = self.verification.id;
        let current = tx.verification(self.verification.tenant, id).await?;
        if current.is_none_or(|current| PresenceState::of(&current, now) != PresenceState::Open) {
            return Err(PageError::Over.into());
        }
        let scans = tx.scans(id).await?;
        for scan in scans.iter().filter(|scan| scan.state == ScanState::Running) {
            if now <= scan.started_at.plus(super::page::LONGEST_SCAN) {
                return Err(PageError::Busy.into());
            }
            tx.lose_scan(scan.id, now).await?;
        }
        let number = u8::try_from(scans.len()).unwrap_or(u8::MAX).saturating_add(1);
        if number > super::ATTEMPTS {
            return Err(PageError::Over.into());
        }
        // Again: many previews may have been opened while there was room for one more refusal.
        let network = self.address.map(network);
        let whose = (self.verification.tenant, self.verification.subject);
        let checked = self.service.check_attempts(&mut tx, whose, self.device, network.as_deref(), Some(id));
        checked.await.map_err(PageError::from)?;
        let row = ScanRow {
            id: ScanId::from_bytes(self.service.id()?),
            number,
            state: ScanState::Running,
            started_at: now,
        };
        if !tx.insert_scan(&self.verification, &row, &self.record(None, None)).await? {
            return Err(PageError::Busy.into());
        }
        tx.commit().await?;
        self.row = Some(row);
        let reveal = self.scan.begin(self.service.now(), self.nonce()?)?;
        self.steps.push(Vec::new());
        Ok(reveal)
    }

    /// The page has painted a step.
    ///
    /// # Errors
    /// [`ScanRefusal`] for a step that is not on.
    pub fn painted(&mut self, nonce: Nonce) -> Result<(), ScanRefusal> {
        self.scan.painted(nonce, self.service.now())
    }

    /// Moves on where it is time to. To be called every 50 ms or so.
    ///
    /// # Errors
    /// [`ScanRefusal`] where the page is too slow or the time is over.
    pub async fn tick(&mut self) -> Result<ScanProgress, LiveError> {
        let now = self.service.now();
        if now > self.verification.deadline.0 {
            return Err(ScanRefusal::TimeOver.into());
        }
        let progress = self.scan.advance(now, self.nonce()?)?;
        if matches!(progress, ScanProgress::Reveal(_)) {
            self.steps.push(Vec::new());
            self.save(ScanState::Running, &self.record(None, None)).await?;
        }
        Ok(progress)
    }

    fn nonce(&self) -> Result<Nonce, ServiceError> {
        Ok(Nonce::from_bytes(self.service.id()?))
    }

    async fn save(&self, state: ScanState, record: &Value) -> Result<(), ServiceError> {
        let Some(row) = &self.row else { return Ok(()) };
        let mut tx = self.service.store().begin().await?;
        tx.save_scan(&self.verification, row.id, state, record, self.service.now()).await?;
        Ok(tx.commit().await?)
    }

    /// It broke off: a go that had begun is used up, a preview is not. Its frames are known from then on, as those of
    /// a go that was judged. Where two people were seen it was the last one, as it would have been: breaking off undoes
    /// nothing. The first that breaks off may be the network's doing; from the second on it counts for the throttle.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lose(self, loss: Loss) -> Result<u8, ServiceError> {
        let record = self.record(None, Some(loss));
        let Some(row) = &self.row else {
            let scans = self.service.store().read().await?.scans(self.verification.id).await?;
            return Ok(super::ATTEMPTS.saturating_sub(u8::try_from(scans.len()).unwrap_or(u8::MAX)));
        };
        let mut tx = self.service.store().begin().await?;
        let now = self.service.now();
        tx.save_scan(&self.verification, row.id, ScanState::Lost, &record, now).await?;
        tx.mark_frames(self.verification.tenant, row.id, &self.marks(), now).await?;
        let left = if self.is_exchanged() { 0 } else { super::ATTEMPTS.saturating_sub(row.number) };
        if loss != Loss::Fault && (left == 0 || row.number >= TELLING) {
            tx.decline_attempt(self.verification.id, now).await?;
        }
        if left == 0 {
            self.conclude(&mut tx, &[]).await?;
        }
        tx.commit().await?;
        Ok(left)
    }

    /// Judges what was seen, and keeps the judgement, the new state and the badge in one transaction. A go that cannot
    /// be judged is lost, so that nobody waits for it.
    ///
    /// # Errors
    /// Those of the store and the engine.
    pub async fn judge(self) -> Result<ScanResult, LiveError> {
        let error = match self.judged().await {
            Ok(result) => return Ok(result),
            Err(error) => error,
        };
        self.lose(Loss::from(&error)).await?;
        Err(error)
    }

    async fn judged(&self) -> Result<ScanResult, LiveError> {
        let row = self.row.ok_or(ScanRefusal::BadMessage)?;
        // Before the write lock: it takes a while.
        let selfie = match &self.selfies {
            Some((session, frames)) => {
                let jpegs = self.selfie_frames(frames);
                self.service.choose_selfie(self.verification.tenant, *session, jpegs).await?
            }
            None => None,
        };
        let mut tx = self.service.store().begin().await?;
        let now = self.service.now();
        let tenant = self.verification.tenant;
        let recycled = tx.mark_frames(tenant, row.id, &self.marks(), now).await?;
        let take = self.take(usize::try_from(recycled).unwrap_or(usize::MAX));
        // Numbers only, and few of them: no work for the threads of the pictures.
        let evidence = measure(&take);
        let assessment = PresencePolicy::STANDARD.assess(&evidence);
        let left = super::ATTEMPTS.saturating_sub(row.number);
        let fault = selfie.as_ref().and_then(|selfie| selfie.fault);
        let state = match assessment.decision {
            // Who was there cannot be told from it: better once more.
            Some(Decision::Allow) if fault.is_some() && left > 0 => ScanState::Retry,
            Some(Decision::Allow) => ScanState::Passed,
            _ if left > 0 && assessment.retry_helps => ScanState::Retry,
            _ => ScanState::Failed,
        };
        let judged = json!({"evidence": evidence, "assessment": assessment});
        let record = self.record(Some(&judged), None);
        if !tx.save_scan(&self.verification, row.id, state, &record, now).await? {
            return Err(PageError::Over.into());
        }
        let counts = state == ScanState::Failed
            || row.number >= TELLING
            || Assessment::speaks_against(&assessment.checks);
        if state == ScanState::Passed {
            tx.forget_attempt(self.verification.id).await?;
        } else if counts {
            tx.decline_attempt(self.verification.id, now).await?;
        }
        let is_kept = match state {
            ScanState::Retry => {
                let current = tx.verification(tenant, self.verification.id).await?;
                current.is_some_and(|current| PresenceState::of(&current, now) == PresenceState::Open)
            }
            _ => self.conclude(&mut tx, &assessment.checks).await?,
        };
        if !is_kept {
            return Err(ScanRefusal::TimeOver.into());
        }
        if let Some((days, frames)) = &self.evidence {
            let kept = KeptCapture::new(&take, state, assessment.policy, frames);
            tx.insert_artifact(&self.keep(*days, &kept).await?).await?;
        }
        let mut due = None;
        if let (Some((session, _)), true) = (&self.selfies, state != ScanState::Retry) {
            let selfie = selfie.as_ref().ok_or(PageError::Over)?;
            let verdict = CaptureVerdict {
                policy: assessment.policy.to_owned(),
                decision: assessment.decision,
                reasons: assessment.reasons.clone(),
            };
            let whose = (tenant, *session);
            let taken = self.service.take_live_selfie(&mut tx, whose, selfie, verdict, &self.camera.label);
            due = Some(taken.await?.ok_or(PageError::Over)?);
        }
        tx.commit().await?;
        if let Some(due) = due {
            self.service.ring_for(due);
        }
        let mut reasons: Vec<String> = assessment.reasons.iter().map(|reason| reason.code()).collect();
        reasons.dedup();
        let attempts_left = if state == ScanState::Retry { left } else { 0 };
        Ok(ScanResult { state, reasons, selfie: fault, attempts_left })
    }

    /// Whether what was seen so far shows two people, whatever else is missing in it.
    fn is_exchanged(&self) -> bool {
        let seen = measure(&self.take(0)).continuity;
        seen.is_some_and(|seen| PresencePolicy::STANDARD.is_exchanged(&seen))
    }

    fn marks(&self) -> Vec<Digest> {
        self.marks.values().copied().collect()
    }

    /// The frames that may be a session's selfie, best first: those of the preview, in the light of the room, then those
    /// of the movements, which may begin in a colour that fades, then those in a colour; of each kind that which is most
    /// like all that were compared.
    fn selfie_frames(&self, frames: &Frames) -> Vec<Bytes> {
        let take = self.take(0);
        let before: BTreeSet<u32> = take.before.iter().map(|seen| seen.sequence).collect();
        let in_colour = take.steps.iter().filter(|step| matches!(step.step, Step::Colour { .. }));
        let in_colour: BTreeSet<u32> =
            in_colour.flat_map(|step| &step.frames).map(|seen| seen.sequence).collect();
        let mut ranked = by_likeness(&take);
        ranked.sort_by_key(|sequence| (!before.contains(sequence), in_colour.contains(sequence)));
        ranked.into_iter().filter_map(|sequence| frames.get(sequence).cloned()).collect()
    }

    /// Encrypts what is kept to disk. Its row follows in the judgement's transaction; without one the sweep deletes it.
    async fn keep(&self, days: u32, kept: &KeptCapture) -> Result<Artifact, ServiceError> {
        let (service, now) = (&self.service, self.service.now());
        let file = kept.write().map_err(ServiceError::Evidence)?;
        let artifact = Artifact {
            id: ArtifactId::from_bytes(service.id()?),
            tenant: self.verification.tenant,
            subject: self.verification.subject,
            about: About::Verification(self.verification.id),
            role: Role::Selfie,
            format: evidence::FORMAT.to_owned(),
            bytes: file.len() as u64,
            digest: service.store().digest(self.verification.tenant, &file).await?,
            created_at: now,
            delete_after: Some(now.plus(Duration::from_hours(24) * days)),
        };
        service.store().put_blob(&artifact, file).await?;
        Ok(artifact)
    }

    /// Ends the verification by `checks`, with a badge where they allow one. `false` where it had ended before.
    async fn conclude(&self, tx: &mut store::Tx, checks: &[domain::Check]) -> Result<bool, ServiceError> {
        let (tenant, id, now) = (self.verification.tenant, self.verification.id, self.service.now());
        let Some(current) = tx.verification(tenant, id).await? else { return Ok(false) };
        let Ok((next, _)) = current.apply(VerificationCommand::Conclude(checks), now) else {
            return Ok(false);
        };
        tx.save_verification(&next).await?;
        // That of a session tells nobody but the session.
        if next.is_allowed() && self.selfies.is_none() {
            let terms = Service::terms(tx, &next).await?;
            tx.insert_badge(&Badge {
                verification: id,
                tenant,
                subject: Some(next.subject),
                is_demo: terms.is_demo,
                issued_at: now,
                expires_at: Service::badge_end(now),
                claimed_at: None,
                revoked_at: None,
            })
            .await?;
            tx.append_audit(&AuditEntry {
                tenant: Some(tenant),
                actor: "capture".to_owned(),
                action: "badge.issue".to_owned(),
                about: id.to_string(),
                at: now,
            })
            .await?;
        }
        Ok(true)
    }

    fn take(&self, recycled: usize) -> Take {
        let since = |at: Timestamp| millis(at.since(self.opened_at));
        let now = self.service.now();
        let steps = self.steps.iter().enumerate().filter_map(|(index, frames)| {
            let (revealed_at, painted_at, ended_at) = self.scan.times(index)?;
            Some(StepTaken {
                step: *self.scan.challenge().steps.get(index)?,
                revealed_ms: since(revealed_at),
                shown_ms: painted_at.map(since),
                ended_ms: since(ended_at.unwrap_or(now)),
                frames: frames.clone(),
            })
        });
        Take {
            before: self.before.iter().cloned().collect(),
            steps: steps.collect(),
            camera: self.camera.clone(),
            recycled,
        }
    }

    /// What is kept of it: what was drawn, what came, what was measured. No picture, no template.
    fn record(&self, judged: Option<&Value>, loss: Option<Loss>) -> Value {
        let frames: Vec<usize> = self.steps.iter().map(Vec::len).collect();
        let models: &BTreeMap<String, String> = &self.service.inner.models;
        json!({
            "version": 1,
            "seed": hex::encode(self.seed.as_bytes()),
            "challenge": self.scan.challenge(),
            "frames_before": self.before.len(),
            "frames": frames,
            "camera": {
                "label": self.camera.label, "automation": self.camera.automation, "width": self.camera.width,
                "height": self.camera.height, "frame_rate": self.camera.frame_rate,
            },
            "address_known": self.address.is_some(),
            "models": models,
            "judged": judged,
            "broken_off": match loss {
                None | Some(Loss::Gone) => None,
                Some(Loss::Refused(refusal)) => Some(refusal.to_string()),
                Some(Loss::Fault) => Some("technical".to_owned()),
            },
        })
    }
}

/// Whether a frame of the preview is too old to be kept.
fn is_past(received_ms: u64, now_ms: u64) -> bool {
    now_ms.saturating_sub(received_ms) > millis(BEFORE)
}

/// Whether the preview is to be looked at closely again.
fn is_look_due(last_ms: Option<u64>, now_ms: u64) -> bool {
    last_ms.is_none_or(|last_ms| now_ms.saturating_sub(last_ms) >= millis(LOOK_EVERY))
}

pub(super) fn is_close(seen: &Seen) -> bool {
    seen.observation.front.as_ref().is_some_and(|front| front.liveness.is_some())
}

/// Whether its face was compared, or will be.
fn is_compared(seen: &Seen) -> bool {
    seen.observation.front.as_ref().is_some_and(|front| front.comparable().is_some())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whenever_the_preview_ends_somebody_in_it_was_looked_at_closely() {
        for interval_ms in [33_u64, 66, 125, 250, 400, 1_100, 3_000] {
            let mut before: VecDeque<(u64, bool)> = VecDeque::new();
            for now_ms in (0..200).map(|frame| frame * interval_ms) {
                let last = before.iter().rev().find(|(_, close)| *close).map(|(ms, _)| *ms);
                before.push_back((now_ms, is_look_due(last, now_ms)));
                while before.front().is_some_and(|(ms, _)| is_past(*ms, now_ms)) {
                    before.pop_front();
                }
                assert!(before.iter().any(|(_, close)| *close), "every {interval_ms} ms, at {now_ms} ms");
            }
        }
    }

    #[test]
    fn only_what_broke_here_is_a_fault() {
        let fault = || ServiceError::BadgeKey;
        for (error, loss) in [
            (LiveError::Service(fault()), Loss::Fault),
            (LiveError::Page(PageError::Service(fault())), Loss::Fault),
            (LiveError::Page(PageError::Over), Loss::Gone),
            (LiveError::Refused(ScanRefusal::TimeOver), Loss::Refused(ScanRefusal::TimeOver)),
        ] {
            assert_eq!(Loss::from(&error), loss, "{error}");
        }
    }
}
