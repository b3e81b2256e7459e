//! Rows about timers: made and cancelled, as most timeouts are; and a hundred thousand that end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::{sleep, Sleep};

use crate::laps::{Figure, Laps};
use crate::process::processor_time;
use crate::support::{in_task, join_all, make_runtime};
use crate::{Row, Run};

const TIMERS: u64 = 50_000; // of each task
const SLEEPS: u64 = 100_000;

pub const ROWS: &[Row] = &[
    ("timer_create_cancel", |run| in_task(run, TIMERS as usize, |laps| in_tasks(laps, 1))),
    ("timer_create_cancel_4", |run| in_task(run, TIMERS as usize, |laps| in_tasks(laps, 4))),
    ("sleeps_100k_cpu", sleeps_cpu),
    ("sleeps_100k_p99", sleeps_p99),
];

/// Polls a timer, which registers it, and is complete.
struct PollOnce<'a>(Pin<&'a mut Sleep>);

impl Future for PollOnce<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let _ = self.0.as_mut().poll(cx);
        Poll::Ready(())
    }
}

async fn create_and_cancel() {
    for i in 0..TIMERS {
        let timer = sleep(Duration::from_millis(10_000 + i % 1000));
        tokio::pin!(timer);
        PollOnce(timer).await;
    }
}

async fn in_tasks(mut laps: Laps, tasks: usize) -> Laps {
    while laps.next() {
        join_all((0..tasks).map(|_| tokio::spawn(create_and_cancel())).collect()).await;
    }
    laps
}

/// Sleeps for 1 to 1000 ms; how late it ended.
async fn sleep_once(index: u64) -> Duration {
    let duration = Duration::from_millis(1 + index * 7919 % 1000);
    let begin = Instant::now();
    sleep(duration).await;
    begin.elapsed() - duration
}

async fn sleep_all() -> Vec<Duration> {
    let handles: Vec<_> = (0..SLEEPS).map(|i| tokio::spawn(sleep_once(i))).collect();
    let mut lateness = Vec::with_capacity(handles.len());
    for handle in handles {
        lateness.push(handle.await.unwrap());
    }
    lateness
}

fn sleeps_cpu(run: Run) -> Figure {
    let runtime = make_runtime(run.workers);
    let before = processor_time();
    runtime.block_on(runtime.spawn(sleep_all())).unwrap();
    Figure::of((processor_time() - before).as_nanos() as f64)
}

fn sleeps_p99(run: Run) -> Figure {
    let runtime = make_runtime(run.workers);
    let mut lateness = runtime.block_on(runtime.spawn(sleep_all())).unwrap();
    lateness.sort();
    Figure::of(lateness[lateness.len() * 99 / 100].as_nanos() as f64)
}
