//! The row about processes: /bin/true, eight at once.

use tokio::process::Command;

use crate::laps::Laps;
use crate::support::{in_task, join_all};
use crate::Row;

const AT_ONCE: usize = 8;
const EACH: usize = 10;

pub const ROWS: &[Row] = &[("process_true_8", |run| in_task(run, AT_ONCE * EACH, run_programs))];

async fn run_programs(mut laps: Laps) -> Laps {
    let run_some = || async {
        for _ in 0..EACH {
            assert!(Command::new("/bin/true").status().await.unwrap().success());
        }
    };
    while laps.next() {
        join_all((0..AT_ONCE).map(|_| tokio::spawn(run_some())).collect()).await;
    }
    laps
}
