// from_future: values of std::futures, by way of the blocking pool.

#include <weft/runtime/from_future.h>

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>

namespace weft {
namespace {

using test_support::Event;
using test_support::on_every_kind;

TEST(R181, YieldsTheValue) {
  on_every_kind([](runtime::Runtime& rt) {
    std::promise<std::unique_ptr<int>> promise;
    auto handle = rt.spawn(from_future(promise.get_future()));
    std::thread other([&] { promise.set_value(std::make_unique<int>(3)); });
    auto result = rt.block_on(handle);
    EXPECT_EQ(*result.value(), 3);
    other.join();
  });
}

TEST(R181, OfNothing) {
  on_every_kind([](runtime::Runtime& rt) {
    std::promise<void> promise;
    auto handle = rt.spawn(from_future(promise.get_future()));
    promise.set_value();
    EXPECT_TRUE(rt.block_on(handle).has_value());
  });
}

TEST(R181, OfAReference) {
  on_every_kind([](runtime::Runtime& rt) {
    int number = 1;
    std::promise<int&> promise;
    auto future = promise.get_future();
    promise.set_value(number);
    int& same = rt.block_on(from_future(std::move(future)));
    EXPECT_EQ(&same, &number);
  });
}

TEST(R181, RethrowsWhatItHolds) {
  on_every_kind([](runtime::Runtime& rt) {
    std::promise<int> late;
    auto handle = rt.spawn([](std::future<int> future) -> Task<> {
      EXPECT_THROW(co_await from_future(std::move(future)), std::runtime_error);
    }(late.get_future()));
    late.set_exception(std::make_exception_ptr(std::runtime_error("later")));
    EXPECT_TRUE(rt.block_on(handle).has_value());

    std::promise<int> broken;
    auto future = broken.get_future();
    {
      const auto gone = std::move(broken);
    }
    EXPECT_THROW(rt.block_on(from_future(std::move(future))), std::future_error);
  });
}

TEST(R181, AReadyOneTakesNoThread) {
  const runtime::Runtime rt =
      runtime::Builder::new_current_thread().max_blocking_threads(1).build().value();
  Event leave;
  auto occupied = rt.spawn_blocking([&leave] { leave.wait(); });
  std::promise<int> promise;
  promise.set_value(1);
  EXPECT_EQ(rt.block_on(from_future(promise.get_future())), 1);
  leave.set();
  EXPECT_TRUE(rt.block_on(occupied).has_value());
}

TEST(R181, ADeferredOneRunsOnTheBlockingPool) {
  on_every_kind([](runtime::Runtime& rt) {
    const auto caller = std::this_thread::get_id();
    auto deferred = std::async(std::launch::deferred, [] { return std::this_thread::get_id(); });
    EXPECT_NE(rt.block_on(from_future(std::move(deferred))), caller);
  });
}

TEST(R181, ASharedOneYieldsCopies) {
  on_every_kind([](runtime::Runtime& rt) {
    std::promise<int> promise;
    const std::shared_future<int> shared = promise.get_future().share();
    auto first = rt.spawn(from_future(shared));
    auto second = rt.spawn(from_future(shared));
    promise.set_value(2);
    EXPECT_EQ(rt.block_on(first).value(), 2);
    EXPECT_EQ(rt.block_on(second).value(), 2);
    EXPECT_EQ(shared.get(), 2);
  });
}

TEST(R181, TheCoroutineMayGoBeforeTheFuture) {
  on_every_kind([](runtime::Runtime& rt) {
    std::promise<int> promise;
    auto handle = rt.spawn([](std::future<int> future) -> Task<int> {
      co_return co_await from_future(std::move(future));
    }(promise.get_future()));
    rt.block_on(rt.spawn([]() -> Task<> { co_return; })).value();
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    promise.set_value(1);  // the thread that waits is let go, or the runtime's end would hang
  });
}

TEST(R181, AWaitThatHasNotBegunIsTakenBack) {
  const runtime::Runtime rt =
      runtime::Builder::new_current_thread().max_blocking_threads(1).build().value();
  Event leave;
  auto occupied = rt.spawn_blocking([&leave] { leave.wait(); });
  std::promise<int> never;
  auto handle = rt.spawn(from_future(never.get_future()));
  rt.block_on(rt.spawn([]() -> Task<> { co_return; })).value();
  handle.abort();
  EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
  leave.set();
  EXPECT_TRUE(rt.block_on(occupied).has_value());
}  // does not wait for `never`

TEST(R181, ARuntimeThatHasShutDownThrows) {
  runtime::Runtime rt = test_support::current_thread();
  const runtime::Handle handle = rt.handle();
  rt.shutdown_background();
  std::promise<int> never;
  EXPECT_THROW(handle.block_on(from_future(never.get_future())), RuntimeGone);
}

TEST(R181, AFutureWithoutAStateIsFatalAtTheCallersLine) {
  EXPECT_DEATH(static_cast<void>(from_future(std::future<int>())),
               "from_future_test.cc.*from_future: the future has no state");
  EXPECT_DEATH(static_cast<void>(from_future(std::shared_future<int>())),
               "from_future_test.cc.*from_future: the future has no state");
}

TEST(R181, OutsideEveryRuntimeIsFatalAtTheCallersLine) {
  std::promise<int> never;
  EXPECT_DEATH(runtime::block_on_this_thread(from_future(never.get_future())),
               "from_future_test.cc.*spawn_blocking: there is no reactor running");
}

}  // namespace
}  // namespace weft
