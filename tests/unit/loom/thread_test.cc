#include <weft/loom/thread.h>

#include <cerrno>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <pthread.h>
#include <string>
#include <type_traits>
#include <utility>

#include <weft/base/sys.h>
#include <weft/loom/mutex.h>

namespace {

namespace sys = weft::sys;
using weft::Result;
using weft::loom::Condvar;
using weft::loom::Mutex;
using weft::loom::Thread;

std::string own_name() {
  char name[16] = {};
  EXPECT_EQ(::pthread_getname_np(::pthread_self(), name, sizeof name), 0);
  return name;
}

std::size_t own_stack_size() {
  ::pthread_attr_t attributes;
  EXPECT_EQ(::pthread_getattr_np(::pthread_self(), &attributes), 0);
  std::size_t size = 0;
  EXPECT_EQ(::pthread_attr_getstacksize(&attributes, &size), 0);
  ::pthread_attr_destroy(&attributes);
  return size;
}

TEST(Thread, RunsAndJoins) {
  int ran = 0;
  Thread thread = Thread::spawn({}, [&] { ran = 1; }).value();
  EXPECT_TRUE(thread.joinable());
  thread.join();
  EXPECT_FALSE(thread.joinable());
  EXPECT_EQ(ran, 1);
}

TEST(Thread, IsMoveOnly) {
  static_assert(!std::is_copy_constructible_v<Thread>);
  static_assert(std::is_nothrow_move_constructible_v<Thread>);
  Thread a = Thread::spawn({}, [] {}).value();
  Thread b = std::move(a);
  EXPECT_FALSE(a.joinable());
  EXPECT_TRUE(b.joinable());
  a = std::move(b);
  EXPECT_TRUE(a.joinable());
  EXPECT_FALSE(b.joinable());
  a.join();
  EXPECT_FALSE(Thread().joinable());
}

TEST(Thread, FunctionMayBeMoveOnlyAndDiesOnItsThread) {
  struct Probe {
    ~Probe() { *died_on = ::pthread_self(); }
    ::pthread_t* died_on;
  };
  ::pthread_t ran_on{};
  ::pthread_t died_on{};
  auto probe = std::unique_ptr<Probe>(new Probe{&died_on});
  Thread::spawn({}, [&ran_on, probe = std::move(probe)] { ran_on = ::pthread_self(); })
      .value()
      .join();
  EXPECT_TRUE(::pthread_equal(ran_on, died_on));
  EXPECT_FALSE(::pthread_equal(died_on, ::pthread_self()));
}

TEST(Thread, NameIsCutToFifteenBytes) {
  std::string name;
  Thread::spawn({.name = "weft-worker"}, [&] { name = own_name(); }).value().join();
  EXPECT_EQ(name, "weft-worker");
  Thread::spawn({.name = "0123456789abcdefgh"}, [&] { name = own_name(); }).value().join();
  EXPECT_EQ(name, "0123456789abcde");
  Thread::spawn({}, [&] { name = own_name(); }).value().join();
  EXPECT_EQ(name, own_name());
}

TEST(Thread, StackHasAtLeastTheSizeAskedFor) {
  std::size_t size = 0;
  Thread::spawn({.stack_size = (1u << 20) + 1}, [&] { size = own_stack_size(); }).value().join();
  EXPECT_GT(size, 1u << 20);
  EXPECT_LT(size, 2u << 20);
  Thread::spawn({.stack_size = 1}, [&] { size = own_stack_size(); }).value().join();
  EXPECT_GE(size, static_cast<std::size_t>(PTHREAD_STACK_MIN));
}

TEST(Thread, ImpossibleStackIsAnError) {
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  bool ran = false;
  const Result<Thread> thread = Thread::spawn({.stack_size = huge}, [&] { ran = true; });
  EXPECT_FALSE(thread.has_value());
  EXPECT_FALSE(ran);
}

TEST(Thread, FailureToCreateIsAResultAndFreesTheFunction) {
  sys::Table table;
  table.pthread_create = [](::pthread_t*, const ::pthread_attr_t*, void* (*)(void*), void*) {
    return EAGAIN;
  };
  const sys::TableScope scope(table);
  const auto held = std::make_shared<int>(1);
  bool ran = false;
  const Result<Thread> thread = Thread::spawn({}, [held, &ran] { ran = true; });
  ASSERT_FALSE(thread.has_value());
  EXPECT_EQ(thread.error(), std::errc::resource_unavailable_try_again);
  EXPECT_FALSE(ran);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Thread, DetachedThreadRunsOn) {
  struct Shared {
    Mutex mutex;
    Condvar changed;
    bool may_run = false;
    bool ran = false;
  };
  const auto shared = std::make_shared<Shared>();
  Thread thread = Thread::spawn({}, [shared] {
                    std::unique_lock lock(shared->mutex);
                    shared->changed.wait(lock, [&] { return shared->may_run; });
                    shared->ran = true;
                    shared->changed.notify_all();
                  }).value();
  thread.detach();
  EXPECT_FALSE(thread.joinable());
  std::unique_lock lock(shared->mutex);
  shared->may_run = true;
  shared->changed.notify_all();
  shared->changed.wait(lock, [&] { return shared->ran; });
  EXPECT_TRUE(shared->ran);
}

TEST(Thread, HintsReturn) {
  weft::loom::spin_hint();
  static int yields = 0;
  yields = 0;
  sys::Table table;
  table.sched_yield = [] { return ++yields; };
  const sys::TableScope scope(table);
  weft::loom::yield_thread();
  EXPECT_EQ(yields, 1);
}

class ThreadDeathTest : public testing::Test {
 protected:
  ThreadDeathTest() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

TEST_F(ThreadDeathTest, MisuseIsFatal) {
  Thread none;
  const std::string here = "thread_test\\.cc:[0-9]+: ";
  EXPECT_DEATH(none.join(), here + "loom::Thread::join: there is no thread to join");
  EXPECT_DEATH(none.detach(), here + "loom::Thread::detach: there is no thread to detach");
  EXPECT_DEATH(
      { const Thread left = Thread::spawn({}, [] {}).value(); },
      "destroyed while its thread is neither joined nor detached");
  EXPECT_DEATH(
      {
        Thread left = Thread::spawn({}, [] {}).value();
        left = Thread();
      },
      "assigned to while its thread is neither joined nor detached");
}

TEST_F(ThreadDeathTest, JoiningItselfIsFatal) {
  EXPECT_DEATH(
      {
        Mutex mutex;
        Condvar changed;
        Thread* self = nullptr;
        Thread thread = Thread::spawn({}, [&] {
                          std::unique_lock lock(mutex);
                          changed.wait(lock, [&] { return self != nullptr; });
                          self->join();
                        }).value();
        std::unique_lock lock(mutex);
        self = &thread;
        changed.notify_all();
        changed.wait(lock, [] { return false; });
      },
      "a thread cannot join itself");
}

TEST_F(ThreadDeathTest, ExceptionThatLeavesTheFunctionEndsTheProgram) {
  EXPECT_DEATH(Thread::spawn({}, [] { throw 1; }).value().join(), "");
}

}  // namespace
