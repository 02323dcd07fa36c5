//! One run of the decoder: a locked-in process, and what it writes.

use std::fs::File;
use std::io::{self, Seek as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::error::VideoError;
use super::launch;
use super::limits::Allowance;
use super::sandbox::Sandbox;
use super::talk::Talk;
use crate::Damage;

/// Most bytes of one reading: what a pipe holds.
const PIECE: usize = 1 << 16;

/// Exit code of ffmpeg for "there is no such option, protocol, format or decoder": the last byte of its error number.
const UNSUITABLE: i32 = 8;

/// Exit code of ffmpeg for `ENOMEM`.
const NO_MEMORY: i32 = 256 - libc::ENOMEM;

/// Exit code of the loader for a program whose libraries are missing.
const UNLOADABLE: i32 = 127;

/// A running decoder. Dropping it kills it and waits for its end.
#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    pub(super) talk: Talk,
    /// How long it may still be waited for.
    left: Duration,
    program: PathBuf,
    piece: Vec<u8>,
}

/// Which programs, and what they may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) launcher: &'a Path,
    pub(super) program: &'a Path,
    pub(super) allowance: Allowance,
}

impl Child {
    /// Starts `program` with `arguments` by way of the launcher, `input` from its beginning on its standard input.
    pub(super) fn start(start: &Start<'_>, arguments: &[String], input: &File) -> Result<Self, VideoError> {
        let Start { launcher, program, allowance } = start;
        // The child's working folder is another one.
        let [launcher, program] =
            [launcher, program].map(|path| std::path::absolute(path).map_err(VideoError::sandbox));
        let (launcher, program) = (launcher?, program?);
        let mut stdin = input.try_clone().map_err(VideoError::sandbox)?;
        stdin.rewind().map_err(VideoError::sandbox)?;
        // It is removed as soon as the child is in it: in a folder that is gone nothing can be made.
        let folder = tempfile::tempdir().map_err(VideoError::sandbox)?;
        let mut process = Command::new(launcher)
            .args(launch::arguments(allowance, program.as_os_str()))
            .args(arguments)
            .env_clear()
            .current_dir(folder.path())
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(VideoError::sandbox)?;
        let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
        Ok(Self {
            process,
            stdout,
            stderr,
            talk: Talk::default(),
            left: allowance.wait,
            program,
            piece: vec![0; PIECE],
        })
    }

