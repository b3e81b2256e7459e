// The seam in a build under the checker. Every other model relies on it.

#include <array>
#include <cstddef>
#include <type_traits>

#include <tests/loom/support/model.h>
#include <weft/loom/model.h>
#include <weft/loom/model_size.h>

namespace weft::loom_test {
namespace {

TEST(TE30, NamesOfTheSeamAreTheCheckersTypes) {
  static_assert(std::is_same_v<loom::Atomic<int>, loom::checker::Atomic<int>>);
  static_assert(std::is_same_v<loom::Cell<int>, loom::checker::Cell<int>>);
  static_assert(std::is_same_v<loom::Mutex, loom::checker::Mutex>);
  static_assert(std::is_same_v<loom::SpinMutex, loom::checker::Mutex>);
  static_assert(std::is_same_v<loom::Condvar, loom::checker::Condvar>);
  static_assert(std::is_same_v<loom::Thread, loom::checker::Thread>);
  static_assert(std::is_same_v<loom::thread, loom::checker::Thread>);
  static_assert(loom::model_size(256, 4) == 4);
}

TEST(TE30, EachExecutionHasItsOwnGlobalsAndEachThreadItsOwnLocals) {
  struct Counter {
    loom::Atomic<int> value{0};
  };
  struct CounterTag;
  struct LocalTag;
  model([] {
    using Count = loom::Global<Counter, CounterTag>;
    using Local = loom::ThreadLocal<int, LocalTag>;
    const auto add = [] {
      // relaxed: joining orders it.
      Count::get().value.fetch_add(1, std::memory_order_relaxed);
      expect(++*Local::get() == 1, "another thread's or execution's variable");
    };
    loom::Thread other = start(add);
    add();
    other.join();
    expect(Count::get().value.unsync_load() == 2, "another execution's variable");
  });
}

// All are made at one place, one after the other.
struct OfOnePlace {
  static void* operator new(std::size_t) noexcept { return &place; }
  static void operator delete(void*) noexcept {}

  loom::Atomic<int> value{0};

  alignas(std::max_align_t) static inline std::array<std::byte, 256> place;
};
static_assert(sizeof(OfOnePlace) <= sizeof(OfOnePlace::place));

// A global that is made where a thread-local was, in the memory that it gave back.
TEST(TE30, AGlobalIsNoneOfTheObjectsThatWereThereBeforeIt) {
  struct CounterTag;
  struct LocalTag;
  model([] {
    using Count = loom::Global<OfOnePlace, CounterTag>;
    using Local = loom::ThreadLocal<OfOnePlace, LocalTag>;
    // relaxed, both: joining orders them.
    const auto use = [] { Local::get()->value.fetch_add(1, std::memory_order_relaxed); };
    loom::Thread other = start(use);
    other.join();
    expect(Count::get().value.fetch_add(1, std::memory_order_relaxed) == 0, "not a new object");
  });
}

}  // namespace
}  // namespace weft::loom_test
