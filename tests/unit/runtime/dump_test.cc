// What a dump says of tasks.
//
// Where a test needs to know that a task is suspended, the task that awaits the dump runs on the
// same single thread: then none of the others is just being polled.

#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/dump_support.h>
#include <weft/runtime/cooperative.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/dump/dump_walk.h>
#include <weft/runtime/join.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/wait_report.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/builder.h>
#include <weft/task/local_set.h>
#include <weft/task/scope.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::contains;
using test_support::Deadlock;
using test_support::dump_here;
using test_support::Event;
using test_support::innermost;
using test_support::Kind;
using test_support::kLineOfInnermost;
using test_support::lines_of;
using test_support::middle;
using test_support::outermost;
using test_support::SlowProbe;
using test_support::wait_for;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = TaskDump::State;

// Kinds with one thread that runs tasks.
constexpr std::array kSingle = {Kind::kCurrentThread, Kind::kOneWorker};

// What `fn` makes, awaited in a task of the runtime.
template <class F>
auto in_task(Runtime& rt, F fn) {
  return rt.block_on(rt.spawn(fn)).value();
}

TEST(R150, ADeadlockOfTwoMutexesIsRecognisable) {
  for (const Kind kind : kSingle) {
    SCOPED_TRACE(name_of(kind));
    Deadlock deadlock;
    Runtime rt = test_support::make_runtime(kind);
    in_task(rt, [&deadlock]() -> Task<> {
      auto a = task::Builder().name("a").spawn(deadlock.a()).value();
      auto b = task::Builder().name("b").spawn(deadlock.b()).value();
      co_await join(deadlock.a_has_first.wait(), deadlock.b_has_second.wait());
      co_await yield_now();
      const Dump dump = co_await Handle::current().dump();
      const std::vector<std::vector<TaskId>> cycles = dump.cycles();
      EXPECT_THAT(cycles, ElementsAre(ElementsAre(a.id(), b.id()))) << dump.to_string();
      const std::string number_a = std::to_string(a.id().value());
      const std::string number_b = std::to_string(b.id().value());
      const std::string text = dump.to_string();
      const std::string name_a = "task " + number_a + " \"a\"";
      const std::string name_b = "task " + number_b + " \"b\"";
      EXPECT_PRED2(contains, text, "cycle of waits: " + name_a + " -> " + name_b + " -> " + name_a);
      EXPECT_PRED2(contains, text, "held by " + name_a + "\n");
      EXPECT_PRED2(contains, text, "held by " + name_b + "\n");
      a.abort();
      b.abort();
    });
  }
}

TEST(R150, WaitsThatEndAreNoCycle) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  const Dump dump = rt.block_on([](AsyncEvent& event) -> Task<Dump> {
    sync::Mutex<int> mutex;
    const auto guard = co_await mutex.lock();
    auto waiting = spawn(wait_for(event));
    auto joining =
        spawn([](JoinHandle<void> handle) -> Task<> { static_cast<void>(co_await handle); },
              std::move(waiting));
    auto locking = spawn(Deadlock::lock(mutex));
    Dump seen = co_await dump_here();
    locking.abort();
    event.set();
    static_cast<void>(co_await joining);
    co_return seen;
  }(go));
  EXPECT_THAT(dump.cycles(), IsEmpty()) << dump.to_string();
}

