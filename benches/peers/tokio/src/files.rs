//! Rows about files: many small ones at once, a large one in chunks. benches/peers/support/files.h
//! says the same for C++.

use std::path::PathBuf;

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::laps::{Figure, Laps};
use crate::support::{in_task, join_all};
use crate::{Row, Run};

const SMALL_FILES: usize = 10_000;
const SMALL_FILE_SIZE: usize = 4096;
const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 16 * 1024; // a GiB in all

pub const ROWS: &[Row] = &[
    ("fs_read_small", read_small),
    ("fs_read_small_cpu", |run| Figure::of(read_small(run).cpu)),
    ("fs_write_1g", |run| in_task(run, 1, write_large)),
    ("fs_read_1g", |run| in_task(run, 1, read_large)),
];

/// A directory of our own, which goes when its owner does.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("weft-peers-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Directory(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn read_small(run: Run) -> Figure {
    let directory = Directory::new();
    let files: Vec<_> = (0..SMALL_FILES).map(|i| directory.file(&i.to_string())).collect();
    for file in &files {
        std::fs::write(file, [b'x'; SMALL_FILE_SIZE]).unwrap();
    }
    in_task(run, SMALL_FILES, |laps| read_all(laps, files))
}

async fn read_all(mut laps: Laps, files: Vec<PathBuf>) -> Laps {
    while laps.next() {
        let read = |file: PathBuf| {
            tokio::spawn(async move {
                let content = tokio::fs::read(file).await.unwrap();
                assert_eq!(content.len(), SMALL_FILE_SIZE);
            })
        };
        join_all(files.iter().cloned().map(read).collect()).await;
    }
    laps
}

async fn write_large(mut laps: Laps) -> Laps {
    let directory = Directory::new();
    let chunk = vec![b'x'; CHUNK];
    while laps.next() {
        let mut file = File::create(directory.file("large")).await.unwrap();
        for _ in 0..CHUNKS {
            file.write_all(&chunk).await.unwrap();
        }
        file.flush().await.unwrap();
    }
    laps
}

async fn read_large(mut laps: Laps) -> Laps {
    let directory = Directory::new();
    let path = directory.file("large");
    std::fs::write(&path, vec![b'x'; CHUNK * CHUNKS]).unwrap();
    let mut chunk = vec![0; CHUNK];
    while laps.next() {
        let mut file = File::open(&path).await.unwrap();
        while file.read(&mut chunk).await.unwrap() > 0 {}
    }
    laps
}
