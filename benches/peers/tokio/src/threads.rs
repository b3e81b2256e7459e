//! Rows about threads: jobs that may block, starting and stopping a runtime.

use tokio::task::spawn_blocking;

use crate::laps::{Figure, Laps};
use crate::support::{in_task, make_runtime};
use crate::{Row, Run};

const JOBS: usize = 512;

pub const ROWS: &[Row] = &[
    ("spawn_blocking", |run| in_task(run, JOBS, |laps| run_jobs(laps, 1))),
    ("spawn_blocking_16", |run| in_task(run, JOBS, |laps| run_jobs(laps, 16))),
    ("runtime_start_stop", start_stop),
];

async fn run_jobs(mut laps: Laps, at_once: usize) -> Laps {
    while laps.next() {
        for _ in 0..JOBS / at_once {
            let handles: Vec<_> = (0..at_once).map(|_| spawn_blocking(|| 1)).collect();
            for handle in handles {
                handle.await.unwrap();
            }
        }
    }
    laps
}

fn start_stop(mut run: Run) -> Figure {
    const RUNTIMES: usize = 20;
    while run.laps.next() {
        for _ in 0..RUNTIMES {
            drop(make_runtime(run.workers));
        }
    }
    run.laps.per_operation(RUNTIMES)
}
