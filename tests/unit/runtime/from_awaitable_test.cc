// from_awaitable: awaiters of other libraries, in all their shapes.

#include <weft/runtime/from_awaitable.h>

#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using test_support::Counted;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;

// An operation of another library: keeps whom to resume.
struct Operation {
  std::coroutine_handle<> waiting;
  int value = 0;
  bool fails = false;

  void finish(int result) {
    value = result;
    std::exchange(waiting, nullptr).resume();
  }
};

class Awaiter {
 public:
  explicit Awaiter(Operation& operation) : operation_(&operation) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const noexcept {
    operation_->waiting = waiting;
  }
  int await_resume() const {
    if (operation_->fails) throw std::runtime_error("the operation failed");
    return operation_->value;
  }

 protected:
  Operation* operation_;
};

struct ReadyAwaiter {
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept { ADD_FAILURE(); }
  int await_resume() const noexcept { return 1; }
};
// Does not suspend after all.
struct BoolAwaiter : Awaiter {
  using Awaiter::Awaiter;
  bool await_suspend(std::coroutine_handle<> waiting) const noexcept {
    operation_->waiting = waiting;
    return operation_->value == 0;
  }
};
// Resumes somebody else.
struct HandleAwaiter : Awaiter {
  using Awaiter::Awaiter;
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
    operation_->waiting = waiting;
    return std::noop_coroutine();
  }
};
struct WithMember {
  explicit WithMember(Operation& waits_for) : operation(&waits_for) {}
  Awaiter operator co_await() && noexcept { return Awaiter(*operation); }
  Operation* operation;
};
struct WithFree {
  explicit WithFree(Operation& waits_for) : operation(&waits_for) {}
  Operation* operation;
};
Awaiter operator co_await(WithFree&& free) noexcept { return Awaiter(*free.operation); }

struct Immovable : Awaiter {
  using Awaiter::Awaiter;
  Immovable(Immovable&&) = delete;
};

// A lazy coroutine of another library: started by its awaiter, by symmetric transfer, and resumes
// who awaits it in the same way.
class ForeignTask {
 public:
  struct promise_type {
    ForeignTask get_return_object() {
      return ForeignTask(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept {
      struct Continue {
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(
            std::coroutine_handle<promise_type> ended) const noexcept {
          return ended.promise().continuation;
        }
        void await_resume() const noexcept {}
      };
      return Continue();
    }
    void return_value(std::string text) { value = std::move(text); }
    void unhandled_exception() { thrown = std::current_exception(); }

    std::coroutine_handle<> continuation;
    std::string value;
    std::exception_ptr thrown;
  };

  ForeignTask(ForeignTask&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~ForeignTask() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Start {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
        handle.promise().continuation = waiting;
        return handle;
      }
      std::string&& await_resume() const {
        if (handle.promise().thrown) std::rethrow_exception(handle.promise().thrown);
        return std::move(handle.promise().value);
      }
      std::coroutine_handle<promise_type> handle;
    };
    return Start{handle_};
  }

