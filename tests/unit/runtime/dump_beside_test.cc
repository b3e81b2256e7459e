// A dump beside everything that tasks do: they notice nothing of it.

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/dump_support.h>
#include <weft/runtime/block_on.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/join.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/sync/mutex.h>
#include <weft/sync/oneshot.h>
#include <weft/task/local_set.h>

namespace weft::runtime {
namespace {

using test_support::AsyncEvent;
using test_support::Deadlock;
using test_support::Event;
using test_support::Kind;
using State = TaskDump::State;

// Makes dumps of a runtime for as long as it lives.
class Dumper {
 public:
  explicit Dumper(Handle handle)
      : thread_([this, target = std::move(handle)] {
          do {
            const Dump dump = block_on_this_thread(target.dump());
            if (dump.to_string().empty()) std::abort();
            ++dumps_;
          } while (!is_over_);
        }) {}
  ~Dumper() {
    is_over_ = true;
    thread_.join();
    EXPECT_GE(dumps_, 1);
  }

 private:
  std::atomic<bool> is_over_{false};
  std::atomic<int> dumps_{0};
  std::thread thread_;
};

Task<int> ping(int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    auto [sender, receiver] = sync::oneshot::channel<int>();
    static_cast<void>(spawn(
        [](sync::oneshot::Sender<int> answer) -> Task<> {
          co_await yield_now();
          static_cast<void>(answer.send(1));
        },
        std::move(sender)));
    const auto received = co_await receiver;
    sum += received.value();
  }
  co_return sum;
}

TEST(R150, TasksRunCorrectlyWhileTheyAreDumped) {
  for (const Kind kind : {Kind::kCurrentThread, Kind::kTwoWorkers}) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = test_support::make_runtime(kind);
    const Dumper first(rt.handle());
    const Dumper second(rt.handle());
    constexpr int kTasks = 20;
    constexpr int kRounds = 50;
    std::vector<JoinHandle<int>> handles;
    for (int i = 0; i < kTasks; ++i) handles.push_back(rt.spawn(ping(kRounds)));
    for (auto& handle : handles) EXPECT_EQ(rt.block_on(handle).value(), kRounds);
  }
}

TEST(R150, TasksAreAbortedWhileTheyAreDumped) {
  AsyncEvent never;
  Runtime rt = test_support::multi_thread(2);
  const Dumper dumper(rt.handle());
  for (int i = 0; i < 200; ++i) {
    auto task =
        rt.spawn([](AsyncEvent& event) -> Task<> { co_await event.wait(); }, std::ref(never));
    if (i % 2 == 0) rt.block_on(never.until_waiting(1));
    task.abort();
    EXPECT_FALSE(rt.block_on(task).has_value());
  }
  EXPECT_EQ(never.waiting(), 0U);
}

TEST(R150, ARuntimeEndsWhileItIsDumped) {
  for (const Kind kind : {Kind::kCurrentThread, Kind::kTwoWorkers}) {
    SCOPED_TRACE(name_of(kind));
    for (int i = 0; i < 50; ++i) {
      std::optional<Runtime> rt = test_support::make_runtime(kind);
      AsyncEvent never;
      std::vector<JoinHandle<void>> handles;
      for (int j = 0; j < 10; ++j) {
        handles.push_back(
            rt->spawn([](AsyncEvent& event) -> Task<> { co_await event.wait(); }, std::ref(never)));
      }
      rt->block_on(never.until_waiting(10));
      const Dumper dumper(rt->handle());
      rt.reset();
      EXPECT_EQ(never.waiting(), 0U) << "a task that the dump held was forgotten";
      for (auto& handle : handles) EXPECT_FALSE(block_on_this_thread(handle).has_value());
    }
  }
}

TEST(R150, ALocalSetEndsWhileItIsDumped) {
  Runtime rt = test_support::current_thread();
  const Dumper dumper(rt.handle());
  for (int i = 0; i < 100; ++i) {
    AsyncEvent never;
    {
      LocalSet set;
      for (int j = 0; j < 5; ++j) {
        static_cast<void>(set.spawn_local(
            [](AsyncEvent& event) -> Task<> { co_await event.wait(); }, std::ref(never)));
      }
      rt.block_on(set.run_until(never.until_waiting(5)));
    }
    EXPECT_EQ(never.waiting(), 0U);
  }
}

