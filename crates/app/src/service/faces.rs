//! The engine, and how much of it may run at the same time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task;

use super::ServiceOptions;
use crate::{App, ServiceError};

/// Photos that may lie decoded in memory for each one that is worked on: while one is judged, the next is read.
const FRAMES_FOR_EACH: usize = 2;

/// The engine behind two bounds: how many uploads are admitted, and how many photos are worked on.
#[derive(Debug)]
pub(crate) struct Faces {
    assets: Arc<assets::Store>,
    at_once: usize,
    app: OnceCell<Arc<App>>,
    admissions: Arc<Semaphore>,
    queue: usize,
    frames: Arc<Semaphore>,
    /// Threads of their own: what they hold of memory and caches is used again by the next photo.
    threads: ThreadPool,
}

/// There is no room for another upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server is busy: try again in a moment")]
pub struct Busy {
    /// After which time it is worth trying again.
    pub retry_after: Duration,
}

/// Room for one upload, given back when it is dropped.
#[derive(Debug)]
pub struct Admission {
    _permit: OwnedSemaphorePermit,
}

/// Room for one decoded photo.
#[derive(Debug)]
pub(crate) struct FrameRoom {
    _permit: OwnedSemaphorePermit,
}

impl Faces {
    /// # Errors
    /// [`ServiceError::Threads`] when the operating system gives no threads.
    pub(crate) fn new(assets: assets::Store, options: ServiceOptions) -> Result<Self, ServiceError> {
        let at_once = options.at_once.max(1);
        let queue = options.queue.max(1);
        let threads =
            ThreadPoolBuilder::new().num_threads(at_once).thread_name(|index| format!("photo-{index}"));
        Ok(Self {
            assets: Arc::new(assets),
            at_once,
            app: OnceCell::new(),
            admissions: Arc::new(Semaphore::new(queue)),
            queue,
            frames: Arc::new(Semaphore::new(at_once * FRAMES_FOR_EACH)),
            threads: threads.build().map_err(ServiceError::Threads)?,
        })
    }

    /// Room for an upload of the size of `rooms` ordinary ones, or all the room there is where that is less; decided before
    /// its body is read.
    pub(crate) fn admit(&self, rooms: u32) -> Result<Admission, Busy> {
        let rooms = rooms.min(u32::try_from(self.queue).unwrap_or(u32::MAX));
        match Arc::clone(&self.admissions).try_acquire_many_owned(rooms) {
            Ok(permit) => Ok(Admission { _permit: permit }),
            // A photo takes well under a second; the whole queue drains in a few.
            Err(_) => Err(Busy { retry_after: Duration::from_secs(1) }),
        }
    }

    /// Photos that are worked on at the same time.
    pub(crate) fn at_once(&self) -> usize {
        self.at_once
    }

    pub(crate) fn depth(&self) -> usize {
        self.queue - self.admissions.available_permits()
    }

    pub(crate) async fn frame_room(&self) -> Result<FrameRoom, ServiceError> {
        let permit = Arc::clone(&self.frames).acquire_owned().await.map_err(|_| ServiceError::Interrupted)?;
        Ok(FrameRoom { _permit: permit })
    }

    /// The engine, opened on first use.
    pub(crate) async fn app(&self) -> Result<Arc<App>, ServiceError> {
        let open = || async {
            let (assets, at_once) = (Arc::clone(&self.assets), self.at_once);
            let opened = task::spawn_blocking(move || {
                let app = App::open(&assets, at_once)?;
                app.warm_up()?;
                Ok::<_, crate::AppError>(app)
            });
            Ok::<_, ServiceError>(Arc::new(opened.await.map_err(|_| ServiceError::Interrupted)??))
        };
        self.app.get_or_try_init(open).await.cloned()
    }

    /// Runs `work` on one of the threads for photos, in the order of the calls. It runs to its end even if nobody waits
    /// any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App) -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let app = self.app().await?;
        self.compute(move || work(&app)).await
    }

    /// As [`Faces::run`], for work that needs no model.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (tell, told) = oneshot::channel();
        self.threads.spawn_fifo(move || {
            // A panic must cost one photo and not the process; nothing outlives it that could be half done.
            if let Ok(result) = catch_unwind(AssertUnwindSafe(work)) {
                // Whoever waited may have gone away.
                let _ = tell.send(result);
            }
        });
        told.await.map_err(|_| ServiceError::Interrupted)
    }
}
