//! What this process uses: processor time and memory.

use std::mem::MaybeUninit;
use std::time::{Duration, Instant};

/// Of all threads.
pub fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec, which is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Bytes that it has now.
pub fn resident_bytes() -> f64 {
    let statistics = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statistics.split(' ').nth(1).unwrap().parse().unwrap();
    // SAFETY: asks for a constant.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64
}

/// Bytes that it has had at most.
pub fn peak_resident_bytes() -> f64 {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: writes one rusage, which is ours; all its bytes are initialized already.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    usage.ru_maxrss as f64 * 1024.0
}

/// Keeps the processor busy for ten microseconds.
pub fn stall() {
    let end = Instant::now() + Duration::from_micros(10);
    while Instant::now() < end {}
}
