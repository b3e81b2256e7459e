//! The clock of a row: benches/peers/support/laps.h in Rust.

use std::time::{Duration, Instant};

use crate::process::processor_time;

/// A row's result, in nanoseconds, bytes, or per second; for one operation.
pub struct Figure {
    pub value: f64,
    /// Processor time of the whole process, nanoseconds; 0: not measured.
    pub cpu: f64,
}

impl Figure {
    pub fn of(value: f64) -> Self {
        Figure { value, cpu: 0.0 }
    }
}

pub struct Laps {
    limit: Duration,
    warm_up_until: Option<Instant>,
    begin: Option<Instant>,
    lap_begin: Instant,
    processor_time: Duration,
    laps: Vec<Duration>,
}

impl Laps {
    pub fn new(seconds: f64) -> Self {
        Laps {
            limit: Duration::from_secs_f64(seconds),
            warm_up_until: None,
            begin: None,
            lap_begin: Instant::now(),
            processor_time: Duration::ZERO,
            laps: Vec::new(),
        }
    }

    /// False: the time is over. A lap lasts from one call to the next.
    pub fn next(&mut self) -> bool {
        let now = Instant::now();
        match (self.warm_up_until, self.begin) {
            (None, _) => self.warm_up_until = Some(now + self.limit / 10),
            (Some(end), None) if now >= end => {
                self.begin = Some(now);
                self.processor_time = processor_time();
            }
            (Some(_), None) => {}
            (_, Some(begin)) => {
                self.laps.push(now - self.lap_begin);
                if now - begin >= self.limit {
                    self.processor_time = processor_time() - self.processor_time;
                    return false;
                }
            }
        }
        self.lap_begin = Instant::now();
        true
    }

    /// After the last lap: what one of the `operations` of a lap took.
    pub fn per_operation(&mut self, operations: usize) -> Figure {
        self.laps.sort();
        let operations = operations as f64;
        let median = self.laps[self.laps.len() / 2].as_nanos() as f64;
        let all = self.laps.len() as f64 * operations;
        Figure { value: median / operations, cpu: self.processor_time.as_nanos() as f64 / all }
    }
}
