// Algorithms that are right and pass, and that are wrong and are caught.

#include <weft/loom/checker/model.h>

#include <mutex>
#include <string>

#include <gtest/gtest.h>
#include <weft/loom/checker/allocation.h>
#include <weft/loom/checker/atomic.h>
#include <weft/loom/checker/cell.h>
#include <weft/loom/checker/mutex.h>
#include <weft/loom/checker/thread.h>

// A failing model's threads are abandoned where they stand, with what they own (model.h): closures,
// and the pieces of the message. The second line is for those that libstdc++ allocates out of line,
// where the stack that the sanitizer sees ends.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:weft::loom::checker::\nleak:std::__cxx11::basic_string\n";
}

namespace weft::loom::checker {
namespace {

using Lock = std::unique_lock<Mutex>;

constexpr auto rlx = std::memory_order_relaxed;
constexpr auto acq = std::memory_order_acquire;
constexpr auto rel = std::memory_order_release;
constexpr auto acq_rel = std::memory_order_acq_rel;
constexpr auto sc = std::memory_order_seq_cst;

testing::AssertionResult fails(const CheckResult& result, FailureKind kind) {
  if (result.passed()) return testing::AssertionFailure() << "it passes";
  if (result.failure->kind != kind) return testing::AssertionFailure() << result.failure->report;
  return testing::AssertionSuccess();
}
testing::AssertionResult passes(const CheckResult& result) {
  if (!result.passed()) return testing::AssertionFailure() << result.failure->report;
  return testing::AssertionSuccess() << result.iterations << " executions";
}

// Two threads, one turn at the data each.
template <class Critical>
void peterson(std::memory_order order) {
  Atomic<bool> wants[2];
  Atomic<int> turn{0};
  Critical critical;
  const auto enter = [&](int me) {
    wants[me].store(true, order == sc ? sc : rel);
    turn.store(1 - me, order == sc ? sc : rel);
    while (wants[1 - me].load(order == sc ? sc : acq) && turn.load(order == sc ? sc : acq) != me) {
      yield_now();
    }
    critical();
    wants[me].store(false, rel);
  };
  Thread other([&] { enter(1); });
  enter(0);
  other.join();
}
struct Increment {
  void operator()() {
    count.with_mut([](int& value) { ++value; });
  }
  Cell<int> count{0};
};

TEST(TE26, PetersonsLockWithoutSeqCstIsCaught) {
  EXPECT_TRUE(fails(check([] { peterson<Increment>(acq_rel); }), FailureKind::kDataRace));
}
TEST(TE26, PetersonsLockPasses) {
  EXPECT_TRUE(passes(check([] { peterson<Increment>(sc); })));
}

void publish(std::memory_order store, std::memory_order load) {
  Atomic<bool> ready{false};
  Cell<int> data{0};
  Thread other([&] {
    data.with_mut([](int& value) { value = 1; });
    ready.store(true, store);
  });
  if (ready.load(load)) data.with([](int value) { expect(value == 1, "published"); });
  other.join();
}

TEST(TE26, FlagCheckedWithRelaxedIsCaught) {
  EXPECT_TRUE(fails(check([] { publish(rel, rlx); }), FailureKind::kDataRace));
  EXPECT_TRUE(fails(check([] { publish(rlx, acq); }), FailureKind::kDataRace));
  EXPECT_TRUE(passes(check([] { publish(rel, acq); })));
}

TEST(TE26, DoubleCheckedFlagWithRelaxedIsCaught) {
  const auto body = [](std::memory_order store, std::memory_order load) {
    Mutex mutex;
    Atomic<bool> made{false};
    Cell<int> data{0};
    const auto use = [&] {
      if (!made.load(load)) {
        const Lock lock(mutex);
        if (!made.load(rlx)) {
          data.with_mut([](int& value) { value = 1; });
          made.store(true, store);
        }
      }
      data.with([](int value) { expect(value == 1, "made before it is used"); });
    };
    Thread other(use);
    use();
    other.join();
  };
  EXPECT_TRUE(fails(check([&] { body(rel, rlx); }), FailureKind::kDataRace));
  EXPECT_TRUE(fails(check([&] { body(rlx, acq); }), FailureKind::kDataRace));
  EXPECT_TRUE(passes(check([&] { body(rel, acq); })));
}

TEST(TE26, UnsynchronizedAccessToAnAtomicIsCaught) {
  EXPECT_TRUE(fails(check([] {
                      Atomic<int> value{0};
                      Thread other([&] { value.store(1, rel); });
                      value.unsync_load();
                      other.join();
                    }),
                    FailureKind::kDataRace));
  EXPECT_TRUE(passes(check([] {
    Atomic<int> value{0};
    Thread other([&] { value.store(1, rel); });
    other.join();
    value.with_mut([](int& inside) { ++inside; });
    expect(value.load(rlx) == 2, "with_mut wrote back");
  })));
}

struct Node {
  explicit Node(int number) : value(number) {}
  int value;
  Atomic<Node*> next{nullptr};
};

// Treiber's stack without protection against ABA: nodes are reused.
struct Stack {
  Atomic<Node*> head{nullptr};
  void push(Node* node) {
    Node* seen = head.load(acq);
    do {
      node->next.store(seen, rlx);
    } while (!head.compare_exchange_weak(seen, node, acq_rel, acq));
  }
  Node* pop() {
    Node* seen = head.load(acq);
    while (seen != nullptr) {
      Node* const next = seen->next.load(rlx);
      if (head.compare_exchange_weak(seen, next, acq_rel, acq)) return seen;
    }
    return nullptr;
  }
};

TEST(TE28, AbaInAStackIsCaught) {
  const auto body = [] {
    Node a(1);
    Node b(2);
    Stack stack;
    stack.push(&b);
    stack.push(&a);
    int popped = 0;
    Thread other([&] { popped += stack.pop() != nullptr; });
    Node* const first = stack.pop();
    Node* const second = stack.pop();
    if (first != nullptr) stack.push(first);
    popped += second != nullptr;
    other.join();
    int left = 0;
    while (stack.pop() != nullptr) expect(++left <= 2, "two nodes at most");
    expect(left + popped == 2, "no node is lost and none is there twice");
  };
  EXPECT_TRUE(fails(check(body), FailureKind::kAssertion));
}

void wait_for_flag(bool under_lock) {
  Mutex mutex;
  Condvar changed;
  Atomic<bool> flag{false};
  Thread other([&] {
    if (under_lock) {
      const Lock lock(mutex);
      flag.store(true, rlx);
    } else {
      flag.store(true, rlx);
    }
    changed.notify_one();
  });
  {
    Lock lock(mutex);
    changed.wait(lock, [&] { return flag.load(rlx); });
  }
  other.join();
}

TEST(TE28, LostNotificationIsADeadlock) {
  EXPECT_TRUE(fails(check([] { wait_for_flag(false); }), FailureKind::kDeadlock));
  EXPECT_TRUE(passes(check([] { wait_for_flag(true); })));
}

TEST(TE28, TwoMutexesInOppositeOrderDeadlock) {
  const auto body = [](bool opposite) {
    Mutex a;
    Mutex b;
    Thread other([&] {
      const Lock first(opposite ? b : a);
      const Lock second(opposite ? a : b);
    });
    {
      const Lock first(a);
      const Lock second(b);
    }
    other.join();
  };
  const CheckResult broken = check([&] { body(true); });
  ASSERT_TRUE(fails(broken, FailureKind::kDeadlock));
  EXPECT_NE(broken.failure->message.find("waits for mutex"), std::string::npos);
  EXPECT_TRUE(passes(check([&] { body(false); })));
}

TEST(TE28, LeakIsCaught) {
  EXPECT_TRUE(fails(check([] { make<int>(1); }), FailureKind::kLeak));
  EXPECT_TRUE(passes(check([] { free(make<int>(1)); })));
}

TEST(TE28, DoubleFreeIsCaught) {
  // Both drop what they take for the last reference.
  const auto body = [](bool atomic) {
    Atomic<int> references{2};
    int* const object = make<int>(1);
    const auto drop = [&] {
      if (atomic) {
        if (references.fetch_sub(1, acq_rel) == 1) free(object);
        return;
      }
      references.fetch_sub(1, acq_rel);
      if (references.load(acq) == 0) free(object);
    };
    Thread other(drop);
    drop();
    other.join();
  };
  EXPECT_TRUE(fails(check([&] { body(false); }), FailureKind::kDoubleFree));
  EXPECT_TRUE(passes(check([&] { body(true); })));
}

// The reader holds no reference of its own.
TEST(TE28, UseAfterFreeIsCaught) {
  const auto body = [](bool counted) {
    struct Shared {
      Atomic<int> references{2};
      Atomic<int> value{0};
    };
    Shared* const shared = make<Shared>();
    const auto drop = [&] {
      if (shared->references.fetch_sub(1, acq_rel) == 1) free(shared);
    };
    Thread other([&] {
      if (counted) shared->value.fetch_add(1, rlx);
      drop();
      if (!counted) shared->value.fetch_add(1, rlx);
    });
    drop();
    other.join();
  };
  EXPECT_TRUE(passes(check([&] { body(true); })));
  const CheckResult broken = check([&] { body(false); });
  ASSERT_TRUE(fails(broken, FailureKind::kUseAfterFree));
  EXPECT_NE(broken.failure->message.find("after its destruction"), std::string::npos);
}

TEST(TE27, MutexExcludesAndPublishes) {
  const CheckResult result = check([] {
    Mutex mutex;
    Cell<int> count{0};
    const auto add = [&] {
      const Lock lock(mutex);
      count.with_mut([](int& value) { ++value; });
    };
    Thread one(add);
    Thread two(add);
    add();
    one.join();
    two.join();
    count.with([](int value) { expect(value == 3, "all three added"); });
  });
  EXPECT_TRUE(passes(result));
  EXPECT_GE(result.iterations, 6u) << "at least one for each order of three locks";
}

TEST(TE27, TryLockFindsBothAnswers) {
  int taken = 0;
  int refused = 0;
  EXPECT_TRUE(passes(check([&] {
    Mutex mutex;
    Thread other([&] { const Lock lock(mutex); });
    if (mutex.try_lock()) {
      ++taken;
      mutex.unlock();
    } else {
      ++refused;
    }
    other.join();
  })));
  EXPECT_GT(taken, 0);
  EXPECT_GT(refused, 0);
}

TEST(TE27, WaitMayEndForNoReason) {
  const auto body = [] {
    Mutex mutex;
    Condvar changed;
    Cell<bool> ready{false};
    Thread other([&] {
      const Lock lock(mutex);
      ready.with_mut([](bool& value) { value = true; });
      changed.notify_one();
    });
    {
      Lock lock(mutex);
      if (!ready.with([](bool value) { return value; })) changed.wait(lock);  // no loop
      expect(ready.with([](bool value) { return value; }), "woken without a reason");
    }
    other.join();
  };
  EXPECT_TRUE(fails(check(body), FailureKind::kAssertion));
  EXPECT_TRUE(passes(check(body, {.spurious_wakeups = false})));
}

TEST(TE18, SpinLoopWithAYieldEnds) {
  EXPECT_TRUE(passes(check([] {
    Atomic<bool> flag{false};
    Thread other([&] { flag.store(true, rlx); });
    while (!flag.load(rlx)) yield_now();
    other.join();
  })));
}

TEST(TE14, SpinLoopWithoutAYieldIsReported) {
  const CheckResult result = check(
      [] {
        Atomic<bool> flag{false};
        while (!flag.load(rlx)) {
        }
      },
      {.max_branches = 500});
  ASSERT_TRUE(fails(result, FailureKind::kBranchLimit));
  EXPECT_NE(result.failure->message.find("yield_now"), std::string::npos);
}

TEST(TE14, TooManyThreadsOrExecutionsAreReported) {
  const auto body = [] {
    Atomic<int> value{0};
    Thread one([&] { value.fetch_add(1, rlx); });
    Thread two([&] { value.fetch_add(1, rlx); });
    value.fetch_add(1, rlx);
    one.join();
    two.join();
  };
  EXPECT_TRUE(fails(check(body, {.max_threads = 2}), FailureKind::kThreadLimit));
  EXPECT_TRUE(fails(check(body, {.max_iterations = 2}), FailureKind::kIterationLimit));
}

TEST(TE13, ABodyThatIsNotDeterministicIsReported) {
  int runs = 0;
  EXPECT_TRUE(fails(check([&] {
                      Atomic<int> value{0};
                      if (++runs == 2) value.fetch_add(1, rlx);
                      Thread other([&] { value.store(1, rlx); });
                      value.load(rlx);
                      other.join();
                    }),
                    FailureKind::kNotDeterministic));
}

TEST(TE29, ReportNamesTheOperationsAndReplayRepeatsThem) {
  const auto body = [] { publish(rlx, rlx); };
  const CheckResult first = check(body, {.name = "publish"});
  ASSERT_TRUE(fails(first, FailureKind::kDataRace));
  const std::string& report = first.failure->report;
  EXPECT_NE(report.find("checker_algorithms_test.cc:"), std::string::npos);
  EXPECT_NE(report.find("store 1, relaxed"), std::string::npos);
  EXPECT_NE(report.find("WEFT_LOOM_REPLAY='publish/"), std::string::npos);
  const CheckResult again = check(body, {.name = "publish", .replay = first.failure->replay});
  ASSERT_TRUE(fails(again, FailureKind::kDataRace));
  EXPECT_EQ(again.iterations, 1u);
  EXPECT_EQ(again.failure->message, first.failure->message);
  EXPECT_EQ(again.failure->replay, first.failure->replay);
}

TEST(TE29, ExceptionThatLeavesAThreadIsReported) {
  EXPECT_TRUE(fails(check([] { throw std::string("lost"); }), FailureKind::kException));
}

TEST(TE29, FailingModelIsFatalAndAbortsShowTheInterleaving) {
  EXPECT_DEATH(model([] { publish(rlx, rlx); }), "interleaving:(.|\n)*WEFT_LOOM_REPLAY");
  EXPECT_DEATH(model([] { WEFT_CHECK(false, "inside"); }), "inside(.|\n)*the program aborts");
}

TEST(TE31, RandomModeFindsTheRaceAndRepeatsWithItsSeed) {
  const auto body = [] { peterson<Increment>(acq_rel); };
  const CheckResult first = check(body, Options::random(1, 5'000));
  ASSERT_TRUE(fails(first, FailureKind::kDataRace));
  const CheckResult again = check(body, Options::random(1, 5'000));
  EXPECT_EQ(again.iterations, first.iterations);
  EXPECT_TRUE(passes(check([] { peterson<Increment>(sc); }, Options::random(1, 500))));
}

TEST(TE17, PreemptionBoundLimitsTheSearch) {
  const auto body = [] { peterson<Increment>(sc); };
  const CheckResult none = check(body, {.preemption_bound = 0});
  const CheckResult two = check(body, {.preemption_bound = 2});
  EXPECT_TRUE(passes(none));
  EXPECT_TRUE(passes(two));
  EXPECT_LT(none.iterations, two.iterations);
}

TEST(TE24, WeakCompareExchangeFailsForNoReasonOnRequest) {
  const auto body = [] {
    Atomic<int> value{0};
    int expected = 0;
    expect(value.compare_exchange_weak(expected, 1, acq_rel, acq), "it was expected");
  };
  EXPECT_TRUE(passes(check(body)));
  EXPECT_TRUE(fails(check(body, {.spurious_failures = 1}), FailureKind::kAssertion));
}

}  // namespace
}  // namespace weft::loom::checker
