//! Rows about memory: what a task takes that waits for ever, and one that sleeps.

use std::future::Future;
use std::time::Duration;

use crate::laps::Figure;
use crate::process::resident_bytes;
use crate::support::{make_runtime, Countdown};
use crate::{Row, Run};

const TASKS: usize = 200_000;

pub const ROWS: &[Row] = &[
    ("bytes_per_task_parked", |run| bytes_per_task(run, wait_for_ever)),
    ("bytes_per_task_sleeping", |run| bytes_per_task(run, sleep_long)),
];

async fn wait_for_ever(countdown: Countdown) {
    countdown.arrive();
    std::future::pending::<()>().await;
}

async fn sleep_long(countdown: Countdown) {
    countdown.arrive();
    tokio::time::sleep(Duration::from_secs(3600)).await;
}

fn bytes_per_task<Fut>(run: Run, body: fn(Countdown) -> Fut) -> Figure
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let runtime = make_runtime(run.workers);
    let before = resident_bytes();
    let spawn_all = async move {
        let countdown = Countdown::default();
        countdown.reset(TASKS);
        for _ in 0..TASKS {
            tokio::spawn(body(countdown.clone()));
        }
        countdown.wait().await;
    };
    runtime.block_on(runtime.spawn(spawn_all)).unwrap();
    Figure::of((resident_bytes() - before) / TASKS as f64)
}
