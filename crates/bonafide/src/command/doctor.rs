//! `bonafide doctor`: what this machine can do, and how well it is protected while it does.

use std::fmt::Write as _;
use std::process::ExitCode;

use assets::{Group, State};
use media::video::{Decoder, Landlock, Sandbox, VideoLimits};
use serde::Serialize;

use crate::Options;
use crate::output::{Failure, print_json, print_text};

/// Say what works on this machine, and which protections hold around the decoder of videos
///
/// Exit code 0: photos and videos are judged, and everything around the decoder holds. 1: something is missing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Two frames of a test picture.
const SAMPLE: &[u8] = include_bytes!("doctor.webm");

#[derive(Serialize)]
struct Report {
    groups: Vec<GroupReport>,
    video: VideoReport,
}

#[derive(Serialize)]
struct GroupReport {
    group: Group,
    ready: bool,
    /// What to do where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

#[derive(Serialize)]
struct VideoReport {
    ready: bool,
    /// Whether memory, CPU time, open files and written bytes of the decoder are bounded: always, where it runs.
    bounds: bool,
    /// `full`, `partial` or `off`: whether it is kept from files, network and signals.
    #[serde(skip_serializing_if = "Option::is_none")]
    landlock: Option<&'static str>,
    /// Whether it may do nothing but listed system calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    seccomp: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl VideoReport {
    fn of(tried: Result<Sandbox, String>) -> Self {
        let (landlock, seccomp, problem) = match tried {
            Ok(Sandbox { landlock, seccomp }) => {
                let word = match landlock {
                    Landlock::Full => "full",
                    Landlock::Partial => "partial",
                    Landlock::Off => "off",
                };
                (Some(word), Some(seccomp), None)
            }
            Err(problem) => (None, None, Some(problem)),
        };
        Self { ready: problem.is_none(), bounds: problem.is_none(), landlock, seccomp, problem }
    }

    fn holds(&self) -> bool {
        self.ready && self.landlock == Some("full") && self.seccomp == Some(true)
    }
}

pub(crate) fn run(_: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let store = options.store()?;
    let entries = store.list();
    // Photos for tests are nobody's need.
    let groups = Group::ALL.into_iter().filter(|group| *group != Group::Test).map(|group| {
        let mut of_group = entries.iter().filter(|entry| entry.groups.contains(&group));
        let ready = of_group.all(|entry| entry.state == State::Present);
        let advice = (!ready).then(|| format!("fetch it with `bonafide assets pull --group {group}`"));
        GroupReport { group, ready, advice }
    });
    let tried = store.path("ffmpeg").map_err(|error| error.to_string()).and_then(|ffmpeg| {
        let decoder = Decoder { ffmpeg, launcher: "/proc/self/exe".into(), limits: VideoLimits::default() };
        let frames = decoder.decode(SAMPLE).map_err(|error| error.to_string())?;
        let sandbox = frames.about().sandbox;
        frames.collect::<Result<Vec<_>, _>>().map(|_| sandbox).map_err(|error| error.to_string())
    });
    let report = Report { groups: groups.collect(), video: VideoReport::of(tried) };
    if options.json {
        print_json(&report)?;
    } else {
        print_text(&text(&report))?;
    }
    let photos = report.groups.iter().all(|group| group.ready || group.group != Group::Face);
    Ok(ExitCode::from(u8::from(!(photos && report.video.holds()))))
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for group in &report.groups {
        let state = group.advice.as_deref().unwrap_or("ready");
        let _ = writeln!(text, "models of the group {:9} {state}", group.group);
    }
    let video = &report.video;
    match (&video.problem, video.landlock, video.seccomp) {
        (None, Some(landlock), Some(seccomp)) => {
            let seccomp = if seccomp { "on" } else { "off" };
            let _ = writeln!(
                text,
                "decoder of videos: works; memory, CPU time, open and written files are bounded\n  Landlock (files, \
                 network, signals): {landlock}\n  seccomp (system calls): {seccomp}"
            );
            if !video.holds() {
                text.push_str(
                    "  a newer kernel (Linux 6.12, with Landlock and seccomp on) closes the rest: see SECURITY.md\n",
                );
            }
        }
        (problem, _, _) => {
            let problem = problem.as_deref().unwrap_or_default();
            let _ =
                writeln!(text, "decoder of videos: none, videos are refused and all else works\n  {problem}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_hold_is_told() {
        let sandbox = Sandbox { landlock: Landlock::Full, seccomp: true };
        assert!(VideoReport::of(Ok(sandbox)).holds());
        assert!(!VideoReport::of(Ok(Sandbox { seccomp: false, ..sandbox })).holds());
        assert!(!VideoReport::of(Ok(Sandbox { landlock: Landlock::Partial, ..sandbox })).holds());
        let report = Report { groups: vec![], video: VideoReport::of(Err("fetch it".to_owned())) };
        assert!(!report.video.holds() && text(&report).contains("fetch it"));
    }
}