 private:
  explicit ForeignTask(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

ForeignTask foreign(Operation& operation) {
  const int value = co_await Awaiter(operation);
  co_return "foreign " + std::to_string(value);
}

// Awaits what make(operation) makes, and expects to be resumed by finish().
template <class Make>
void check(Make make) {
  MockTask task;
  Operation operation;
  auto waits = from_awaitable(make(operation));
  EXPECT_EQ(operation.waiting, nullptr) << "begins with the first poll";
  Polled polled(std::move(waits));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_NE(operation.waiting, nullptr);
  EXPECT_FALSE(polled.poll(task));
  operation.finish(7);
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take(), 7);
}

// Directly awaited, the awaiter would resume the Task's own frame, wherever it likes. That a Task
// refuses it, and in which words, is tests/compile_errors/await.cc.
template <class A>
constexpr bool kOnlyThroughAdaptor =
    !Awaitable<A> && Awaitable<decltype(from_awaitable(std::declval<A>()))>;

TEST(R182, AwaitedWithoutItDoesNotCompile) {
  EXPECT_TRUE(kOnlyThroughAdaptor<WithMember>);
  EXPECT_TRUE(kOnlyThroughAdaptor<WithFree>);
  EXPECT_TRUE(kOnlyThroughAdaptor<Awaiter>);
  EXPECT_TRUE(kOnlyThroughAdaptor<BoolAwaiter>);
  EXPECT_TRUE(kOnlyThroughAdaptor<HandleAwaiter>);
}

TEST(R182, AnAwaiter) {
  check([](Operation& operation) { return Awaiter(operation); });
}
TEST(R182, AnAwaiterWhoseSuspendAnswersBool) {
  check([](Operation& operation) { return BoolAwaiter(operation); });
  MockTask task;
  Operation operation;
  operation.value = 5;
  Polled polled(from_awaitable(BoolAwaiter(operation)));
  EXPECT_TRUE(polled.poll(task)) << "it did not suspend after all";
  EXPECT_EQ(polled.take(), 5);
}
TEST(R182, AnAwaiterWhoseSuspendAnswersAHandle) {
  check([](Operation& operation) { return HandleAwaiter(operation); });
}
TEST(R182, AnObjectWithAMemberCoAwait) {
  check([](Operation& operation) { return WithMember(operation); });
}
TEST(R182, AnObjectWithAFreeCoAwait) {
  check([](Operation& operation) { return WithFree(operation); });
}
TEST(R182, WhatCannotBeMovedIsMadeByAFunction) {
  check([](Operation& operation) { return [&operation] { return Immovable(operation); }; });
  check([](Operation& operation) { return [&operation] { return WithMember(operation); }; });
}

TEST(R182, OneThatIsReady) {
  MockTask task;
  Polled polled(from_awaitable(ReadyAwaiter()));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(task.wake_count(), 0);
  EXPECT_EQ(polled.take(), 1);
}

TEST(R182, ACoroutineOfAnotherLibrary) {
  MockTask task;
  Operation operation;
  Polled polled(from_awaitable(foreign(operation)));
  static_assert(std::is_same_v<decltype(polled.take()), std::string>);
  EXPECT_FALSE(polled.poll(task));
  operation.finish(3);
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take(), "foreign 3");
}

TEST(R182, OfNothingAndOfAReference) {
  struct Nothing : ReadyAwaiter {
    void await_resume() const noexcept {}
  };
  struct Refers : ReadyAwaiter {
    explicit Refers(int& other) : number(&other) {}
    int& await_resume() const noexcept { return *number; }
    int* number;
  };
  MockTask task;
  Polled nothing(from_awaitable(Nothing()));
  EXPECT_TRUE(nothing.poll(task));
  static_assert(std::is_void_v<decltype(nothing.take())>);
  nothing.take();
  int number = 1;
  Polled refers(from_awaitable(Refers(number)));
  EXPECT_TRUE(refers.poll(task));
  EXPECT_EQ(&refers.take(), &number);
}

TEST(R182, ExceptionsComeOut) {
  MockTask task;
  Operation operation;
  operation.fails = true;
  Polled polled(from_awaitable(Awaiter(operation)));
  EXPECT_FALSE(polled.poll(task));
  operation.finish(0);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_THROW(polled.take(), std::runtime_error);

  struct Throws : ReadyAwaiter {
    bool await_ready() const { throw std::logic_error("not today"); }
  };
  Polled throws(from_awaitable(Throws()));
  EXPECT_TRUE(throws.poll(task));
  EXPECT_THROW(throws.take(), std::logic_error);
}

TEST(R182, ResumedOnAnotherThreadTheTaskGoesOnItsOwn) {
  on_every_kind([](runtime::Runtime& rt) {
    struct OnAThread : ReadyAwaiter {
      explicit OnAThread(std::optional<std::thread>& other) : thread(&other) {}
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) const {
        thread->emplace([waiting] { waiting.resume(); });
      }
      std::thread::id await_resume() const { return std::this_thread::get_id(); }
      std::optional<std::thread>* thread;
    };
    std::optional<std::thread> thread;
    rt.block_on([](std::optional<std::thread>& other) -> Task<> {
      const auto there = co_await from_awaitable(OnAThread(other));
      EXPECT_EQ(there, other->get_id());
      EXPECT_NE(std::this_thread::get_id(), other->get_id());
      EXPECT_TRUE(runtime::Handle::try_current().has_value());
    }(thread));
    thread->join();
  });
}

TEST(R182, DestroyedWhileItWaitsTheForeignOperationGoesOn) {
  MockTask task;
  Operation operation;
  std::atomic<int> alive{0};
  struct Owns : Awaiter {
    Owns(Operation& waits_for, Counted owned) : Awaiter(waits_for), counted(std::move(owned)) {}
    Counted counted;
  };
  {
    Polled polled(from_awaitable(Owns(operation, Counted(alive))));
    EXPECT_FALSE(polled.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_EQ(alive.load(), 1) << "its awaiter is still there";
  operation.finish(1);
  EXPECT_EQ(alive.load(), 0);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(R182, TheAwaitableIsGoneBeforeTheTaskGoesOn) {
  MockTask task;
  Operation operation;
  std::atomic<int> alive{0};
  struct Owns : Awaiter {
    Owns(Operation& waits_for, Counted owned) : Awaiter(waits_for), counted(std::move(owned)) {}
    Counted counted;
  };
  Polled polled(from_awaitable(Owns(operation, Counted(alive))));
  EXPECT_FALSE(polled.poll(task));
  operation.finish(1);
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(alive.load(), 0);
}

TEST(R182, AnotherLibraryMayDestroyWhatItWasToResume) {
  MockTask task;
  Operation operation;
  Polled polled(from_awaitable(Awaiter(operation)));
  EXPECT_FALSE(polled.poll(task));
  operation.waiting.destroy();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.poll(task));
  EXPECT_THROW(polled.take(), RuntimeGone);
}

TEST(R182, NeverPolledItBeginsNothing) {
  Operation operation;
  std::atomic<int> alive{0};
  {
    auto waits =
        from_awaitable([&operation, counted = Counted(alive)] { return Awaiter(operation); });
    auto moved = std::move(waits);
    static_cast<void>(moved);
    EXPECT_EQ(alive.load(), 1);
  }
  EXPECT_EQ(alive.load(), 0);
  EXPECT_EQ(operation.waiting, nullptr);
}

TEST(R182, CompletingTakesOneUnitOfBudget) {
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < Budget::kUnits; ++i) {
    Polled polled(from_awaitable(ReadyAwaiter()));
    EXPECT_TRUE(polled.poll(task, budget));
  }
  Polled late(from_awaitable(ReadyAwaiter()));
  EXPECT_FALSE(late.poll(task, budget));
}

template <class A>
concept CanBeAwaited = requires(A&& awaitable) { from_awaitable(std::forward<A>(awaitable)); };
static_assert(CanBeAwaited<Awaiter>);
static_assert(!CanBeAwaited<Awaiter&>, "it may fire when the coroutine that holds it is gone");
static_assert(!CanBeAwaited<int>);

}  // namespace
}  // namespace weft
