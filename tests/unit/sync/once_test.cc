#include <weft/sync/once_cell.h>
#include <weft/sync/set_once.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/threads.h>
#include <tests/support/tracked.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/sync/oneshot.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::Tracked;

// An awaitable of T that completes when `gate` is opened; throws if told to.
template <class T>
class Making {
  class Node : public Leaf {
   public:
    explicit Node(Making& making) noexcept : making_(making) {}
    bool poll(Context& cx) noexcept {
      if (*making_.open_) return true;
      waker_ = cx.clone_waker();
      return false;
    }
    T take() {
      if (making_.fails_) throw std::runtime_error("no");
      return std::move(making_.value_);
    }

   private:
    Making& making_;
    Waker waker_;
  };

 public:
  Making(bool& open, T value, bool fails = false)
      : open_(&open), value_(std::move(value)), fails_(fails) {}
  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  bool* open_;
  T value_;
  bool fails_;
};

TEST(SY112, TheFirstMakesTheValueAndOthersReadIt) {
  OnceCell<int> cell;
  bool open = false;
  int calls = 0;
  auto make = [&] {
    ++calls;
    return Making<int>(open, 7);
  };
  MockTask first_task, second_task;
  Polled first(cell.get_or_init(make));
  Polled second(cell.get_or_init(make));
  ASSERT_FALSE(first.poll(first_task));
  ASSERT_FALSE(second.poll(second_task));
  EXPECT_EQ(cell.get(), nullptr);
  open = true;
  ASSERT_TRUE(first.poll(first_task));
  EXPECT_EQ(first.take(), 7);
  EXPECT_TRUE(second_task.take_woken());
  ASSERT_TRUE(second.poll(second_task));
  const int& value = second.take();
  EXPECT_EQ(&value, cell.get());
  EXPECT_EQ(calls, 1);
}

TEST(SY112, AThrowingInitialiserPassesTheTurnOn) {
  OnceCell<int> cell;
  bool open = false;
  MockTask first_task, second_task;
  Polled first(cell.get_or_init([&] { return Making<int>(open, 1, true); }));
  Polled second(cell.get_or_init([&] { return Making<int>(open, 2); }));
  ASSERT_FALSE(first.poll(first_task));
  ASSERT_FALSE(second.poll(second_task));
  open = true;
  ASSERT_TRUE(first.poll(first_task));
  EXPECT_THROW((void)first.take(), std::runtime_error);
  EXPECT_TRUE(second_task.take_woken());
  ASSERT_TRUE(second.poll(second_task));
  EXPECT_EQ(second.take(), 2);
}

TEST(SY112, ACancelledInitialiserPassesTheTurnOn) {
  OnceCell<int> cell;
  bool closed = false, open = true;
  MockTask first_task, second_task;
  Polled first(cell.get_or_init([&] { return Making<int>(closed, 1); }));
  Polled second(cell.get_or_init([&] { return Making<int>(open, 2); }));
  ASSERT_FALSE(first.poll(first_task));
  ASSERT_FALSE(second.poll(second_task));
  first.cancel();
  EXPECT_TRUE(second_task.take_woken());
  ASSERT_TRUE(second.poll(second_task));
  EXPECT_EQ(second.take(), 2);
  EXPECT_EQ(first_task.waker_ref_count(), 1);
}

TEST(SY112, AFailingTryInitialiserLeavesTheCellEmpty) {
  OnceCell<int> cell;
  bool open = true;
  MockTask task;
  {
    Polled failing(cell.get_or_try_init(
        [&] { return Making<Result<int>>(open, Result<int>(Err(Errc::cancelled))); }));
    ASSERT_TRUE(failing.poll(task));
    Result<const int*> result = failing.take();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), Errc::cancelled);
  }
  EXPECT_FALSE(cell.initialized());
  Polled working(cell.get_or_try_init([&] { return Making<Result<int>>(open, Result<int>(3)); }));
  ASSERT_TRUE(working.poll(task));
  EXPECT_EQ(**working.take(), 3);
  EXPECT_EQ(*cell.get(), 3);
}

TEST(SY112, AFunctionThatThrowsBeforeThereIsAnAwaitable) {
  OnceCell<int> cell;
  bool open = true;
  MockTask task;
  {
    Polled failing(cell.get_or_init([&]() -> Making<int> { throw std::runtime_error("no"); }));
    ASSERT_TRUE(failing.poll(task));
    EXPECT_THROW((void)failing.take(), std::runtime_error);
  }
  Polled working(cell.get_or_init([&] { return Making<int>(open, 3); }));
  ASSERT_TRUE(working.poll(task));
  EXPECT_EQ(working.take(), 3);
}

TEST(SY113, SetRefusesASecondValueAndDuringInitialisation) {
  OnceCell<int> cell;
  bool open = false;
  MockTask task;
  {
    Polled making(cell.get_or_init([&] { return Making<int>(open, 1); }));
    ASSERT_FALSE(making.poll(task));
    auto refused = cell.set(2);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is_initializing());
    EXPECT_FALSE(refused.error().is_already_initialized());
    EXPECT_EQ(refused.error().value, 2);
  }
  ASSERT_TRUE(cell.set(3));
  auto refused = cell.set(4);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is_already_initialized());
  EXPECT_EQ(refused.error().value, 4);
  EXPECT_EQ(*cell.get(), 3);
}

