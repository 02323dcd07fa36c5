//! Room for scans that go on at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::PageError;
use domain::VerificationId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::state::Refusal;

/// Connections of one verification at a time: a page that connects again may come before its lost connection is seen to
/// be gone. More would take the room of others.
const OF_EACH: usize = 2;

/// How many scans may go on, and whose do.
pub(crate) struct Room {
    places: Arc<Semaphore>,
    taken: Mutex<HashMap<VerificationId, usize>>,
}

/// A scan's place, given back when it is dropped.
pub(super) struct RoomPlace {
    room: Arc<Room>,
    id: VerificationId,
    _permit: OwnedSemaphorePermit,
}

impl Room {
    pub(crate) fn new(scans: usize) -> Arc<Self> {
        Arc::new(Self { places: Arc::new(Semaphore::new(scans)), taken: Mutex::default() })
    }

    /// A place for a scan of `id`.
    ///
    /// # Errors
    /// `busy` where its own have theirs, `full` where those of others do.
    pub(super) fn enter(self: &Arc<Self>, id: VerificationId) -> Result<RoomPlace, Refusal> {
        let mut taken = self.taken();
        let own = taken.get(&id).copied().unwrap_or_default();
        if own >= OF_EACH {
            return Err(PageError::Busy.into());
        }
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Refusal::full())?;
        taken.insert(id, own + 1);
        Ok(RoomPlace { room: Arc::clone(self), id, _permit: permit })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<VerificationId, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RoomPlace {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        match taken.get_mut(&self.id) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.remove(&self.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_verification_cannot_take_the_room_of_all() {
        let room = Room::new(4);
        let id = |byte| VerificationId::from_bytes([byte; 16]);
        let code = |place: Result<RoomPlace, Refusal>| place.err().map(|refusal| refusal.code().to_owned());
        let first = room.enter(id(1)).ok();
        let again = room.enter(id(1)).ok();
        assert_eq!(code(room.enter(id(1))).as_deref(), Some("busy"));
        let others = [room.enter(id(2)).ok(), room.enter(id(3)).ok()];
        assert!(others.iter().all(Option::is_some));
        assert_eq!(code(room.enter(id(4))).as_deref(), Some("full"));
        drop(first);
        assert!(room.enter(id(1)).is_ok());
        drop((again, others));
        assert!(room.taken().is_empty());
    }
}
