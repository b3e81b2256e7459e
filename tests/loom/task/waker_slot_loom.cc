// WakerSlot: two threads that wake against one that registers.
//
// Explored: every interleaving and every value that a load may return, for one consumer that
// follows the law of use (register, then look again) and two producers (make it true, then wake).
// The Cell around the stored waker tells two threads that are at it at once. Not explored: two
// consumers, which the contract excludes.

#include <utility>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/waker_slot.h>

namespace weft::loom_test {
namespace {

using internal::WakerSlot;

struct Producers {
  WakerSlot slot;
  loom::Atomic<int> events{0};

  void produce() {
    // relaxed: the slot is what publishes it.
    events.fetch_add(1, std::memory_order_relaxed);
    slot.wake();
  }
  // relaxed: as above.
  int seen() const { return events.load(std::memory_order_relaxed); }
};

TEST(LM27, TwoProducersAgainstOneRegistrant) {
  model([] {
    Producers shared;
    CountingTask consumer;
    loom::Thread first = start([&] { shared.produce(); });
    loom::Thread second = start([&] { shared.produce(); });
    const Waker waker = consumer.waker();
    Context cx(waker);
    shared.slot.register_waker(cx);
    const int seen = shared.seen();
    first.join();
    second.join();
    expect(seen == 2 || consumer.wake_count() > 0, "an event was neither seen nor woken for");
    expect(consumer.wake_count() <= 2, "more wake-ups than events");
    static_cast<void>(shared.slot.take());
    expect(consumer.waker_count() == 1, "a waker was lost or kept");
  });
}

}  // namespace
}  // namespace weft::loom_test