TEST(R150, EachTaskIsListedWithIdNameAndPlace) {
  test_support::on_every_kind([](Runtime& rt) {
    AsyncEvent go;
    const auto line = std::source_location::current().line();
    auto plain = rt.spawn(wait_for(go));
    auto named = task::Builder().name("second").spawn_on(rt.handle(), wait_for(go)).value();
    const Dump dump = rt.block_on(rt.handle().dump());
    const TaskDump* const first = dump.find(plain.id());
    const TaskDump* const second = dump.find(named.id());
    EXPECT_NE(first, nullptr);
    EXPECT_NE(second, nullptr);
    if (first == nullptr || second == nullptr) return;
    EXPECT_EQ(first->name(), "");
    EXPECT_EQ(second->name(), "second");
    EXPECT_EQ(first->spawned_at().line(), line + 1);
    EXPECT_EQ(second->spawned_at().line(), line + 2);
    EXPECT_PRED2(contains, first->spawned_at().file_name(), "dump_test.cc");
    EXPECT_EQ(first->kind(), TaskDump::Kind::kTask);
    EXPECT_EQ(dump.find(TaskId(UINT64_MAX)), nullptr);
    go.set();
    EXPECT_TRUE(rt.block_on(plain).has_value());
    EXPECT_TRUE(rt.block_on(named).has_value());
  });
}

TEST(R150, EveryFrameOfTheChainIsThereWithFunctionAndLine) {
  for (const Kind kind : kSingle) {
    SCOPED_TRACE(name_of(kind));
    AsyncEvent go;
    Runtime rt = test_support::make_runtime(kind);
    in_task(rt, [&go]() -> Task<> {
      auto task = spawn(outermost(go));
      co_await go.until_waiting(1);
      const Dump dump = co_await Handle::current().dump();
      const TaskDump& seen = *dump.find(task.id());
      EXPECT_EQ(seen.state(), State::kWaiting);
      EXPECT_THAT(lines_of(seen), ElementsAre("frame", ".frame", "..frame", "...event"));
      const auto chain = seen.chain();
      EXPECT_PRED2(contains, chain[0].function(), "outermost");
      EXPECT_PRED2(contains, chain[1].function(), "middle");
      EXPECT_PRED2(contains, chain[2].function(), "innermost");
      EXPECT_EQ(chain[2].where().line(), kLineOfInnermost);
      EXPECT_EQ(seen.sole_wait(), &chain[3]);
      go.set();
      static_cast<void>(co_await task);
    });
  }
}

TEST(R150, WhatCombinatorsContainIsShownInsideThem) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  rt.block_on([](AsyncEvent& event) -> Task<> {
    Task<> borrowed = innermost(event);
    auto task = spawn([&]() -> Task<> {
      co_await select(borrowed, time::timeout(1h, join(cooperative(event.wait()), middle(event))));
    });
    co_await event.until_waiting(3);
    const Dump dump = co_await Handle::current().dump();
    const TaskDump& seen = *dump.find(task.id());
    EXPECT_THAT(lines_of(seen),
                ElementsAre("frame", ".frame", "..select", "...frame", "....event", "...timeout",
                            "....join", ".....event", ".....frame", "......frame", ".......event"));
    EXPECT_EQ(seen.sole_wait(), nullptr) << "it waits for one of several";
    event.set();
    static_cast<void>(co_await task);
  }(go));
}

TEST(R150, ABodyOfAScopeIsShownAndItsChildrenAreTasks) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  rt.block_on([](AsyncEvent& event) -> Task<> {
    auto task = spawn([&event]() -> Task<> {
      co_await scope(
          [](Scope& scope, AsyncEvent& inner) -> Task<> {
            scope.spawn(wait_for(inner));
            co_await inner.wait();
          },
          std::ref(event));
    });
    co_await event.until_waiting(2);
    const Dump dump = co_await Handle::current().dump();
    EXPECT_THAT(lines_of(*dump.find(task.id())),
                ElementsAre("frame", ".frame", "..scope", "...frame", "....event"));
    std::size_t waiting = 0;
    for (const TaskDump& one : dump.tasks()) {
      waiting += one.kind() == TaskDump::Kind::kTask && one.state() == State::kWaiting ? 1 : 0;
    }
    EXPECT_EQ(waiting, 2U) << dump.to_string();
    event.set();
    static_cast<void>(co_await task);
  }(go));
}

