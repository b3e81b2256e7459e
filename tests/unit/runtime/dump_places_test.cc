// Where a dump finds tasks: large frames, LocalSets, local runtimes, block_on; and where it does
// not.

#include <array>
#include <optional>
#include <source_location>
#include <string>
#include <sys/eventfd.h>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/dump_support.h>
#include <weft/base/sys.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/local_set.h>

namespace weft::runtime {
namespace {

using test_support::AsyncEvent;
using test_support::contains;
using test_support::Deadlock;
using test_support::innermost;
using test_support::Kind;
using test_support::lines_of;
using test_support::outermost;
using test_support::wait_for;
using ::testing::ElementsAre;
using State = TaskDump::State;

// Kinds with one thread that runs tasks.
constexpr std::array kSingle = {Kind::kCurrentThread, Kind::kOneWorker};

TEST(R150, FramesThatAreTooLargeForASlabAreFound) {
  test_support::on_every_kind([](Runtime& rt) {
    AsyncEvent go;
    auto task = rt.spawn(
        [](AsyncEvent& event) -> Task<int> {
          std::array<int, 2000> kept{};
          co_await event.wait();
          int sum = 0;
          for (const int value : kept) sum += value;
          co_return sum;
        },
        std::ref(go));
    const Dump dump = rt.block_on(rt.handle().dump());
    EXPECT_NE(dump.find(task.id()), nullptr);
    go.set();
    EXPECT_EQ(rt.block_on(task).value(), 0);
  });
}

TEST(R150, TasksOfALocalSetAreListedAndGoOn) {
  for (const Kind kind : kSingle) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = test_support::make_runtime(kind);
    AsyncEvent go;
    LocalSet set;
    auto local = set.spawn_local(outermost(go));
    const Dump dump = rt.block_on(set.run_until([](AsyncEvent& event) -> Task<Dump> {
      co_await event.until_waiting(1);
      co_await yield_now();
      Dump seen = co_await Handle::current().dump();
      co_return seen;
    }(go)));
    const TaskDump* const seen = dump.find(local.id());
    ASSERT_NE(seen, nullptr) << dump.to_string();
    EXPECT_EQ(seen->kind(), TaskDump::Kind::kLocal);
    EXPECT_EQ(seen->state(), State::kWaiting);
    EXPECT_THAT(lines_of(*seen), ElementsAre("frame", ".frame", "..frame", "...event"));
    go.set();
    EXPECT_TRUE(rt.block_on(set.run_until(std::move(local))).has_value());
  }
}

TEST(R150, ALocalRuntimeIsDumped) {
  AsyncEvent go;
  LocalRuntime rt = Builder::new_current_thread().enable_all().build_local().value();
  auto local = rt.spawn_local(outermost(go));
  const Dump dump = rt.block_on([](AsyncEvent& event) -> Task<Dump> {
    co_await event.until_waiting(1);
    Dump seen = co_await Handle::current().dump();
    co_return seen;
  }(go));
  const TaskDump* const seen = dump.find(local.id());
  ASSERT_NE(seen, nullptr);
  EXPECT_THAT(lines_of(*seen), ElementsAre("frame", ".frame", "..frame", "...event"));
  go.set();
  EXPECT_TRUE(rt.block_on(local).has_value());
}

TEST(R150, BlockOnIsListedWithWhatItWaitsFor) {
  AsyncEvent go;
  Runtime rt = test_support::current_thread();
  std::optional<Dump> dump;
  const auto line = std::source_location::current().line() + 1;
  rt.block_on([](AsyncEvent& event, std::optional<Dump>& seen) -> Task<> {
    auto dumper = spawn([&event, &seen]() -> Task<> {
      co_await event.until_waiting(1);
      seen = co_await Handle::current().dump();
      event.set();
    });
    co_await innermost(event);
    static_cast<void>(co_await dumper);
  }(go, dump));
  ASSERT_TRUE(dump.has_value());
  const TaskDump& root = dump->tasks()[0];
  EXPECT_EQ(root.kind(), TaskDump::Kind::kBlockOn);
  EXPECT_EQ(root.id(), TaskId(0));
  EXPECT_EQ(root.spawned_at().line(), line);
  EXPECT_THAT(lines_of(root), ElementsAre("frame", ".frame", "..event"));
}

TEST(R150, AThreadParkedInBlockOnIsReadByOthers) {
  for (const Kind kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = test_support::make_runtime(kind);
    AsyncEvent go;
    std::thread blocked([&] { rt.block_on(outermost(go)); });
    Runtime other = test_support::current_thread();
    // Parked some time after it waits for the event, with nothing to tell when.
    other.block_on([](Handle target, AsyncEvent& event) -> Task<> {
      co_await event.until_waiting(1);
      for (;;) {
        const Dump dump = co_await target.dump();
        const auto tasks = dump.tasks();
        if (tasks.empty() || tasks[0].chain().empty()) continue;
        EXPECT_EQ(tasks[0].kind(), TaskDump::Kind::kBlockOn);
        EXPECT_THAT(lines_of(tasks[0]), ElementsAre("frame", ".frame", "..frame", "...event"));
        break;
      }
      event.set();
    }(rt.handle(), go));
    blocked.join();
  }
}

TEST(R150, AMutexHeldByBlockOnNamesIt) {
  sync::Mutex<int> mutex;
  Runtime rt = test_support::current_thread();
  const std::string text = rt.block_on([](sync::Mutex<int>& held) -> Task<std::string> {
    const auto guard = co_await held.lock();
    auto task = spawn(Deadlock::lock(held));
    co_await yield_now();
    const Dump dump = co_await Handle::current().dump();
    const AwaitPoint* const wait = dump.find(task.id())->sole_wait();
    EXPECT_NE(wait, nullptr);
    EXPECT_TRUE(wait != nullptr && !wait->holder().has_value()) << "it is no task";
    task.abort();
    co_return dump.to_string();
  }(mutex));
  EXPECT_PRED2(contains, text, ", held by block_on at ");
}

TEST(R150, AWaitForADescriptorNamesIt) {
  Runtime rt = test_support::current_thread();
  rt.block_on([]() -> Task<> {
    OwnedFd event = sys::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC).value();
    const std::string number = std::to_string(event.raw());
    const auto here = std::source_location::current();
    auto made = internal::IoRegistration::create(std::move(event), internal::IoKind::kPipe, here);
    const internal::IoRegistration& registration = made.value();
    auto task =
        spawn([&registration]() -> Task<> { static_cast<void>(co_await registration.readable()); });
    co_await yield_now();
    const Dump dump = co_await Handle::current().dump();
    EXPECT_PRED2(contains, dump.to_string(),
                 "waiting on io readiness, " + number + " is the descriptor, to read\n");
    task.abort();
    static_cast<void>(co_await task);
  }());
}

TEST(R150, OtherRuntimesAreNotInIt) {
  AsyncEvent go;
  Runtime mine = test_support::multi_thread(1);
  Runtime other = test_support::multi_thread(1);
  auto a = mine.spawn(wait_for(go));
  auto b = other.spawn(wait_for(go));
  const Dump dump = mine.block_on(mine.handle().dump());
  EXPECT_NE(dump.find(a.id()), nullptr);
  EXPECT_EQ(dump.find(b.id()), nullptr);
  const Dump from_outside = mine.block_on(other.handle().dump());
  EXPECT_EQ(from_outside.find(a.id()), nullptr);
  EXPECT_NE(from_outside.find(b.id()), nullptr);
  go.set();
}

TEST(R150, ARuntimeThatHasEndedHasNoTasks) {
  AsyncEvent go;
  std::optional<Runtime> rt = test_support::multi_thread(1);
  const Handle handle = rt->handle();
  auto task = rt->spawn(wait_for(go));
  rt.reset();
  Runtime other = test_support::current_thread();
  const Dump dump = other.block_on(handle.dump());
  EXPECT_EQ(dump.find(task.id()), nullptr);
}

}  // namespace
}  // namespace weft::runtime
