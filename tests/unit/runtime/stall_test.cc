// The detector of stalls: a task that holds a worker for too long is reported, once, with the
// place.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <source_location>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/stall_support.h>
#include <unistd.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/stall_report.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/builder.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::blocking_read;
using test_support::Event;
using test_support::Kind;
using test_support::kKinds;
using test_support::mentions;
using test_support::Pipe;
using test_support::read_badly;
using test_support::Reports;

TEST(R172, ATaskThatBlocksIsReportedOnceWithItsPlaceAndItsStack) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Reports reports;
    Pipe pipe;
    std::optional<TaskId> id;
    std::uint_least32_t line = 0;
    {
      Runtime rt = test_support::builder_of(kind)
                       .detect_stalls(1ms)
                       .on_stall(reports.hook())
                       .build()
                       .value();
      line = std::source_location::current().line() + 1;
      auto task = rt.spawn(read_badly(pipe.reading_end()));
      id = task.id();
      std::thread releaser([&] {
        reports.wait_for(id);
        pipe.write_one();
      });
      // The read was interrupted by the signal and restarted: it has its byte.
      EXPECT_EQ(rt.block_on(task).value(), 'x');
      releaser.join();
    }
    const std::vector<StallReport> ours = reports.of(id);
    ASSERT_EQ(ours.size(), 1u);
    const StallReport& report = ours.front();
    EXPECT_NE(std::string(report.spawned_at.file_name()).find("stall_test.cc"), std::string::npos);
    EXPECT_EQ(report.spawned_at.line(), line);
    EXPECT_GE(report.held, 1ms);
    EXPECT_EQ(report.limit, 1ms);
    EXPECT_LT(report.worker, 2u);
    EXPECT_TRUE(mentions(report.backtrace, "blocking_read")) << report.to_string();
    // It begins where the thread was, not in the handler that looked.
    EXPECT_FALSE(mentions(report.backtrace, "StallWatch::answer")) << report.to_string();
    const std::string text = report.to_string();
    EXPECT_NE(text.find("task " + id->to_string()), std::string::npos) << text;
    EXPECT_NE(text.find("stall_test.cc:" + std::to_string(line)), std::string::npos) << text;
    EXPECT_NE(text.find("blocking_read"), std::string::npos) << text;
  }
}

TEST(R172, AReportHasTheNameOfTheTask) {
  Reports reports;
  Pipe pipe;
  Runtime rt = test_support::builder_of(Kind::kOneWorker)
                   .detect_stalls(1ms)
                   .on_stall(reports.hook())
                   .build()
                   .value();
  auto task =
      task::Builder().name("reader").spawn_on(rt.handle(), read_badly(pipe.reading_end())).value();
  const TaskId id = task.id();
  reports.wait_for(id);
  pipe.write_one();
  EXPECT_EQ(rt.block_on(task).value(), 'x');
  EXPECT_EQ(reports.all().front().name, "reader");
  EXPECT_TRUE(mentions({reports.all().front().to_string()}, "\"reader\""));
}

TEST(R172, TheArgumentOfBlockOnHoldsACurrentThreadRuntimeToo) {
  Reports reports;
  Pipe pipe;
  Runtime rt = test_support::builder_of(Kind::kCurrentThread)
                   .detect_stalls(1ms)
                   .on_stall(reports.hook())
                   .build()
                   .value();
  std::thread releaser([&] {
    reports.wait_for(std::nullopt);
    pipe.write_one();
  });
  const auto line = std::source_location::current().line() + 1;
  EXPECT_EQ(rt.block_on(read_badly(pipe.reading_end())), 'x');
  releaser.join();
  ASSERT_EQ(reports.all().size(), 1u);
  const StallReport report = reports.all().front();
  EXPECT_FALSE(report.task.has_value());
  EXPECT_EQ(report.spawned_at.line(), line);
  EXPECT_TRUE(mentions(report.backtrace, "blocking_read")) << report.to_string();
}

TEST(R172, ShortTasksAndParkedWorkersAreNotReported) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Reports reports;
    {
      Runtime rt =
          test_support::builder_of(kind).detect_stalls(1h).on_stall(reports.hook()).build().value();
      for (int i = 0; i < 100; ++i) {
        auto task = rt.spawn([]() -> Task<> {
          for (int turn = 0; turn < 10; ++turn) co_await yield_now();
        });
        EXPECT_TRUE(rt.block_on(task).has_value());
      }
    }
    EXPECT_TRUE(reports.all().empty());
  }
}

