// The least that awaiting a child coroutine can cost: support/raw_coroutine.h.

#include <benches/peers/support/row.h>
#include <benches/support/raw_coroutine.h>

namespace {

constexpr int kAwaited = 200'000;

[[gnu::noinline]] raw::Task child(int value) { co_return value; }

raw::Task await_children(peers::Laps& laps) {
  int sum = 0;
  while (laps.next()) {
    for (int i = 0; i < kAwaited; ++i) sum += co_await child(i & 1);
  }
  co_return sum;
}

const peers::Row kAwaitChild("await_child", [](peers::Run& run) {
  peers::keep(await_children(run.laps).run());
  return run.laps.per_operation(kAwaited);
});

}  // namespace
