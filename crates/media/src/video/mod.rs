//! Untrusted video bytes in, [`Frame`](crate::Frame)s out, one by one, and the [`Samples`](crate::Samples) of the sound.
//!
//! [`Decoder`] is the only way in. The bytes are decoded by ffmpeg, a separate program: C code that reads
//! hostile files has no place beside the keys. It runs as a child with an empty environment and an empty working
//! folder, reads the recording from a sealed memory file on its standard input and writes pictures to its standard
//! output. Before ffmpeg starts, [`launch()`] takes everything else away from the child: bounds on memory, CPU time
//! and open files, and, where the kernel has them, Landlock and seccomp, so that it reads no file but its own
//! libraries, writes none, starts no process and opens no socket. [`Sandbox`] tells what was in force.
//!
//! A file is read twice. The first run looks at it without decoding: its codec, its size, how many frames are
//! stored. The second decodes the pictures. A run of its own decodes the sound, where somebody asks for it. The demuxer is forced to the container that the first bytes name, demuxers, decoders
//! and protocols are lists of what is needed, so that playlists, scripts and references to other files lead nowhere.
//!
//! The callers' thread blocks. No child outlives the value that reads from it.

mod arguments;
mod child;
mod decoder;
mod error;
mod launch;
mod limits;
mod ppm;
mod probe;
mod sandbox;
mod sniff;
mod talk;

pub use decoder::{Decoder, Frames};
pub use error::VideoError;
pub use launch::{LAUNCH, launch};
pub use limits::VideoLimits;
pub use probe::About;
pub use sandbox::{Landlock, Sandbox};
pub use sniff::{Container, sniff, sniff_sound};
