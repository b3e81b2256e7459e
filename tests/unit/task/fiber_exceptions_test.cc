// Exceptions and fibers: the C++ runtime keeps per thread what is being handled and what is on its
// way; a fiber that suspends meanwhile takes that with it.
//
// Spec: R-164.

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/fiber.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;

std::string current_message() {
  const std::exception_ptr current = std::current_exception();
  if (current == nullptr) return "none";
  try {
    std::rethrow_exception(current);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "unknown";
  }
}

// Throws `name`, waits while it handles that, and says what it catches when it throws it again.
auto rethrows_after(Probe<int>& probe, std::string name) {
  return fiber::run(
      [&probe](const std::string& text) {
        try {
          try {
            throw std::runtime_error(text);
          } catch (const std::exception&) {
            fiber::await(probe.wait());
            EXPECT_EQ(current_message(), text);
            throw;
          }
        } catch (const std::runtime_error& again) {
          return std::string(again.what());
        }
      },
      std::move(name));
}

TEST(R164, AnAwaitInsideAHandlerKeepsWhatIsHandled) {
  MockTask task;
  Probe<int> first_may, second_may;
  Polled first(rethrows_after(first_may, "first"));
  Polled second(rethrows_after(second_may, "second"));
  EXPECT_FALSE(first.poll(task));
  EXPECT_EQ(current_message(), "none");
  EXPECT_FALSE(second.poll(task));
  EXPECT_EQ(current_message(), "none");
  // In the order in which they began: on one stack their handlers could not end so.
  first_may.complete(0);
  ASSERT_TRUE(first.poll(task));
  second_may.complete(0);
  ASSERT_TRUE(second.poll(task));
  EXPECT_EQ(first.take(), "first");
  EXPECT_EQ(second.take(), "second");
  EXPECT_EQ(current_message(), "none");
}

TEST(R164, WhatIsHandledFollowsTheFiberToAnotherThread) {
  MockTask task;
  Probe<int> first_may, second_may;
  Polled first(rethrows_after(first_may, "first"));
  Polled second(rethrows_after(second_may, "second"));
  EXPECT_FALSE(first.poll(task));
  std::thread([&] { EXPECT_FALSE(second.poll(task)); }).join();
  first_may.complete(0);
  second_may.complete(0);
  try {
    throw std::runtime_error("of the thread");
  } catch (const std::exception&) {
    EXPECT_TRUE(second.poll(task));
    EXPECT_EQ(current_message(), "of the thread");
  }
  std::thread([&] {
    EXPECT_TRUE(first.poll(task));
    EXPECT_EQ(current_message(), "none");
  }).join();
  EXPECT_EQ(first.take(), "first");
  EXPECT_EQ(second.take(), "second");
}

TEST(R164, AFiberDoesNotSeeWhatItsThreadHandles) {
  MockTask task;
  Polled polled(fiber::run([] { return current_message(); }));
  try {
    throw std::runtime_error("of the thread");
  } catch (const std::exception&) {
    ASSERT_TRUE(polled.poll(task));
    EXPECT_EQ(polled.take(), "none");
    EXPECT_EQ(current_message(), "of the thread");
  }
}

// A destructor that an exception of the code runs may await: nothing is being cancelled.
TEST(R164, ADestructorMayAwaitWhileAnExceptionIsOnItsWay) {
  MockTask task;
  Probe<int> probe;
  std::vector<int> uncaught;
  Polled polled(fiber::run([&] {
    try {
      const OnDestroy waits([&] {
        uncaught.push_back(std::uncaught_exceptions());
        fiber::await(probe.wait());
        uncaught.push_back(std::uncaught_exceptions());
      });
      throw std::runtime_error("on its way");
    } catch (const std::exception& caught) {
      uncaught.push_back(std::uncaught_exceptions());
      return std::string(caught.what());
    }
  }));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  probe.complete(0);
  std::thread([&] {
    EXPECT_TRUE(polled.poll(task));
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  }).join();
  EXPECT_EQ(polled.take(), "on its way");
  EXPECT_EQ(uncaught, (std::vector<int>{1, 1, 0}));
}

TEST(R164, AFiberThatIsUnwoundInsideAHandlerEndsTheHandlersToo) {
  MockTask task;
  Probe<int> never;
  bool was_destroyed = false;
  struct Payload {
    explicit Payload(bool& flag) : on_destroy([&flag] { flag = true; }) {}
    OnDestroy<std::function<void()>> on_destroy;
  };
  {
    Polled polled(fiber::run([&] {
      try {
        throw Payload(was_destroyed);
      } catch (const Payload&) {
        fiber::await(never.wait());
      }
    }));
    EXPECT_FALSE(polled.poll(task));
    EXPECT_FALSE(was_destroyed);
  }
  EXPECT_TRUE(was_destroyed);
  EXPECT_EQ(current_message(), "none");
  EXPECT_EQ(std::uncaught_exceptions(), 0);
}

TEST(R164, ManyFibersHandleExceptionsAtOnce) {
  on_every_kind([](Runtime& rt) {
    std::vector<JoinHandle<bool>> handles;
    for (int i = 0; i < 30; ++i) {
      handles.push_back(rt.spawn(
          [](int number) -> Task<bool> {
            auto code = [number] {
              bool is_right = true;
              for (int k = 0; k < 20; ++k) {
                const std::string text = std::to_string(number * 100 + k);
                try {
                  try {
                    throw std::runtime_error(text);
                  } catch (...) {
                    fiber::await(yield_now());
                    throw;
                  }
                } catch (const std::runtime_error& again) {
                  fiber::await(yield_now());
                  is_right = is_right && again.what() == text && current_message() == text;
                }
                is_right = is_right && std::current_exception() == nullptr;
              }
              return is_right;
            };
            co_return co_await fiber::run(code);
          },
          i));
    }
    for (auto& handle : handles) EXPECT_TRUE(rt.block_on(handle).value());
  });
}

}  // namespace
}  // namespace weft
