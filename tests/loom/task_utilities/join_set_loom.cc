// JoinSet: its consumer against the tasks that end on another thread.
//
// Explored: entries are added, joined, aborted and dropped on one thread while a second polls the
// tasks; the wakers of an idle-notified set against its consumer. Every result has to arrive once,
// and no waker, entry or frame may be left. Not explored: several threads that poll tasks; what
// differs there is the scheduler's business.

#include <optional>
#include <utility>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <tests/loom/task_utilities/model_home.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/poll_fn.h>
#include <weft/task/internal/idle_notified_set.h>
#include <weft/task/internal/join_entries.h>

namespace weft::loom_test {
namespace {

using Entries = internal::JoinEntries<int>;
using Next = internal::JoinNext<int, internal::ResultShape>;

Task<int> number(int n) { co_return n; }
// Suspends for ever.
Task<int> never() {
  co_await poll_fn([](Context&) -> Poll<> { return kPending; });
  co_return 0;
}

TEST(LM23, AddingAgainstJoining) {
  model(bounded(2, 3), [] {
    ModelHome home;
    Entries entries;
    loom::Thread worker = start([&] { home.run_until_ended(2); });
    int sum = 0;
    entries.insert([&] { return home.spawn(number(1)); });
    entries.insert([&] { return home.spawn(number(2)); });
    for (int i = 0; i < 2; ++i) sum += block_on(Next(entries))->value();
    expect(sum == 3, "a result is missing, or came twice");
    expect(!block_on(Next(entries)).has_value(), "there is a result too many");
    worker.join();
  });
}

TEST(LM23, AbortAllAgainstCompletion) {
  bool ended = false, cancelled = false;
  model([&] {
    ModelHome home;
    Entries entries;
    entries.insert([&] { return home.spawn(number(7)); });
    loom::Thread worker = start([&] { home.run_until_ended(1); });
    entries.abort_all();
    const auto next = block_on(Next(entries));
    if (next->has_value()) {
      expect(next->value() == 7, "another result");
      ended = true;
    } else {
      expect(next->error().is_cancelled(), "it has not thrown");
      cancelled = true;
    }
    worker.join();
  });
  EXPECT_TRUE(ended);
  EXPECT_TRUE(cancelled);
}

TEST(LM23, ASuspendedTaskIsAborted) {
  model([] {
    ModelHome home;
    Entries entries;
    entries.insert([&] { return home.spawn(never()); });
    loom::Thread worker = start([&] { home.run_until_ended(1); });
    entries.abort_all();
    expect(block_on(Next(entries))->error().is_cancelled(), "it cannot end otherwise");
    worker.join();
  });
}

TEST(LM23, TheSetIsDroppedWhileTasksEnd) {
  model(bounded(2, 3), [] {
    ModelHome home;
    std::optional<Entries> entries(std::in_place);
    entries->insert([&] { return home.spawn(number(1)); });
    entries->insert([&] { return home.spawn(never()); });
    loom::Thread worker = start([&] { home.run_until_ended(2); });
    entries.reset();
    worker.join();
  });
}

TEST(LM23, AConsumerThatGoesAwayLosesNothing) {
  model(bounded(2, 3), [] {
    ModelHome home;
    CountingTask first;
    Entries entries;
    entries.insert([&] { return home.spawn(number(5)); });
    loom::Thread worker = start([&] { home.run_until_ended(1); });
    {
      Polled cancelled{Next(entries)};
      static_cast<void>(cancelled.poll(first));  // and destroyed, ready or not
    }
    expect(block_on(Next(entries))->value() == 5, "the result went with the first wait");
    worker.join();
  });
}

using Set = internal::IdleNotifiedSet<int>;

Waker waker_of(Set::Entry& entry) {
  return entry.poll_with([](Context& cx) { return cx.clone_waker(); });
}

// Polls for entries until `count` of them were found.
int find(Set& set, int count) {
  int sum = 0;
  while (count > 0) {
    auto* const entry = block_on(poll_fn([&](Context& cx) -> Poll<Set::Entry*> {
      Set::Entry* const found = set.pop_notified(cx);
      if (found == nullptr) return kPending;
      return found;
    }));
    sum += set.remove(*entry);
    --count;
  }
  return sum;
}

TEST(T54, TwoThreadsWakeEntriesOfOneConsumer) {
  model(bounded(2, std::nullopt), [] {
    Set set;
    Waker one = waker_of(set.insert_idle([] { return 1; }));
    Waker two = waker_of(set.insert_idle([] { return 2; }));
    loom::Thread first = start([&] { std::move(one).wake(); });
    loom::Thread second = start([&] { std::move(two).wake(); });
    expect(find(set, 2) == 3, "a wake-up was lost, or came twice");
    first.join();
    second.join();
  });
}

TEST(T54, AnEntryIsRemovedWhileItIsWoken) {
  model([] {
    std::optional<Set> set(std::in_place);
    Set::Entry& entry = set->insert_idle([] { return 1; });
    Waker late = waker_of(entry);
    loom::Thread other = start([&] {
      late.wake();
      late = Waker();
    });
    expect(set->remove(entry) == 1, "another value");
    set.reset();
    other.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
