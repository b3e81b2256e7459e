//! What tokio's rows share: a runtime as a user gets it, and a countdown.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::laps::{Figure, Laps};
use crate::Run;

pub fn make_runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// Runs `body(laps)`, whose laps are of `operations` each, in a task of a new runtime.
pub fn in_task<F, Fut>(run: Run, operations: usize, body: F) -> Figure
where
    F: FnOnce(Laps) -> Fut,
    Fut: Future<Output = Laps> + Send + 'static,
{
    let runtime = make_runtime(run.workers);
    let mut laps = runtime.block_on(runtime.spawn(body(run.laps))).unwrap();
    laps.per_operation(operations)
}

pub async fn join_all(handles: Vec<JoinHandle<()>>) {
    for handle in handles {
        handle.await.unwrap();
    }
}

/// Has `value` computed, though nobody looks at it. (std::hint::black_box is younger than Debian's
/// rustc.)
pub fn keep<T>(value: &T) {
    // SAFETY: reads a live value; the copy is forgotten, so that nothing is dropped twice.
    std::mem::forget(unsafe { std::ptr::read_volatile(value) });
}

/// Lets one task wait, lap after lap, until others, which it does not join, have arrived.
#[derive(Clone, Default)]
pub struct Countdown(Arc<(AtomicUsize, Notify)>);

impl Countdown {
    pub fn reset(&self, count: usize) {
        self.0 .0.store(count, Ordering::Relaxed);
    }

    pub fn arrive(&self) {
        if self.0 .0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0 .1.notify_one();
        }
    }

    pub async fn wait(&self) {
        self.0 .1.notified().await;
    }
}
