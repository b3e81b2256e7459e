//! Rows about trees of calls: joined, spawned. (An async fn that is awaited is inlined, so tokio has
//! no row await_child.)

use std::future::Future;
use std::pin::Pin;

use crate::laps::Laps;
use crate::support::{in_task, keep};
use crate::Row;

const FIB: u32 = 30;
const FIB_CALLS: usize = 2_692_537;
const LEAVES: u64 = 1_000_000;
const BRANCHING: u64 = 10;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub const ROWS: &[Row] = &[
    ("fib_join", |run| in_task(run, FIB_CALLS, |laps| often(laps, || fib_join(FIB)))),
    ("fib_spawn", |run| in_task(run, FIB_CALLS, |laps| often(laps, || fib_spawn(FIB)))),
    ("skynet_spawn", |run| in_task(run, LEAVES as usize, |laps| often(laps, || skynet(0, LEAVES)))),
];

async fn often(mut laps: Laps, body: fn() -> Boxed<u64>) -> Laps {
    while laps.next() {
        keep(&body().await);
    }
    laps
}

fn fib_join(n: u32) -> Boxed<u64> {
    Box::pin(async move {
        if n < 2 {
            return n as u64;
        }
        let (a, b) = tokio::join!(fib_join(n - 1), fib_join(n - 2));
        a + b
    })
}

fn fib_spawn(n: u32) -> Boxed<u64> {
    Box::pin(async move {
        if n < 2 {
            return n as u64;
        }
        let a = tokio::spawn(fib_spawn(n - 1));
        let b = tokio::spawn(fib_spawn(n - 2));
        a.await.unwrap() + b.await.unwrap()
    })
}

/// Each node spawns ten below it, down to a million leaves, and adds up what they return.
fn skynet(number: u64, size: u64) -> Boxed<u64> {
    Box::pin(async move {
        if size == 1 {
            return number;
        }
        let below = size / BRANCHING;
        let child = |i| tokio::spawn(skynet(number + i * below, below));
        let children: Vec<_> = (0..BRANCHING).map(child).collect();
        let mut sum = 0;
        for child in children {
            sum += child.await.unwrap();
        }
        sum
    })
}