// The other worker sleeps all the while, longer than the limit.
TEST(R172, AWorkerThatIsParkedWhileAnotherIsHeldIsNotReported) {
  Reports reports;
  Pipe pipe;
  std::optional<TaskId> id;
  {
    Runtime rt = test_support::builder_of(Kind::kTwoWorkers)
                     .detect_stalls(1ms)
                     .on_stall(reports.hook())
                     .build()
                     .value();
    auto task = rt.spawn(read_badly(pipe.reading_end()));
    id = task.id();
    reports.wait_for(id);
    pipe.write_one();
    EXPECT_TRUE(rt.block_on(task).has_value());
  }
  ASSERT_EQ(reports.all().size(), 1u);
  EXPECT_EQ(reports.all().front().task, id);
}

TEST(R172, BlockInPlaceHoldsNoWorker) {
  Reports reports;
  Pipe first;
  Pipe second;
  Event blocks;
  Runtime rt = test_support::builder_of(Kind::kTwoWorkers)
                   .detect_stalls(1ms)
                   .on_stall(reports.hook())
                   .build()
                   .value();
  auto allowed = rt.spawn(
      [](const Pipe& pipe, Event& event) -> Task<int> {
        co_return block_in_place([&] {
          event.set();
          return blocking_read(pipe.reading_end());
        });
      },
      std::cref(first), std::ref(blocks));
  const TaskId allowed_id = allowed.id();
  blocks.wait();
  // It has blocked for longer than this one, which is reported.
  auto forbidden = rt.spawn(read_badly(second.reading_end()));
  reports.wait_for(forbidden.id());
  first.write_one();
  EXPECT_EQ(rt.block_on(allowed).value(), 'x');
  second.write_one();
  EXPECT_EQ(rt.block_on(forbidden).value(), 'x');
  // On a busy machine it may have been too slow to get there, but never in there.
  for (const StallReport& report : reports.of(allowed_id)) {
    EXPECT_FALSE(mentions(report.backtrace, "blocking_read")) << report.to_string();
  }
}

TEST(R172, WithoutAHookTheReportGoesToStandardError) {
  Pipe pipe;
  Pipe standard_error;
  const int kept = ::dup(STDERR_FILENO);
  ASSERT_EQ(::dup2(standard_error.writing_end(), STDERR_FILENO), STDERR_FILENO);
  std::string text;
  {
    Runtime rt = test_support::builder_of(Kind::kOneWorker).detect_stalls(1ms).build().value();
    auto task = rt.spawn(read_badly(pipe.reading_end()));
    std::array<char, 8192> bytes{};
    const ssize_t count = ::read(standard_error.reading_end(), bytes.data(), bytes.size());
    text.assign(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    pipe.write_one();
    EXPECT_TRUE(rt.block_on(task).has_value());
  }
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  EXPECT_EQ(text.find("weft: worker 0 has been held for "), 0u) << text;
}

TEST(R172, TheEnvironmentTurnsItOnAndNonsenseThereIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Reports reports;
  Pipe pipe;
  ::setenv("WEFT_STALL_MS", "1", 1);
  {
    Runtime rt =
        test_support::builder_of(Kind::kOneWorker).on_stall(reports.hook()).build().value();
    ::unsetenv("WEFT_STALL_MS");
    auto task = rt.spawn(read_badly(pipe.reading_end()));
    reports.wait_for(task.id());
    pipe.write_one();
    EXPECT_TRUE(rt.block_on(task).has_value());
  }
  for (const char* value : {"0", "-1", "soon", ""}) {
    ::setenv("WEFT_STALL_MS", value, 1);
    EXPECT_DEATH((void)Builder::new_current_thread().build(), "WEFT_STALL_MS") << value;
  }
  ::unsetenv("WEFT_STALL_MS");
}

TEST(R172, ALimitBelowAMillisecondIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(Builder::new_current_thread().detect_stalls(999us),
               "stall_test\\.cc:[0-9]+: .*detect_stalls");
}

TEST(R172, ARuntimeThatEndsWithoutWaitingLeavesAHeldTaskBehind) {
  Reports reports;
  Pipe pipe;
  Event ended;
  {
    Runtime rt = test_support::builder_of(Kind::kOneWorker)
                     .detect_stalls(1ms)
                     .on_stall(reports.hook())
                     .on_thread_stop([&] { ended.set(); })
                     .build()
                     .value();
    reports.wait_for(rt.spawn(read_badly(pipe.reading_end())).id());
    rt.shutdown_background();
  }
  pipe.write_one();
  ended.wait();
}

}  // namespace
}  // namespace weft::runtime