Task<> descend(int depth, AsyncEvent& event) {
  if (depth > 0) {
    co_await descend(depth - 1, event);
  } else {
    co_await event.wait();
  }
}

TEST(R150, ADeepRecursionIsCut) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  rt.block_on([](AsyncEvent& event) -> Task<> {
    auto task = spawn(descend(1000, event));
    co_await event.until_waiting(1);
    const Dump dump = co_await Handle::current().dump();
    const auto chain = dump.find(task.id())->chain();
    EXPECT_EQ(chain.size(), 66U);
    EXPECT_EQ(chain[32].kind(), AwaitPoint::Kind::kOmitted);
    EXPECT_EQ(chain[32].number(), 1001U - 64U);
    EXPECT_EQ(chain.back().waiting_on(), "event");
    event.set();
    static_cast<void>(co_await task);
  }(go));
}

TEST(R150, ARunningTaskIsListedAsRunning) {
  Event running;
  Event release;
  Runtime rt = test_support::multi_thread(2);
  auto busy = task::Builder()
                  .name("busy")
                  .spawn_on(
                      rt.handle(),
                      [](Event& started, Event& end) -> Task<> {
                        started.set();
                        end.wait();
                        co_return;
                      },
                      std::ref(running), std::ref(release))
                  .value();
  running.wait();
  const Dump dump = rt.block_on(rt.handle().dump());
  const TaskDump* const seen = dump.find(busy.id());
  release.set();
  EXPECT_TRUE(rt.block_on(busy).has_value());
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->state(), State::kRunning);
  EXPECT_EQ(seen->name(), "busy");
  EXPECT_THAT(lines_of(*seen), IsEmpty());
  EXPECT_FALSE(seen->waiting_for().has_value());
  EXPECT_PRED2(contains, dump.to_string(), "\"busy\": running, spawned at");
}

TEST(R150, AQueuedTaskIsListedAsQueued) {
  for (const Kind kind : kSingle) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = test_support::make_runtime(kind);
    in_task(rt, []() -> Task<> {
      auto handle = task::Builder().name("next").spawn([]() -> Task<> { co_return; }).value();
      // All steps in this poll: meanwhile it stays in the queue.
      const Handle current = Handle::current();
      internal::DumpWalk walk(current.scheduler());
      while (!walk.step()) continue;
      const Dump dump = walk.finish();
      const TaskDump* const seen = dump.find(handle.id());
      EXPECT_NE(seen, nullptr);
      if (seen == nullptr) co_return;
      EXPECT_EQ(seen->state(), State::kQueued);
      EXPECT_EQ(seen->kind(), TaskDump::Kind::kTask);
      EXPECT_EQ(seen->name(), "next");
    });
  }
}

TEST(R150, ABlockingJobIsListed) {
  test_support::on_every_kind([](Runtime& rt) {
    Event running;
    Event release;
    auto job = rt.spawn_blocking([&] {
      running.set();
      release.wait();
    });
    running.wait();
    const Dump dump = rt.block_on(rt.handle().dump());
    const TaskDump* const seen = dump.find(job.id());
    release.set();
    EXPECT_TRUE(rt.block_on(job).has_value());
    EXPECT_NE(seen, nullptr);
    if (seen == nullptr) return;
    EXPECT_EQ(seen->state(), State::kRunning);
  });
}

TEST(R150, ATaskThatIsBeingCancelledSaysSo) {
  Runtime rt = test_support::current_thread();
  SlowProbe slow;
  rt.block_on([](SlowProbe& probe) -> Task<> {
    auto task = spawn([&probe]() -> Task<> { co_await probe.wait(); });
    co_await yield_now();
    task.abort();
    co_await yield_now();
    const Dump dump = co_await Handle::current().dump();
    EXPECT_EQ(probe.cancel_polls(), 1);
    EXPECT_EQ(dump.find(task.id())->state(), State::kCancelling);
    EXPECT_THAT(lines_of(*dump.find(task.id())), ElementsAre("frame", ".frame", "..slow probe"));
    probe.let_end();
    const auto result = co_await task;
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(probe.cancel_polls(), 2) << "the dump has polled it";
  }(slow));
}

