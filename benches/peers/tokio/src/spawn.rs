//! Rows about spawning: detached, joined, in a chain, from outside, beside busy workers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::laps::{Figure, Laps};
use crate::process::{peak_resident_bytes, stall};
use crate::support::{in_task, make_runtime, Countdown};
use crate::{Row, Run};

const MANY: usize = 1_000_000;
const JOINED: usize = 100_000;
const DEPTH: usize = 1000;
const CHAINS: usize = 20;

pub const ROWS: &[Row] = &[
    ("spawn_from_worker", |run| in_task(run, MANY, spawn_many)),
    ("spawn_from_outside", |run| spawn_from_here(&make_runtime(run.workers), run.laps, MANY)),
    ("spawn_join", |run| in_task(run, JOINED, spawn_and_join)),
    ("spawn_join_block_on", spawn_join_block_on),
    ("spawn_peak_rss", |run| {
        in_task(run, MANY, spawn_many);
        Figure::of(peak_resident_bytes())
    }),
    ("chained_spawn", |run| in_task(run, DEPTH * CHAINS, chain)),
    ("spawn_remote_busy1", remote_busy1),
    ("spawn_remote_busy2", remote_busy2),
];

async fn spawn_many(mut laps: Laps) -> Laps {
    let countdown = Countdown::default();
    while laps.next() {
        countdown.reset(MANY);
        for _ in 0..MANY {
            let countdown = countdown.clone();
            tokio::spawn(async move { countdown.arrive() });
        }
        countdown.wait().await;
    }
    laps
}

/// Spawns laps of `count` tasks from this thread.
fn spawn_from_here(runtime: &Runtime, mut laps: Laps, count: usize) -> Figure {
    let countdown = Countdown::default();
    while laps.next() {
        countdown.reset(count);
        for _ in 0..count {
            let countdown = countdown.clone();
            runtime.spawn(async move { countdown.arrive() });
        }
        runtime.block_on(countdown.wait());
    }
    laps.per_operation(count)
}

async fn spawn_and_join(mut laps: Laps) -> Laps {
    while laps.next() {
        for i in 0..JOINED {
            tokio::spawn(async move { i }).await.unwrap();
        }
    }
    laps
}

fn spawn_join_block_on(mut run: Run) -> Figure {
    const ROUNDS: usize = 100;
    let runtime = make_runtime(run.workers);
    while run.laps.next() {
        for i in 0..ROUNDS {
            runtime.block_on(runtime.spawn(async move { i })).unwrap();
        }
    }
    run.laps.per_operation(ROUNDS)
}

fn link(depth: usize, end: Arc<Notify>) {
    if depth == 0 {
        end.notify_one();
    } else {
        tokio::spawn(async move { link(depth - 1, end) });
    }
}

async fn chain(mut laps: Laps) -> Laps {
    let end = Arc::new(Notify::new());
    while laps.next() {
        for _ in 0..CHAINS {
            link(DEPTH + 1, end.clone());
            end.notified().await;
        }
    }
    laps
}

/// As in tokio's own benchmark: two tasks a worker that work for ten microseconds and yield.
fn remote_busy1(run: Run) -> Figure {
    let runtime = make_runtime(run.workers);
    let go_on = Arc::new(AtomicBool::new(true));
    for _ in 0..2 * run.workers {
        let go_on = go_on.clone();
        runtime.spawn(async move {
            while go_on.load(Ordering::Relaxed) {
                tokio::task::yield_now().await;
                stall();
            }
        });
    }
    let figure = spawn_from_here(&runtime, run.laps, 10_000);
    go_on.store(false, Ordering::Relaxed);
    figure
}

/// The same with one task a worker that works and spawns its successor.
fn remote_busy2(run: Run) -> Figure {
    fn work_and_spawn(go_on: Arc<AtomicBool>) {
        tokio::spawn(async move {
            if go_on.load(Ordering::Relaxed) {
                stall();
                work_and_spawn(go_on);
            }
        });
    }
    let runtime = make_runtime(run.workers);
    let go_on = Arc::new(AtomicBool::new(true));
    for _ in 0..run.workers {
        let go_on = go_on.clone();
        runtime.spawn(async move { work_and_spawn(go_on) });
    }
    let figure = spawn_from_here(&runtime, run.laps, 1_000);
    go_on.store(false, Ordering::Relaxed);
    figure
}
