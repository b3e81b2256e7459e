//! Rows about locks: mutex, semaphore, readers and writers.

use std::sync::Arc;

use tokio::sync::{Mutex, RwLock, Semaphore};

use crate::laps::Laps;
use crate::support::{in_task, join_all, keep};
use crate::Row;

const OPERATIONS: usize = 100_000; // of all tasks together

pub const ROWS: &[Row] = &[
    ("mutex_uncontended", |run| in_task(run, OPERATIONS, mutex_uncontended)),
    ("mutex_4", |run| in_task(run, OPERATIONS, |laps| mutex_shared(laps, 4))),
    ("mutex_100", |run| in_task(run, OPERATIONS, |laps| mutex_shared(laps, 100))),
    ("semaphore_uncontended", |run| in_task(run, OPERATIONS, semaphore)),
    ("rwlock_read", |run| in_task(run, OPERATIONS, read_lock)),
    ("rwlock_write", |run| in_task(run, OPERATIONS, write_lock)),
];

async fn lock_often(mutex: &Mutex<u64>, count: usize) {
    for _ in 0..count {
        *mutex.lock().await += 1;
    }
}

async fn mutex_uncontended(mut laps: Laps) -> Laps {
    let mutex = Mutex::new(0);
    while laps.next() {
        lock_often(&mutex, OPERATIONS).await;
    }
    laps
}

async fn mutex_shared(mut laps: Laps, tasks: usize) -> Laps {
    let mutex = Arc::new(Mutex::new(0));
    while laps.next() {
        let work = |_| {
            let mutex = mutex.clone();
            tokio::spawn(async move { lock_often(&mutex, OPERATIONS / tasks).await })
        };
        join_all((0..tasks).map(work).collect()).await;
    }
    laps
}

async fn semaphore(mut laps: Laps) -> Laps {
    let permits = Semaphore::new(1);
    while laps.next() {
        for _ in 0..OPERATIONS {
            let _permit = permits.acquire().await.unwrap();
        }
    }
    laps
}

async fn read_lock(mut laps: Laps) -> Laps {
    let lock = RwLock::new(1);
    let mut sum: u64 = 0;
    while laps.next() {
        for _ in 0..OPERATIONS {
            sum += *lock.read().await;
        }
    }
    keep(&sum);
    laps
}

async fn write_lock(mut laps: Laps) -> Laps {
    let lock = RwLock::new(0u64);
    while laps.next() {
        for _ in 0..OPERATIONS {
            *lock.write().await += 1;
        }
    }
    laps
}