TEST(R150, SeveralDumpsAtOnceSeeTheSame) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  rt.block_on([](AsyncEvent& event) -> Task<> {
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 200; ++i) {
      tasks.push_back(spawn([&event]() -> Task<> { co_await event.wait(); }));
    }
    co_await event.until_waiting(200);
    const Handle here = Handle::current();
    const auto [a, b, c] = co_await join(here.dump(), here.dump(), here.dump());
    for (const Dump* dump : {&a, &b, &c}) {
      for (const auto& task : tasks) {
        const TaskDump* const seen = dump->find(task.id());
        EXPECT_NE(seen, nullptr);
        EXPECT_TRUE(seen != nullptr && seen->state() == State::kWaiting);
      }
    }
    event.set();
    for (auto& task : tasks) static_cast<void>(co_await task);
  }(go));
}

TEST(R150, ADumpThatIsDestroyedLeavesNoTrace) {
  test_support::on_every_kind([](Runtime& rt) {
    AsyncEvent go;
    std::vector<JoinHandle<int>> tasks;
    for (int i = 0; i < 200; ++i) {
      tasks.push_back(rt.spawn(
          [](AsyncEvent& event) -> Task<int> {
            char large[3000] = {};
            co_await event.wait();
            co_return large[0];
          },
          std::ref(go)));
    }
    rt.block_on(go.until_waiting(200));
    for (int polls = 0; polls < 8; ++polls) {
      auto leaf = rt.handle().dump().operator co_await();
      Context cx(Waker::noop());
      for (int i = 0; i < polls; ++i) {
        if (leaf.node().poll(cx)) break;
      }
    }
    go.set();
    for (auto& task : tasks) EXPECT_EQ(rt.block_on(task).value(), 0);
  });
}

TEST(R150, TheSpawnHookAndThePollsOfOthersKnowNothingOfADump) {
  std::atomic<int> polls{0};
  AsyncEvent go;
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_before_task_poll([&polls](const TaskMeta&) { ++polls; })
                   .build()
                   .value();
  auto task = rt.spawn([](AsyncEvent& event) -> Task<> { co_await event.wait(); }, std::ref(go));
  rt.block_on(go.until_waiting(1));
  for (int i = 0; i < 10; ++i) static_cast<void>(rt.block_on(rt.handle().dump()));
  EXPECT_EQ(polls, 1);
  go.set();
  EXPECT_TRUE(rt.block_on(task).has_value());
}

// --- The signal

class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~ScopedVariable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

// Writes what the process writes to stderr until `end` is in it to the stderr of before.
void show_stderr_until(std::string_view end) {
  int ends[2];
  const int before = ::dup(STDERR_FILENO);
  if (::pipe(ends) != 0 || ::dup2(ends[1], STDERR_FILENO) < 0) std::_Exit(2);
  ::raise(SIGUSR1);
  std::string text;
  char byte = 0;
  while (text.find(end) == std::string::npos && ::read(ends[0], &byte, 1) == 1) text += byte;
  if (::write(before, text.data(), text.size()) < 0) std::_Exit(3);
}

// In a process of its own: the handler stays.
[[noreturn]] void dump_a_deadlock_by_signal() {
  const ScopedVariable variable("WEFT_DUMP_SIGNAL", "USR1");
  static Deadlock deadlock;
  Event blocked;
  Runtime rt = Builder::new_multi_thread().worker_threads(1).name("stuck").build().value();
  static_cast<void>(rt.spawn(deadlock.a()));
  static_cast<void>(rt.spawn(deadlock.b()));
  rt.block_on(join(deadlock.a_has_first.wait(), deadlock.b_has_second.wait()));
  // The only worker is kept busy for good: nobody of the runtime helps with the dump. It begins
  // after both have been polled to where they wait.
  static_cast<void>(rt.spawn(
      [](Event& stuck) -> Task<> {
        for (int i = 0; i < 4; ++i) co_await yield_now();
        stuck.set();
        for (;;) ::pause();
      },
      std::ref(blocked)));
  blocked.wait();
  show_stderr_until("cycle of waits: ");
  std::_Exit(0);
}

TEST(R150, ASignalDumpsARuntimeWhoseThreadsAreAllStuck) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(dump_a_deadlock_by_signal(), ::testing::ExitedWithCode(0),
              "weft: dump of runtime [0-9]+ \"stuck\", multi_thread, 1 workers(.|\n)*waiting on "
              "mutex(.|\n)*cycle of waits");
}

TEST(R150, AValueThatIsNoSignalIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const char* value : {"", "usr1", "SIGUSR1", "USR2", "10"}) {
    const ScopedVariable variable("WEFT_DUMP_SIGNAL", value);
    EXPECT_DEATH((void)Builder::new_multi_thread().build(),
                 "dump_beside_test\\.cc:[0-9]+: .*WEFT_DUMP_SIGNAL has to be QUIT or USR1")
        << value;
  }
}

}  // namespace
}  // namespace weft::runtime