    /// Waits until there is something to read, and takes it in: at most `most` bytes of the output go to the end of
    /// `output`. `false` if nothing more will come of the output, or, with a `most` of 0, of the talk.
    ///
    /// # Errors
    /// [`VideoError::TimedOut`] once the allowance of waiting is used up.
    pub(super) fn read(&mut self, output: &mut Vec<u8>, most: usize) -> Result<bool, VideoError> {
        loop {
            let stdout = self.stdout.as_ref().filter(|_| most > 0);
            if stdout.is_none() && (most > 0 || self.stderr.is_none()) {
                return Ok(false);
            }
            let mut waiting = Vec::with_capacity(2);
            waiting.extend(stdout.map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)));
            waiting.extend(self.stderr.as_ref().map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)));
            // Rounded up, so that a rest of less than a millisecond is no busy loop.
            let timeout = PollTimeout::try_from(self.left.saturating_add(Duration::from_micros(999)))
                .unwrap_or(PollTimeout::MAX);
            let begun = Instant::now();
            let polled = poll(&mut waiting, timeout);
            self.left = self.left.saturating_sub(begun.elapsed());
            match polled {
                Ok(0) if self.left.is_zero() => return Err(VideoError::TimedOut),
                Ok(0) | Err(Errno::EINTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(VideoError::sandbox(error)),
            }
            let mut ready = waiting.iter().map(|fd| fd.any().unwrap_or(true));
            let output_ready = self.stdout.is_some() && most > 0 && ready.next().unwrap_or(false);
            let talk_ready = ready.next().unwrap_or(false);
            drop(waiting);
            if talk_ready {
                let count = take(&mut self.stderr, &mut self.piece)?;
                self.talk.hear(&self.piece[..count]);
            }
            if output_ready {
                let count = take(&mut self.stdout, &mut self.piece[..most.min(PIECE)])?;
                output.extend_from_slice(&self.piece[..count]);
                if count > 0 {
                    return Ok(true);
                }
            } else if talk_ready {
                return Ok(true);
            }
        }
    }

    /// Waits for the end of a child whose output ended, and tells how it went: `Ok` if it read the file to its end,
    /// or as far as it was asked to.
    pub(super) fn end(&mut self) -> Result<Sandbox, VideoError> {
        self.stdout = None;
        while self.read(&mut Vec::new(), 0)? {}
        let status = self.wait()?;
        verdict(status, &self.talk, &self.program)
    }

    /// The exit status. A child that closed its outputs has nothing left to do.
    fn wait(&mut self) -> Result<ExitStatus, VideoError> {
        const NAP: Duration = Duration::from_millis(1);
        loop {
            if let Some(status) = self.process.try_wait().map_err(VideoError::sandbox)? {
                return Ok(status);
            }
            if self.left.is_zero() {
                return Err(VideoError::TimedOut);
            }
            std::thread::sleep(NAP);
            self.left = self.left.saturating_sub(NAP);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself. Either way it is waited for, so that none is left as a zombie.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads from `pipe` what it has, and forgets it at its end.
fn take<R: io::Read>(pipe: &mut Option<R>, piece: &mut [u8]) -> Result<usize, VideoError> {
    let Some(reader) = pipe else { return Ok(0) };
    let count = reader.read(piece).map_err(VideoError::sandbox)?;
    if count == 0 {
        *pipe = None;
    }
    Ok(count)
}

/// What an exit means.
fn verdict(status: ExitStatus, talk: &Talk, program: &Path) -> Result<Sandbox, VideoError> {
    let said = || io::Error::other(talk.refused.clone().unwrap_or_else(|| talk.said.clone()));
    let missing = || VideoError::DecoderMissing { path: program.to_owned(), source: said() };
    let Some(sandbox) = talk.sandbox else {
        return Err(VideoError::sandbox(said()));
    };
    let damaged = |words: String| Err(Damage::Decoder(words).into());
    match (status.signal(), status.code()) {
        (Some(libc::SIGXCPU), _) => Err(VideoError::TimedOut),
        // Nobody here sent it: the kernel did, for want of memory.
        (Some(libc::SIGKILL), _) => Err(VideoError::OutOfMemory),
        (Some(signal), _) => damaged(format!("ended by signal {signal}")),
        (None, Some(0)) if talk.cut_off => damaged(talk.said.clone()),
        (None, Some(0)) => Ok(sandbox),
        (None, Some(NO_MEMORY)) => Err(VideoError::OutOfMemory),
        (None, Some(_)) if talk.no_memory => Err(VideoError::OutOfMemory),
        (None, Some(code)) if code == i32::from(launch::FAILED) && talk.refused.is_some() => Err(missing()),
        (None, Some(UNSUITABLE | UNLOADABLE)) => Err(missing()),
        (None, Some(_)) if talk.no_pictures => Err(VideoError::NoFrames),
        (None, _) => damaged(talk.said.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a child of this wait status that said `words` is judged.
    fn judged(status: i32, words: &str) -> Result<Sandbox, VideoError> {
        let mut talk = Talk::default();
        talk.hear(words.as_bytes());
        verdict(ExitStatus::from_raw(status), &talk, Path::new("/ffmpeg"))
    }

    fn code(status: i32, words: &str) -> &'static str {
        let words = format!("~bonafide sandbox full on\n{words}\n");
        judged(status, &words).map_or_else(|error| error.code(), |_| "ok")
    }

    #[test]
    fn each_end_has_its_word() {
        assert_eq!(code(0, ""), "ok");
        assert_eq!(code(0, "[in#0/matroska,webm @ 0x1] File ended prematurely"), "damaged");
        assert_eq!(code(libc::SIGXCPU, ""), "timed_out");
        assert_eq!(code(libc::SIGKILL, ""), "out_of_memory");
        assert_eq!(code(libc::SIGSEGV, ""), "damaged");
        assert_eq!(code(244 << 8, ""), "out_of_memory");
        assert_eq!(code(183 << 8, "Cannot allocate memory"), "out_of_memory");
        assert_eq!(code(183 << 8, "Invalid data found"), "damaged");
        assert_eq!(code(234 << 8, "Stream map '0:V:0' matches no streams."), "no_frames");
        assert_eq!(code(8 << 8, "Unrecognized option 'stats_enc_pre'."), "decoder_missing");
        assert_eq!(code(127 << 8, "libm.so.6: cannot open shared object file"), "decoder_missing");
        assert_eq!(code(125 << 8, "~bonafide refused program No such file"), "decoder_missing");
    }

    #[test]
    fn a_child_that_was_not_locked_in_did_not_decode() {
        for words in ["", "~bonafide refused limits EPERM\n", "~bonafide sandbox\n"] {
            assert_eq!(judged(0, words).unwrap_err().code(), "sandbox", "{words:?}");
        }
    }
}
