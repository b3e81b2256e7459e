//! Rows about tasks that give way to each other: yields, ping-pong, notifications.

use std::sync::Arc;

use tokio::sync::{oneshot, Notify};

use crate::laps::Laps;
use crate::support::{in_task, join_all, Countdown};
use crate::Row;

const YIELDING: usize = 200;
const YIELDS: usize = 1000;
const PAIRS: usize = 1000;
const ROUNDS: usize = 20_000;

pub const ROWS: &[Row] = &[
    ("yield_many", |run| in_task(run, YIELDING * YIELDS, yield_many)),
    ("ping_pong", |run| in_task(run, PAIRS, ping_pong)),
    ("notify_ping_pong", |run| in_task(run, ROUNDS, notify_ping_pong)),
];

async fn yield_many(mut laps: Laps) -> Laps {
    while laps.next() {
        let yield_often = || async {
            for _ in 0..YIELDS {
                tokio::task::yield_now().await;
            }
        };
        join_all((0..YIELDING).map(|_| tokio::spawn(yield_often())).collect()).await;
    }
    laps
}

async fn play(countdown: Countdown) {
    let (ping_sender, ping) = oneshot::channel();
    let (pong_sender, pong) = oneshot::channel();
    tokio::spawn(async move {
        let value: i32 = ping.await.unwrap();
        pong_sender.send(value).unwrap();
    });
    ping_sender.send(1).unwrap();
    pong.await.unwrap();
    countdown.arrive();
}

async fn ping_pong(mut laps: Laps) -> Laps {
    let countdown = Countdown::default();
    while laps.next() {
        countdown.reset(PAIRS);
        for _ in 0..PAIRS {
            tokio::spawn(play(countdown.clone()));
        }
        countdown.wait().await;
    }
    laps
}

async fn notify_ping_pong(mut laps: Laps) -> Laps {
    let ping = Arc::new(Notify::new());
    let pong = Arc::new(Notify::new());
    while laps.next() {
        let (their_ping, their_pong) = (ping.clone(), pong.clone());
        let other = tokio::spawn(async move {
            for _ in 0..ROUNDS {
                their_ping.notified().await;
                their_pong.notify_one();
            }
        });
        for _ in 0..ROUNDS {
            ping.notify_one();
            pong.notified().await;
        }
        other.await.unwrap();
    }
    laps
}
