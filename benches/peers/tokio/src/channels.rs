//! Rows about channels: oneshot, mpsc, watch, broadcast.

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::laps::Laps;
use crate::support::{in_task, join_all, keep, Countdown};
use crate::Row;

const OPERATIONS: usize = 100_000;
const VALUES: usize = 100_000; // of all producers together
const CAPACITY: usize = 1024;
const RECEIVERS: usize = 8;
const BATCH: usize = 100;
const BATCHES: usize = 50;

pub const ROWS: &[Row] = &[
    ("oneshot_same_task", |run| in_task(run, OPERATIONS, oneshot_same_task)),
    ("mpsc_bounded_1p1c", |run| in_task(run, VALUES, |laps| bounded(laps, 1))),
    ("mpsc_bounded_4p1c", |run| in_task(run, VALUES, |laps| bounded(laps, 4))),
    ("mpsc_unbounded_1p1c", |run| in_task(run, VALUES, |laps| unbounded(laps, 1))),
    ("mpsc_unbounded_4p1c", |run| in_task(run, VALUES, |laps| unbounded(laps, 4))),
    ("mpsc_create_drop", |run| in_task(run, OPERATIONS, create_and_drop)),
    ("watch_send", |run| in_task(run, OPERATIONS, watch_send)),
    ("watch_borrow", |run| in_task(run, OPERATIONS, watch_borrow)),
    ("broadcast_1_8", |run| in_task(run, BATCH * BATCHES, broadcast_batches)),
];

async fn oneshot_same_task(mut laps: Laps) -> Laps {
    while laps.next() {
        for i in 0..OPERATIONS {
            let (sender, receiver) = oneshot::channel();
            sender.send(i).unwrap();
            receiver.await.unwrap();
        }
    }
    laps
}

async fn bounded(mut laps: Laps, producers: usize) -> Laps {
    while laps.next() {
        let (sender, mut receiver) = mpsc::channel(CAPACITY);
        for _ in 0..producers {
            let sender = sender.clone();
            tokio::spawn(async move {
                for i in 0..VALUES / producers {
                    sender.send(i as i32).await.unwrap();
                }
            });
        }
        drop(sender);
        let mut sum = 0;
        while let Some(value) = receiver.recv().await {
            sum += i64::from(value);
        }
        keep::<i64>(&sum);
    }
    laps
}

async fn unbounded(mut laps: Laps, producers: usize) -> Laps {
    while laps.next() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for _ in 0..producers {
            let sender = sender.clone();
            tokio::spawn(async move {
                for i in 0..VALUES / producers {
                    sender.send(i as i32).unwrap();
                }
            });
        }
        drop(sender);
        let mut sum = 0;
        while let Some(value) = receiver.recv().await {
            sum += i64::from(value);
        }
        keep::<i64>(&sum);
    }
    laps
}

async fn create_and_drop(mut laps: Laps) -> Laps {
    while laps.next() {
        for _ in 0..OPERATIONS {
            keep(&mpsc::channel::<i32>(CAPACITY));
        }
    }
    laps
}

async fn watch_send(mut laps: Laps) -> Laps {
    let (sender, _receiver) = watch::channel(0);
    while laps.next() {
        for i in 0..OPERATIONS {
            sender.send(i as i32).unwrap();
        }
    }
    laps
}

async fn watch_borrow(mut laps: Laps) -> Laps {
    let (_sender, receiver) = watch::channel(1);
    let mut sum = 0;
    while laps.next() {
        for _ in 0..OPERATIONS {
            sum += *receiver.borrow();
        }
    }
    keep::<i64>(&sum);
    laps
}

async fn broadcast_batches(mut laps: Laps) -> Laps {
    let countdown = Countdown::default();
    let (sender, _) = broadcast::channel(CAPACITY);
    let listen = |_| {
        let mut receiver = sender.subscribe();
        let countdown = countdown.clone();
        tokio::spawn(async move {
            while let Ok(value) = receiver.recv().await {
                if value == BATCH as i32 - 1 {
                    countdown.arrive();
                }
            }
        })
    };
    let listeners: Vec<_> = (0..RECEIVERS).map(listen).collect();
    while laps.next() {
        for _ in 0..BATCHES {
            countdown.reset(RECEIVERS);
            for i in 0..BATCH {
                sender.send(i as i32).unwrap();
            }
            countdown.wait().await;
        }
    }
    drop(sender);
    join_all(listeners).await;
    laps
}
