//! How much work a recording may ask for.

use std::time::Duration;

/// Bounds on one recording. Each is checked, or given to the kernel, before the work it bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VideoLimits {
    /// Largest file, in bytes. Default 20 MB: 30 s of a phone's video at 5 Mbit/s.
    pub max_bytes: usize,
    /// Longest side that the file may declare, in pixels. Default 4,096: a phone's 4K recording passes.
    pub max_source_side: u32,
    /// Most frames that the file may hold. Default 3,600: two minutes of 30 a second.
    pub max_source_frames: u32,
    /// How much of the beginning is decoded; what comes later is left alone. Default 30 s.
    pub first: Duration,
    /// Frames a second that are handed out at most; of more, some are left out evenly. Default 15, as many as the
    /// hosted page sends.
    pub max_fps: f64,
    /// Frames that are handed out at most. Default 450: [`first`](Self::first) at [`max_fps`](Self::max_fps).
    pub max_frames: u32,
    /// Longest side of a frame that is handed out, in pixels; larger ones are scaled down. Default 1,920.
    pub max_side: u32,
    /// Address space of the decoding child, in bytes. Default 2 GB. The program and its libraries take 200 MB of it.
    pub max_memory: u64,
    /// CPU time of the decoding child, rounded up to seconds. Default 20 s.
    pub max_cpu: Duration,
    /// How long a caller waits for frames of one recording, all in all; time that the caller spends on them does not
    /// count. Default 20 s.
    pub max_wait: Duration,
}

impl Default for VideoLimits {
    fn default() -> Self {
        Self {
            max_bytes: 20_000_000,
            max_source_side: 4096,
            max_source_frames: 3600,
            first: Duration::from_secs(30),
            max_fps: 15.0,
            max_frames: 450,
            max_side: 1920,
            max_memory: 2_000_000_000,
            max_cpu: Duration::from_secs(20),
            max_wait: Duration::from_secs(20),
        }
    }
}

/// What one run of the child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Address space in bytes.
    pub(super) address_space: u64,
    /// Private writable memory in bytes.
    pub(super) data: u64,
    /// CPU time.
    pub(super) cpu: Duration,
    /// Time that is waited for it.
    pub(super) wait: Duration,
}

impl VideoLimits {
    /// For the first run, which looks at the file and decodes next to nothing: 2.5 s, and so within 3 s with the child's
    /// start and end. A bomb ends here.
    ///
    /// ffmpeg decodes a few frames to learn of a stream: 150 MB of data were enough for that with H.264 of 4096 x 2304
    /// px and 16 reference frames, 2026-11-21.
    pub(super) fn for_probing(&self) -> Allowance {
        Allowance {
            address_space: self.max_memory,
            data: self.max_memory.min(150_000_000),
            cpu: self.max_cpu.min(Duration::from_secs(3)),
            wait: self.max_wait.min(Duration::from_millis(2_500)),
        }
    }

    /// For the second run, which decodes.
    pub(super) fn for_decoding(&self) -> Allowance {
        Allowance {
            address_space: self.max_memory,
            data: self.max_memory,
            cpu: self.max_cpu,
            wait: self.max_wait,
        }
    }
}