TEST(R150, HowLongATaskWaitsIsToldInTheTimeOfItsRuntime) {
  AsyncEvent go;
  Runtime rt = test_support::paused_current_thread();
  rt.block_on([](AsyncEvent& event) -> Task<> {
    auto task = spawn(wait_for(event));
    auto sleeper = spawn([]() -> Task<> { co_await time::sleep(10s); });
    co_await time::sleep(3s);
    const Dump dump = co_await Handle::current().dump();
    EXPECT_EQ(dump.find(task.id())->waiting_for(), 3s);
    const TaskDump& sleeping = *dump.find(sleeper.id());
    EXPECT_EQ(sleeping.waiting_for(), 3s);
    const AwaitPoint* const wait = sleeping.sole_wait();
    EXPECT_NE(wait, nullptr);
    EXPECT_TRUE(wait != nullptr && wait->due_in() == 7s);
    EXPECT_PRED2(contains, dump.to_string(), "waiting on sleep, due in 7.000 s");
    event.set();
    static_cast<void>(co_await task);
  }(go));
}

// Waits for a promise that it names, and says so.
class Promised {
 public:
  class Node : public Leaf {
   public:
    explicit Node(AsyncEvent& event) : event_(event) {}
    bool poll(Context&) noexcept { return event_.is_set(); }
    void take() noexcept {}
    void describe(WaitReport& report) noexcept {
      report.object(&event_);
      report.note("made in vain", 3);
      report.note("and never kept");
      report.note("left out");
    }
    static constexpr const char* kWaitingOn = "promise";

   private:
    AsyncEvent& event_;
  };
  explicit Promised(AsyncEvent& event) : event_(&event) {}
  LeafAwaiter<Node> operator co_await() const { return LeafAwaiter<Node>(*event_); }

 private:
  AsyncEvent* event_;
};

TEST(R150, ALeafSaysWhatItKnows) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  rt.block_on([](AsyncEvent& event) -> Task<> {
    auto task = spawn([&event]() -> Task<> { co_await Promised(event); });
    co_await yield_now();
    const Dump dump = co_await Handle::current().dump();
    const AwaitPoint* const wait = dump.find(task.id())->sole_wait();
    EXPECT_NE(wait, nullptr);
    if (wait == nullptr) co_return;
    EXPECT_EQ(wait->waiting_on(), "promise");
    EXPECT_EQ(wait->object(), &event);
    EXPECT_EQ(wait->notes().size(), 2U);
    EXPECT_PRED2(contains, dump.to_string(), ", 3 made in vain, and never kept\n");
    task.abort();
  }(go));
}

TEST(R150, AJoinNamesTheTaskThatItWaitsFor) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  rt.block_on([](AsyncEvent& event) -> Task<> {
    auto first = task::Builder().name("first").spawn(wait_for(event)).value();
    const TaskId id = first.id();
    auto second =
        spawn([](JoinHandle<void> handle) -> Task<> { static_cast<void>(co_await handle); },
              std::move(first));
    co_await event.until_waiting(1);
    co_await yield_now();
    const Dump dump = co_await Handle::current().dump();
    const AwaitPoint* const wait = dump.find(second.id())->sole_wait();
    EXPECT_NE(wait, nullptr);
    if (wait == nullptr) co_return;
    EXPECT_TRUE(wait->is_join());
    EXPECT_EQ(wait->holder(), id);
    EXPECT_PRED2(contains, dump.to_string(),
                 "waiting on join of task " + std::to_string(id.value()) + " \"first\"");
    event.set();
    static_cast<void>(co_await second);
  }(go));
}

}  // namespace
}  // namespace weft::runtime
