// LocalSet: a foreign thread wakes its tasks while it is dropped.
//
// Explored: the set's real queues, tasks and state words, destroyed by the owner at every moment of
// a wake-up from another thread, by value and by reference, and of an abort. Every frame has to be
// destroyed, once, on the owner's thread, and no memory may be left. Not explored: more than two
// tasks; the runtime around the set, which takes no part.

#include <optional>
#include <utility>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/task.h>
#include <weft/task/local_set.h>

namespace weft::loom_test {
namespace {

// Keeps the waker of whoever waits; waits for ever.
class Waiting : public Leaf {
 public:
  explicit Waiting(Waker& kept) noexcept : kept_(kept) {}
  bool poll(Context& cx) noexcept {
    kept_ = cx.clone_waker();
    return false;
  }
  void take() noexcept {}

 private:
  Waker& kept_;
};
class [[nodiscard]] WaitForEver {
 public:
  explicit WaitForEver(Waker& kept) noexcept : kept_(&kept) {}
  LeafAwaiter<Waiting> operator co_await() const noexcept { return LeafAwaiter<Waiting>(*kept_); }

 private:
  Waker* kept_;
};

Task<> wait(Waker& kept, int& destroyed) {
  struct Count {
    int& count;
    ~Count() { ++count; }
  } const at_end{destroyed};
  co_await WaitForEver(kept);
}

// `task` drives the set, which keeps a waker of it.
void poll_once(LocalSet& set, CountingTask& task) {
  const Waker waker = task.waker();
  Context cx(waker);
  auto driven = set.operator co_await();
  expect(!driven.node().poll(cx), "the tasks wait for ever");
}

TEST(LM24, AWakeDuringTheDropOfTheSetLeavesNothing) {
  model(bounded(2, 3), [] {
    int destroyed = 0;
    std::optional<loom::Thread> foreign;
    {
      CountingTask driver;
      Waker first;
      LocalSet set;
      static_cast<void>(set.spawn_local(wait(first, destroyed)));
      poll_once(set, driver);
      foreign.emplace(start([waker = std::move(first)]() mutable { std::move(waker).wake(); }));
    }
    expect(destroyed == 1, "the frame goes with the set");
    foreign->join();
  });
}

TEST(LM24, AWakeByReferenceAndAnAbortDuringTheDropLeaveNothing) {
  model(bounded(2, 2), [] {
    int destroyed = 0;
    std::optional<loom::Thread> foreign;
    {
      CountingTask driver;
      Waker first;
      Waker second;
      LocalSet set;
      static_cast<void>(set.spawn_local(wait(first, destroyed)));
      JoinHandle<void> handle = set.spawn_local(wait(second, destroyed));
      poll_once(set, driver);
      foreign.emplace(start([waker = std::move(first), abort = handle.abort_handle()] {
        waker.wake();
        abort.abort();
      }));
    }
    expect(destroyed == 2, "the frames go with the set");
    foreign->join();
  });
}

}  // namespace
}  // namespace weft::loom_test
