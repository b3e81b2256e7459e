// join_tasks: several tasks at once, until all have ended.

#ifndef WEFT_BENCHES_SUPPORT_TASKS_H_
#define WEFT_BENCHES_SUPPORT_TASKS_H_

#include <vector>

#include <benches/support/bench.h>

namespace bench {

// Spawns what `make(i)` returns, for each i below `count`, and waits for all of them.
template <class Make>
weft::Task<> join_tasks(int count, Make make) {
  std::vector<weft::JoinHandle<void>> handles;
  for (int i = 0; i < count; ++i) handles.push_back(weft::spawn(make(i)));
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    benchmark::DoNotOptimize(joined.has_value());
  }
}

}  // namespace bench

#endif  // WEFT_BENCHES_SUPPORT_TASKS_H_
