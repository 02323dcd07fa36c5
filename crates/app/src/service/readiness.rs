//! Can this server do its work right now?

use media::Frame;

use super::Service;
use crate::ServiceError;

/// Why the server cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Nothing can be written.
    #[error("the store cannot be written")]
    Store(#[source] ServiceError),
    /// No photo can be judged.
    #[error("the models do not run")]
    Models(#[source] ServiceError),
}

impl Service {
    /// Writes a row and runs a model, for real. Uncached, and not free: some milliseconds of work.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn ready(&self) -> Result<(), NotReady> {
        let written = self.store().check_write(self.now()).await;
        written.map_err(|error| NotReady::Store(error.into()))?;
        let ran = self.inner.faces.run(|app| blank().map(|frame| app.look(&frame, false)).transpose()).await;
        match ran {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(NotReady::Models(error.into())),
            Err(error) => Err(NotReady::Models(error)),
        }
    }
}

/// A small picture of nobody.
fn blank() -> Option<Frame> {
    const SIDE: u32 = 64;
    Frame::from_rgb(SIDE, SIDE, vec![128; (SIDE * SIDE * 3) as usize], 0)
}