TEST(SY113, TakeEmptiesTheCellForAnotherValue) {
  OnceCell<std::string> cell(std::string("one"));
  EXPECT_TRUE(cell.initialized());
  *cell.get_mut() += "!";
  EXPECT_EQ(cell.take(), "one!");
  EXPECT_FALSE(cell.initialized());
  EXPECT_EQ(cell.get_mut(), nullptr);
  EXPECT_EQ(cell.take(), std::nullopt);
  ASSERT_TRUE(cell.set("two"));
  EXPECT_EQ(std::move(cell).into_inner(), "two");
}

TEST(SY113, CopiesAndEqualityGoByContent) {
  OnceCell<int> empty, one(1), two(2);
  OnceCell<int> copy(one);
  OnceCell<int> empty_copy(empty);
  EXPECT_EQ(one, copy);
  EXPECT_NE(&*one.get(), &*copy.get());
  EXPECT_EQ(empty, empty_copy);
  EXPECT_FALSE(one == two);
  EXPECT_FALSE(one == empty);
  EXPECT_TRUE(empty_copy.set(1));
}

TEST(SY113, TheValueIsDestroyedOnce) {
  Tracked::Count alive;
  {
    OnceCell<Tracked> cell;
    ASSERT_TRUE(cell.set(Tracked(alive, 1)));
    EXPECT_EQ(alive.count(), 1);
    {
      auto taken = cell.take();
    }
    EXPECT_EQ(alive.count(), 0);
    ASSERT_TRUE(cell.set(Tracked(alive, 2)));
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(SY112, ManyThreadsMakeOneValue) {
  for (int round = 0; round < 200; ++round) {
    OnceCell<int> cell;
    loom::Atomic<int> calls{0};
    bool open = true;
    test_support::run_threads(4, [&](int thread) {
      const int& value = internal::wait_on_thread(cell.get_or_init([&, thread] {
        calls.fetch_add(1, std::memory_order_relaxed);
        return Making<int>(open, thread);
      }));
      EXPECT_EQ(&value, cell.get());
    });
    EXPECT_EQ(calls.load(std::memory_order_relaxed), 1);
  }
}

TEST(SY8, AContendedOnceCellTakesBudget) {
  OnceCell<int> cell;
  bool open = true;
  MockTask task;
  Budget budget = Budget::initial();
  while (budget.has_remaining()) budget.spend();
  Polled making(cell.get_or_init([&] { return Making<int>(open, 1); }));
  EXPECT_FALSE(making.poll(task, budget));
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(cell.set(2));
  EXPECT_TRUE(making.poll(task, budget));  // reading what is there takes none
  EXPECT_EQ(making.take(), 2);
}

TEST(SY114, WaitCompletesWhenTheValueIsSet) {
  SetOnce<int> cell;
  MockTask first_task, second_task;
  Polled first(cell.wait()), second(cell.wait());
  ASSERT_FALSE(first.poll(first_task));
  ASSERT_FALSE(second.poll(second_task));
  EXPECT_EQ(cell.get(), nullptr);
  ASSERT_TRUE(cell.set(5));
  EXPECT_TRUE(first_task.take_woken());
  EXPECT_TRUE(second_task.take_woken());
  ASSERT_TRUE(first.poll(first_task));
  EXPECT_EQ(first.take(), 5);
  EXPECT_EQ(*cell.get(), 5);
}

TEST(SY114, SecondSetIsRefused) {
  SetOnce<int> cell;
  ASSERT_TRUE(cell.set(1));
  auto refused = cell.set(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().value, 2);
  EXPECT_EQ(std::move(cell).into_inner(), 1);
}

TEST(SY114, WaitingForWhatIsSetCompletesAtOnceAndTakesNoBudget) {
  SetOnce<int> cell(3);
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < 2 * Budget::kUnits; ++i) {
    Polled wait(cell.wait());
    ASSERT_TRUE(wait.poll(task, budget));
  }
  EXPECT_TRUE(budget.has_remaining());
}

TEST(SY114, ADestroyedWaitLeavesNoTrace) {
  SetOnce<int> cell;
  MockTask task;
  {
    Polled wait(cell.wait());
    ASSERT_FALSE(wait.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  ASSERT_TRUE(cell.set(1));
  EXPECT_FALSE(task.take_woken());
}

TEST(SY114, OneOfManyThreadsSetsAndAllSeeIt) {
  for (int round = 0; round < 200; ++round) {
    SetOnce<std::unique_ptr<int>> cell;
    loom::Atomic<int> set{0};
    test_support::run_threads(4, [&](int thread) {
      if (thread < 2 && cell.set(std::make_unique<int>(thread))) {
        set.fetch_add(1, std::memory_order_relaxed);
      }
      EXPECT_LT(*internal::wait_on_thread(cell.wait()), 2);
    });
    EXPECT_EQ(set.load(std::memory_order_relaxed), 1);
  }
}

TEST(SY115, AStoredInitialiserMakesALazyCell) {
  struct Lazy {
    bool open = true;
    OnceCell<int> cell;
    auto get() {
      return cell.get_or_init([this] { return Making<int>(open, 42); });
    }
  } lazy;
  MockTask task;
  Polled get(lazy.get());
  ASSERT_TRUE(get.poll(task));
  EXPECT_EQ(get.take(), 42);
}

}  // namespace
}  // namespace weft::sync
