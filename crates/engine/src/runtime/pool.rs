//! Loaded copies of one model, lent to one caller at a time.

use std::sync::{Condvar, Mutex, PoisonError};

use super::{Network, RuntimeError, Tensor};

type Open = Box<dyn Fn() -> Result<Box<dyn Network>, RuntimeError> + Send + Sync>;

/// Opens a copy when none is idle, up to a limit; past it a caller waits for one to come back.
///
/// One copy of a face model holds 10 to 60 MB, so copies are opened on demand and kept.
pub struct Pool {
    open: Open,
    limit: usize,
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    idle: Vec<Box<dyn Network>>,
    opened: usize,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Pool {
    /// A pool of at most `limit` copies (at least one), each made by `open`. Nothing is loaded yet.
    pub fn new(
        limit: usize,
        open: impl Fn() -> Result<Box<dyn Network>, RuntimeError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            open: Box::new(open),
            limit: limit.max(1),
            state: Mutex::new(State { idle: Vec::new(), opened: 0 }),
            returned: Condvar::new(),
        }
    }

    /// Loads a copy, so that the first run does not wait for it.
    ///
    /// # Errors
    /// Those of opening a copy.
    pub fn load(&self) -> Result<(), RuntimeError> {
        self.with(|_| Ok(()))
    }

    /// Runs `input` on a copy.
    ///
    /// # Errors
    /// Those of opening a copy and of [`Network::run`].
    pub fn run(&self, input: Tensor) -> Result<Vec<Tensor>, RuntimeError> {
        self.with(|network| network.run(input))
    }

    /// Lends a copy to `work` for the time of the call.
    ///
    /// # Errors
    /// Those of opening a copy and of `work`.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&mut dyn Network) -> Result<T, RuntimeError>,
    ) -> Result<T, RuntimeError> {
        let mut loan = Loan { pool: self, network: None };
        let network = loan.network.insert(self.take()?);
        work(network.as_mut())
    }

    fn take(&self) -> Result<Box<dyn Network>, RuntimeError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(network) = state.idle.pop() {
                return Ok(network);
            }
            if state.opened < self.limit {
                state.opened += 1;
                break;
            }
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        (self.open)().inspect_err(|_| {
            self.state.lock().unwrap_or_else(PoisonError::into_inner).opened -= 1;
            self.returned.notify_one();
        })
    }
}

/// Brings the copy back even when the work panics.
struct Loan<'a> {
    pool: &'a Pool,
    network: Option<Box<dyn Network>>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Some(network) = self.network.take() {
            self.pool.state.lock().unwrap_or_else(PoisonError::into_inner).idle.push(network);
            self.pool.returned.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Doubler;
    impl Network for Doubler {
        fn outputs(&self) -> &[String] {
            &[]
        }
        fn run_all(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RuntimeError> {
            let double = |input: Tensor| {
                let (shape, data) = input.into_parts();
                Tensor::new(&shape, data.iter().map(|value| value * 2.0).collect()).unwrap()
            };
            Ok(inputs.into_iter().map(double).collect())
        }
    }

    fn counted_pool(limit: usize) -> (Arc<Pool>, Arc<AtomicUsize>) {
        let opened = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&opened);
        let pool = Pool::new(limit, move || {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Doubler) as Box<dyn Network>)
        });
        (Arc::new(pool), opened)
    }

    #[test]
    fn a_model_is_loaded_once_for_calls_in_turn() {
        let (pool, opened) = counted_pool(4);
        assert_eq!(opened.load(Ordering::SeqCst), 0);
        for _ in 0..3 {
            let answer = pool.run(Tensor::new(&[1], vec![4.0]).unwrap()).unwrap();
            assert_eq!(answer[0].data(), [8.0]);
        }
        assert_eq!(opened.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn many_callers_share_no_more_copies_than_the_limit() {
        let (pool, opened) = counted_pool(2);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| pool.run(Tensor::new(&[1], vec![1.0]).unwrap()).unwrap());
            }
        });
        assert!(opened.load(Ordering::SeqCst) <= 2);
    }

    #[test]
    fn a_copy_comes_back_after_a_panic() {
        let (pool, opened) = counted_pool(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = pool.with(|_| -> Result<(), _> { panic!("a defect in the caller") });
        }));
        assert!(panicked.is_err());
        assert!(pool.run(Tensor::new(&[1], vec![1.0]).unwrap()).is_ok());
        assert_eq!(opened.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_failed_opening_leaves_its_place_free() {
        let attempts = AtomicUsize::new(0);
        let pool = Pool::new(1, move || {
            if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                return Err(RuntimeError::Shape { model: "none" });
            }
            Ok(Box::new(Doubler) as Box<dyn Network>)
        });
        assert!(pool.run(Tensor::new(&[1], vec![1.0]).unwrap()).is_err());
        assert!(pool.run(Tensor::new(&[1], vec![1.0]).unwrap()).is_ok());
    }
}
