// The detector of stalls, wherever the thread that holds a worker may be: lent to the runtime, on a
// fiber, in the middle of an allocation, with its signals blocked, or gone.

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pthread.h>
#include <source_location>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/eventfd.h>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/attach_support.h>
#include <tests/unit/runtime/multi_thread_support.h>
#include <tests/unit/runtime/stall_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_thread.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/stall/stall_monitor.h>
#include <weft/runtime/stall/stall_signal.h>
#include <weft/runtime/stall/stall_watch.h>
#include <weft/task/fiber.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using internal::StallMark;
using internal::StallMonitor;
using internal::StallQuestion;
using internal::StallWatch;
using test_support::Blocker;
using test_support::blocking_read;
using test_support::Kind;
using test_support::kKinds;
using test_support::LentThread;
using test_support::mentions;
using test_support::occupy_a_worker;
using test_support::Pipe;
using test_support::read_badly;
using test_support::Reports;

Runtime watched(Kind kind, Reports& reports) {
  return test_support::builder_of(kind).detect_stalls(1ms).on_stall(reports.hook()).build().value();
}

// Each in turn is worker 1, so the second finds the record of the first.
TEST(R172, AThreadThatIsLentIsReportedLikeAnyWorker) {
  Reports reports;
  Blocker blocker;
  Runtime rt = watched(Kind::kOneWorker, reports);
  occupy_a_worker(rt, blocker);
  for (int i = 0; i < 2; ++i) {
    Pipe pipe;
    LentThread lent(rt);
    auto task = rt.spawn(read_badly(pipe.reading_end()));
    const TaskId id = task.id();
    reports.wait_for(id);
    pipe.write_one();
    EXPECT_EQ(rt.block_on(task).value(), 'x');
    const auto ours = reports.of(id);
    EXPECT_EQ(ours.size(), 1u);
    if (ours.empty()) continue;
    EXPECT_EQ(ours[0].worker, 1u);
    EXPECT_TRUE(mentions(ours[0].backtrace, "blocking_read")) << ours[0].to_string();
  }
  blocker.release.set();
}

// A lent thread that blocks where it may is no worker meanwhile.
TEST(R172, BlockInPlaceOnALentThreadHoldsNoWorker) {
  Reports reports;
  Blocker blocker;
  Pipe pipe;
  Pipe other;
  Runtime rt = watched(Kind::kOneWorker, reports);
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  auto allowed = rt.spawn(
      [](const Pipe& held) -> Task<int> {
        co_return block_in_place([&] { return blocking_read(held.reading_end()); });
      },
      std::cref(pipe));
  const TaskId allowed_id = allowed.id();
  // The second lent thread takes the next place; that it is reported shows that there was time.
  LentThread second(rt);
  auto forbidden = rt.spawn(read_badly(other.reading_end()));
  reports.wait_for(forbidden.id());
  pipe.write_one();
  other.write_one();
  EXPECT_EQ(rt.block_on(allowed).value(), 'x');
  EXPECT_EQ(rt.block_on(forbidden).value(), 'x');
  for (const StallReport& report : reports.of(allowed_id)) {
    EXPECT_FALSE(mentions(report.backtrace, "blocking_read")) << report.to_string();
  }
  blocker.release.set();
}

TEST(R172, AFiberIsReportedWithItsOwnStack) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Reports reports;
    Pipe pipe;
    Runtime rt = watched(kind, reports);
    auto task =
        rt.spawn([](int fd) -> Task<int> { co_return co_await fiber::run(blocking_read, fd); },
                 pipe.reading_end());
    const TaskId id = task.id();
    std::thread releaser([&] {
      reports.wait_for(id);
      pipe.write_one();
    });
    EXPECT_EQ(rt.block_on(task).value(), 'x');
    releaser.join();
    const auto ours = reports.of(id);
    EXPECT_EQ(ours.size(), 1u);
    for (const StallReport& report : ours) {
      EXPECT_TRUE(mentions(report.backtrace, "blocking_read")) << report.to_string();
    }
  }
}

