//! Runs a job over many photos on several threads, with the results in the order of the photos.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Told how many photos are done.
pub trait Progress: Sync {
    /// `done` of `total` photos are done.
    fn step(&self, done: usize, total: usize);
}

impl Progress for () {
    fn step(&self, _done: usize, _total: usize) {}
}

/// `job` on each of `items`, at most `threads` side by side; the first error ends the work.
pub(crate) fn map<T: Sync, R: Send, E: Send>(
    items: &[T],
    threads: usize,
    progress: &dyn Progress,
    job: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let (next, done, stop) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let results: Vec<Mutex<Option<Result<R, E>>>> = items.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = job(item);
                    if result.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    *results[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                    progress.step(done.fetch_add(1, Ordering::Relaxed) + 1, items.len());
                }
            });
        }
    });
    results
        .into_iter()
        .filter_map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items_on_any_number_of_threads() {
        let items: Vec<u32> = (0..100).collect();
        for threads in [0, 1, 3, 200] {
            let doubled = map(&items, threads, &(), |item| Ok::<_, ()>(item * 2)).unwrap();
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        assert_eq!(
            map(&[1, 2, 3], 2, &(), |item| if *item == 2 { Err("two") } else { Ok(*item) }),
            Err("two")
        );
        assert_eq!(map(&[] as &[u8], 2, &(), |item| Ok::<_, ()>(*item)), Ok(vec![]));
    }
}
