// What weft's rows share: a runtime as a user gets it, and a countdown.

#ifndef WEFT_BENCHES_PEERS_WEFT_SUPPORT_H_
#define WEFT_BENCHES_PEERS_WEFT_SUPPORT_H_

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

#include <benches/peers/support/row.h>
#include <weft/weft.h>

namespace peers {

inline weft::runtime::Runtime make_runtime(unsigned workers) {
  return weft::runtime::Builder::new_multi_thread()
      .worker_threads(workers)
      .enable_all()
      .build()
      .value();
}

// Runs `body(laps)`, whose laps are of `operations` each, in a task of a new runtime.
inline Figure in_task(Run& run, double operations, weft::Task<> (*body)(Laps&)) {
  const auto rt = make_runtime(run.workers);
  rt.block_on(rt.spawn(body(run.laps))).value();
  return run.laps.per_operation(operations);
}

inline weft::Task<> join_all(std::vector<weft::JoinHandle<void>> handles) {
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    joined.value();
  }
}

// Lets one task wait, lap after lap, until others, which it does not join, have arrived. Outlives
// them all.
class Countdown {
 public:
  void reset(std::size_t count) { left_.store(count, std::memory_order_relaxed); }
  void arrive() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) all_arrived_.notify_one();
  }
  weft::Task<> wait() { co_await all_arrived_.notified(); }

 private:
  std::atomic<std::size_t> left_{0};
  weft::sync::Notify all_arrived_;
};

}  // namespace peers

#endif  // WEFT_BENCHES_PEERS_WEFT_SUPPORT_H_