// Programs that wait for their signals on one thread block all of them on all others, before there
// are any.
TEST(R172, ThreadsThatInheritABlockedSignalAnswer) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::thread([kind] {
      ::sigset_t all;
      ::sigfillset(&all);
      EXPECT_EQ(::pthread_sigmask(SIG_BLOCK, &all, nullptr), 0);
      Reports reports;
      Pipe pipe;
      Runtime rt = watched(kind, reports);
      auto task = rt.spawn(read_badly(pipe.reading_end()));
      std::thread releaser([&] {
        reports.wait_for(task.id());
        pipe.write_one();
      });
      EXPECT_EQ(rt.block_on(task).value(), 'x');
      releaser.join();
    }).join();
  }
}

TEST(R172, TwoRuntimesReportTheirOwnTasks) {
  Reports first_reports;
  Reports second_reports;
  Pipe pipe;
  Runtime first = watched(Kind::kOneWorker, first_reports);
  Runtime second = watched(Kind::kOneWorker, second_reports);
  auto one = first.spawn(read_badly(pipe.reading_end()));
  auto other = second.spawn(read_badly(pipe.reading_end()));
  const std::pair ids(one.id(), other.id());
  first_reports.wait_for(ids.first);
  second_reports.wait_for(ids.second);
  pipe.write_one();
  pipe.write_one();
  EXPECT_EQ(first.block_on(one).value(), 'x');
  EXPECT_EQ(second.block_on(other).value(), 'x');
  EXPECT_EQ(first_reports.all().size(), 1u);
  EXPECT_EQ(second_reports.all().size(), 1u);
}

std::int64_t now_nanoseconds() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The event of an answer that was seen before it was raised does not end the next wait.
TEST(R172, AnEventThatComesLateIsNotTakenForSilence) {
  Reports reports;
  const auto monitor = std::make_shared<StallMonitor>(1ms, 1, reports.hook());
  ASSERT_TRUE(monitor->start().has_value());
  monitor->watch().raise_event();
  StallMark mark;
  monitor->watch().begin(0, nullptr, std::source_location::current(), now_nanoseconds(), mark);
  reports.wait_for(std::nullopt);
  StallWatch::end(mark);
  monitor->stop(true);
  for (const StallReport& report : reports.all()) EXPECT_FALSE(report.backtrace.empty());
}

// Without the detector's patience: asks a thread again and again while it does what a handler must
// not touch.
TEST(R172, AThreadIsAskedInTheMiddleOfAnything) {
  constexpr int kQuestions = 500;
  OwnedFd event = sys::eventfd(0, EFD_CLOEXEC).value();
  const int signal = internal::stall_signal().value();
  StallWatch watch(1ms, 1);
  watch.set_channel({.signal = signal, .event = event.raw()});
  std::atomic<int> number{0};
  std::atomic<bool> stop{false};
  std::thread holder([&] {
    StallMark mark;
    watch.begin(0, nullptr, std::source_location::current(), 1, mark);
    number.store(sys::gettid());
    for (std::size_t i = 0; !stop.load(); ++i) {
      const auto bytes = std::make_unique<std::string>(i % 4096, 'x');
      try {
        throw std::runtime_error(*bytes);
      } catch (const std::runtime_error&) {
      }
    }
    StallWatch::end(mark);
  });
  while (number.load() == 0) std::this_thread::yield();
  StallQuestion& question = watch.question();
  for (int i = 0; i < kQuestions; ++i) {
    question.ask(0);
    EXPECT_TRUE(sys::tgkill(number.load(), signal).has_value());
    std::array<std::byte, 8> count{};
    EXPECT_TRUE(sys::read(event, count).has_value());
    EXPECT_TRUE(question.take());
    EXPECT_EQ(watch.last_answer().stamp, 1);
    EXPECT_GT(watch.last_answer().depth, 2u);
  }
  stop.store(true);
  holder.join();
}

TEST(R172, AThreadThatHasEndedCannotBeAsked) {
  int number = 0;
  std::thread([&] { number = sys::gettid(); }).join();
  const int signal = internal::stall_signal().value();
  EXPECT_EQ(sys::tgkill(number, signal).error(), std::errc::no_such_process);
}

}  // namespace
}  // namespace weft::runtime
