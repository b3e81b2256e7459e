// Threads that lend themselves to a runtime: hooks, errors, limits, and what is fatal.

#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/attach_support.h>
#include <tests/unit/runtime/multi_thread_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/runtime.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::Blocker;
using test_support::LentThread;
using test_support::multi_thread;
using test_support::occupy_a_worker;
using test_support::this_thread;

TEST(R165, ThreadHooksAreCalledAroundIt) {
  std::mutex mutex;
  std::vector<std::pair<std::thread::id, std::string>> log;
  const auto note = [&](std::string what) {
    const std::lock_guard lock(mutex);
    log.emplace_back(std::this_thread::get_id(), std::move(what));
  };
  Blocker blocker;
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_start([&] { note("start"); })
                   .on_thread_stop([&] { note("stop"); })
                   .build()
                   .value();
  occupy_a_worker(rt, blocker);
  std::stop_source stop;
  (void)rt.spawn([&]() -> Task<> {
    note("task");
    stop.request_stop();
    co_return;
  });
  EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  std::vector<std::string> own;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [thread, what] : log) {
      if (thread == std::this_thread::get_id()) own.push_back(what);
    }
  }
  EXPECT_EQ(own, (std::vector<std::string>{"start", "task", "stop"}));
  EXPECT_FALSE(Handle::try_current().has_value());
  blocker.release.set();
}

TEST(R165, WithoutADescriptorItFailsAndLeavesTheRuntimeAlone) {
  Runtime rt = multi_thread(1);
  std::stop_source stop;
  {
    sys::Table table;
    table.epoll_create1 = [](int) {
      errno = EMFILE;
      return -1;
    };
    const sys::TableScope scope(table);
    const std::optional<Error> error = rt.attach_current_thread(stop.get_token());
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(*error, std::errc::too_many_files_open);
  }
  EXPECT_EQ(rt.metrics().num_workers(), 1U);
  Blocker blocker;
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  EXPECT_EQ(rt.block_on(rt.spawn(this_thread)).value(), lent.id());
  blocker.release.set();
}

TEST(R165, UnderAnEnterGuardItIsAllowed) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  std::stop_source stop;
  auto task = rt.spawn([&stop]() -> Task<> {
    stop.request_stop();
    co_return;
  });
  const auto entered = rt.enter();
  EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  EXPECT_TRUE(task.is_finished());
  blocker.release.set();
}

TEST(R165, OneMayFollowAnotherUpToTheLimit) {
  Blocker blocker;
  Runtime rt =
      Builder::new_multi_thread().worker_threads(1).max_attached_threads(1).build().value();
  occupy_a_worker(rt, blocker);
  for (int i = 0; i < 3; ++i) {
    std::stop_source stop;
    auto task = rt.spawn([&stop]() -> Task<> {
      stop.request_stop();
      co_return;
    });
    EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
    EXPECT_TRUE(task.is_finished());
  }
  blocker.release.set();
}

TEST(R165, BeyondTheLimitItIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt =
            Builder::new_multi_thread().worker_threads(1).max_attached_threads(0).build().value();
        rt.attach_current_thread(std::stop_token());
      },
      "attach_misuse_test\\.cc:[0-9]+: .*Builder::max_attached_threads");
  EXPECT_DEATH(
      {
        Blocker blocker;
        Runtime rt =
            Builder::new_multi_thread().worker_threads(1).max_attached_threads(1).build().value();
        occupy_a_worker(rt, blocker);
        LentThread lent(rt);
        EXPECT_TRUE(rt.block_on(rt.spawn(this_thread)).has_value());
        rt.attach_current_thread(std::stop_token());
      },
      "attach_misuse_test\\.cc:[0-9]+: .*Builder::max_attached_threads");
}

TEST(R165, OnAThreadThatDrivesAsyncCodeItIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto attach = [](Runtime& rt) -> Task<> {
    rt.attach_current_thread(std::stop_token());
    co_return;
  };
  EXPECT_DEATH(
      {
        Runtime rt = multi_thread(1);
        rt.block_on(attach(rt));
      },
      "attach_misuse_test\\.cc:[0-9]+: .*drives async code already");
  EXPECT_DEATH(
      {
        Runtime rt = multi_thread(1);
        (void)rt.block_on(rt.spawn(attach(rt)));
      },
      "attach_misuse_test\\.cc:[0-9]+: .*drives async code already");
}

TEST(R165, ACurrentThreadRuntimeHasNoWorkers) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        rt.attach_current_thread(std::stop_token());
      },
      "attach_misuse_test\\.cc:[0-9]+: .*only a multi_thread runtime");
}

TEST(R165, ALentThreadMustNotWaitForTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Blocker blocker;
        Runtime rt = multi_thread(1);
        occupy_a_worker(rt, blocker);
        (void)rt.spawn([&]() -> Task<> {
          blocker.release.set();
          block_in_place([&rt] { rt.shutdown_timeout(1h); });
          co_return;
        });
        rt.attach_current_thread(std::stop_token());
      },
      "on a thread that is attached to it");
}

}  // namespace
}  // namespace weft::runtime
