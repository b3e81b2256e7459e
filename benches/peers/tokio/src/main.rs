//! tokio's rows of the comparison. What each measures: docs/benchmarks.md. How a program of rows is
//! called and what it prints: benches/peers/support/row.h.

mod channels;
mod files;
mod laps;
mod local_servers;
mod locks;
mod memory;
mod process;
mod processes;
mod servers;
mod spawn;
mod support;
mod threads;
mod timers;
mod trees;
mod wakes;

use laps::{Figure, Laps};

/// How a row is run.
pub struct Run {
    pub workers: usize,
    pub laps: Laps,
}

pub type Row = (&'static str, fn(Run) -> Figure);

fn all_rows() -> impl Iterator<Item = &'static Row> {
    [
        spawn::ROWS,
        memory::ROWS,
        wakes::ROWS,
        trees::ROWS,
        channels::ROWS,
        locks::ROWS,
        timers::ROWS,
        threads::ROWS,
        servers::ROWS,
        local_servers::ROWS,
        files::ROWS,
        processes::ROWS,
    ]
    .into_iter()
    .flatten()
}

fn run_row(name: &str, workers: &str, seconds: &str) -> Option<Figure> {
    let (_, body) = all_rows().find(|row| row.0 == name)?;
    let laps = Laps::new(seconds.parse().ok()?);
    Some(body(Run { workers: workers.parse().ok()?, laps }))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["list"] => all_rows().for_each(|row| println!("{}", row.0)),
        [row, workers, seconds] => match run_row(row, workers, seconds) {
            Some(figure) => {
                println!("{{\"value\": {:.3}, \"cpu\": {:.3}}}", figure.value, figure.cpu)
            }
            None => {
                eprintln!("there is no row '{row}' here, or its arguments are no numbers");
                std::process::exit(2);
            }
        },
        _ => {
            eprintln!("usage: tokio_peer list | <row> <workers> <seconds>");
            std::process::exit(2);
        }
    }
}
