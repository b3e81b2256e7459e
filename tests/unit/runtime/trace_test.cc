// The trace: a file that says what the threads of a runtime did, in a form that viewers open.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <source_location>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/json.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/trace_support.h>
#include <unistd.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/observe/observe_config.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/trace/trace.h>
#include <weft/runtime/trace/trace_ring.h>
#include <weft/runtime/trace/trace_text.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/builder.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using internal::trace_to_json;
using internal::TraceEvent;
using internal::TraceKind;
using internal::TraceRing;
using internal::TraceTrack;
using test_support::AsyncEvent;
using test_support::check_trace;
using test_support::contents_of;
using test_support::Directory;
using test_support::Json;
using test_support::Kind;
using test_support::kKinds;
using test_support::nanoseconds;

Task<> wait_and_sleep(AsyncEvent& go) {
  co_await go.wait();
  co_await time::sleep(20ms);
  co_await yield_now();
}

TEST(R173, TheFileHasRunsWakesParksTimersAndJobsThatNestAndMatch) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    const Directory directory;
    const std::string path = directory.file("trace.json");
    std::uint64_t named = 0;
    std::uint_least32_t line = 0;
    {
      AsyncEvent go;
      Runtime rt = test_support::builder_of(kind).trace_to(path).build().value();
      std::vector<JoinHandle<void>> tasks;
      line = std::source_location::current().line() + 1;
      for (int i = 0; i < 20; ++i) tasks.push_back(rt.spawn(wait_and_sleep(go)));
      auto task = task::Builder().name("a \"name\"").spawn_on(rt.handle(), wait_and_sleep(go));
      named = task.value().id().value();
      tasks.push_back(*std::move(task));
      rt.block_on(go.until_waiting(21));
      go.set();
      auto job = rt.spawn_blocking([] {});
      EXPECT_TRUE(rt.block_on(job).has_value());
      for (auto& one : tasks) EXPECT_TRUE(rt.block_on(one).has_value());
    }
    const std::string text = contents_of(path);
    const Json trace = Json::parse(text);
    auto events = check_trace(trace);
    EXPECT_EQ(trace["otherData"]["lost_events"].number(), 0);
    EXPECT_EQ(events["spawn"].size(), 21u);
    // Up to the event, up to the sleep (which a slow machine may find over), up to the yield, and
    // to the end.
    EXPECT_GE(events["run"].size(), 63u);
    // By the event and by the timer, unless the task was still running; yielding is no wake-up.
    EXPECT_GE(events["wake"].size(), 1u);
    EXPECT_LE(events["wake"].size(), 42u);
    EXPECT_FALSE(events["park"].empty());
    EXPECT_FALSE(events["timers"].empty());
    ASSERT_EQ(events["blocking"].size(), 1u);
    std::size_t named_runs = 0;
    for (const Json* const run : events["run"]) {
      if (!(*run)["args"].has("task")) continue;
      EXPECT_LT((*run)["args"]["worker"].number(), 2);
      EXPECT_NE((*run)["args"]["spawned_at"].text().find("trace_test.cc:"), std::string::npos);
      if (static_cast<std::uint64_t>((*run)["args"]["task"].number()) != named) {
        EXPECT_NE((*run)["args"]["spawned_at"].text().find("trace_test.cc:" + std::to_string(line)),
                  std::string::npos);
        continue;
      }
      ++named_runs;
      EXPECT_EQ((*run)["name"].text(), "a \"name\"");
    }
    EXPECT_GE(named_runs, 3u);
    // Each wake-up and each spawn has led to a run.
    std::size_t flows = 0;
    for (const Json& event : trace["traceEvents"].items()) flows += event["ph"].text() == "s";
    EXPECT_EQ(flows, events["spawn"].size() + events["wake"].size());
  }
}

TEST(R173, ItCanBeWrittenWhileTheRuntimeRuns) {
  const Directory directory;
  const std::string path = directory.file("trace.json");
  Runtime rt = test_support::builder_of(Kind::kTwoWorkers).trace_to(path).build().value();
  std::atomic<bool> stop{false};
  std::vector<JoinHandle<void>> tasks;
  for (int i = 0; i < 4; ++i) {
    tasks.push_back(rt.spawn(
        [](std::atomic<bool>& over) -> Task<> {
          while (!over.load()) co_await yield_now();
        },
        std::ref(stop)));
  }
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(rt.handle().write_trace().has_value());
    const std::string text = contents_of(path);
    static_cast<void>(check_trace(Json::parse(text)));
  }
  stop.store(true);
  for (auto& task : tasks) EXPECT_TRUE(rt.block_on(task).has_value());
}

TEST(R173, ARuntimeThatIsNotTracedHasNothingToWrite) {
  const Runtime rt = test_support::current_thread();
  const Result<void> written = rt.handle().write_trace();
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error(), std::errc::operation_not_permitted);
}

TEST(R173, AFileThatCannotBeWrittenIsSaidAndTheProgramGoesOn) {
  const Directory directory;
  const std::string path = directory.file("missing/trace.json");
  ::testing::internal::CaptureStderr();
  {
    Runtime rt = test_support::builder_of(Kind::kCurrentThread).trace_to(path).build().value();
    EXPECT_TRUE(rt.block_on(rt.spawn([]() -> Task<> { co_return; })).has_value());
    EXPECT_EQ(rt.handle().write_trace().error(), std::errc::no_such_file_or_directory);
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  // When it is made, and when it has been stopped.
  const std::string message = "weft: the trace cannot be written to " + path + ": ";
  EXPECT_EQ(said.find(message), 0u) << said;
  EXPECT_GT(said.rfind(message), 0u) << said;
}

TEST(R173, TheEnvironmentTurnsItOnWithAFileForEachRuntime) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Directory directory;
  ::setenv("WEFT_TRACE", directory.file("trace.json").c_str(), 1);
  for (int i = 0; i < 2; ++i) static_cast<void>(test_support::current_thread());
  EXPECT_EQ(directory.count(), 2u);
  ::setenv("WEFT_TRACE", "", 1);
  EXPECT_DEATH((void)Builder::new_current_thread().build(), "WEFT_TRACE");
  ::unsetenv("WEFT_TRACE");
  EXPECT_DEATH(Builder::new_current_thread().trace_to(""), "trace_test\\.cc:[0-9]+: .*trace_to");
}

TEST(R173, TheNumberStandsBeforeTheExtension) {
  EXPECT_EQ(internal::numbered_path("trace.json", 1), "trace.json");
  EXPECT_EQ(internal::numbered_path("trace.json", 2), "trace.2.json");
  EXPECT_EQ(internal::numbered_path("a.b/trace", 3), "a.b/trace.3");
  EXPECT_EQ(internal::numbered_path("a/.trace", 4), "a/.trace.4");
}

TEST(R173, ARingKeepsTheLastEventsAndCountsTheOthers) {
  TraceRing ring(7);
  EXPECT_TRUE(ring.read().events.empty());
  TraceEvent event;
  for (std::uint64_t i = 0; i < TraceRing::kCapacity + 10; ++i) {
    event.number = i;
    ring.add(event);
  }
  const TraceRing::Contents contents = ring.read();
  EXPECT_EQ(contents.lost, 10u);
  ASSERT_EQ(contents.events.size(), TraceRing::kCapacity);
  for (std::uint64_t i = 0; i < TraceRing::kCapacity; ++i) {
    ASSERT_EQ(contents.events[i].number, i + 10);
  }
}

TEST(R173, ThousandsOfThreadsAreNotRememberedButCounted) {
  internal::Trace trace("unused", 0);
  const TraceEvent event;
  for (std::size_t i = 0; i < internal::Trace::kMostThreads + 5; ++i) {
    std::thread([&] { trace.add(event); }).join();
  }
  EXPECT_EQ(Json::parse(trace.to_json())["otherData"]["lost_events"].number(), 5);
}

TraceEvent event_of(TraceKind kind, std::uint64_t task, std::int64_t begin, std::int64_t end) {
  TraceEvent event;
  event.kind = kind;
  event.number = task;
  event.begin = begin;
  event.end = end;
  return event;
}

TEST(R173, AWakeUpWithoutItsRunHasNoFlow) {
  const Json trace = Json::parse(trace_to_json(
      {TraceTrack{1,
                  {event_of(TraceKind::kWake, 9, 100, 110), event_of(TraceKind::kRun, 9, 120, 130),
                   event_of(TraceKind::kWake, 9, 140, 150)}}},
      100, 0));
  std::vector<std::string> phases;
  for (const Json& event : trace["traceEvents"].items()) phases.push_back(event["ph"].text());
  EXPECT_EQ(phases, (std::vector<std::string>{"M", "X", "s", "X", "f", "X"}));
}

TEST(R173, TimesAreExactAndCountFromTheStart) {
  const Json trace = Json::parse(trace_to_json(
      {TraceTrack{1, {event_of(TraceKind::kRun, 9, 1'001'234, 1'005'006)}}}, 1'000'000, 0));
  const Json& run = trace["traceEvents"].items().at(1);
  EXPECT_EQ(nanoseconds(run["ts"]), 1234);
  EXPECT_EQ(nanoseconds(run["dur"]), 3772);
}

TEST(R173, MomentsAreInstantsWithACount) {
  TraceEvent steal = event_of(TraceKind::kSteal, 4, 100, 100);
  steal.worker = 1;
  const Json trace = Json::parse(trace_to_json({TraceTrack{1, {steal}}}, 0, 3));
  const Json& event = trace["traceEvents"].items().at(1);
  EXPECT_EQ(event["ph"].text(), "i");
  EXPECT_EQ(event["name"].text(), "steal");
  EXPECT_EQ(event["args"]["count"].number(), 4);
  EXPECT_EQ(event["args"]["worker"].number(), 1);
  EXPECT_EQ(trace["otherData"]["lost_events"].number(), 3);
}

TEST(R173, AnyNameMakesAValidFile) {
  TraceEvent run = event_of(TraceKind::kRun, 4, 100, 200);
  run.set_name("quote \" slash \\ tab \t");
  const std::string text = trace_to_json({TraceTrack{1, {run}}}, 0, 0);
  EXPECT_EQ(Json::parse(text)["traceEvents"].items().at(1)["name"].text(),
            "quote \" slash \\ tab \t");
  run.set_name(std::string(100, 'x'));
  EXPECT_EQ(run.name_view(), std::string(26, 'x'));
}

// What is no UTF-8 is replaced, byte by byte, for viewers refuse the whole file otherwise.
TEST(R173, CharactersStayAndHalvesOfThemAreReplaced) {
  const auto written = [](std::string_view name) {
    TraceEvent run = event_of(TraceKind::kRun, 4, 100, 200);
    run.set_name(name);
    const std::string text = trace_to_json({TraceTrack{1, {run}}}, 0, 0);
    const std::size_t begin = text.rfind("\"name\":\"") + 8;
    return text.substr(begin, text.find('"', begin) - begin);
  };
  for (const char* good :
       {"f\xc3\xbcr", "\xe2\x82\xac", "\xf0\x9f\xa7\xb5", "\x7f", "\xee\x80\x80"}) {
    EXPECT_EQ(written(good), good);
  }
  EXPECT_EQ(written("a\xc3"), "a\\ufffd");
  EXPECT_EQ(written("\xbcz"), "\\ufffdz");
  EXPECT_EQ(written("\xc0\x80"), "\\ufffd\\ufffd");
  EXPECT_EQ(written("\xe0\x80\x80").substr(0, 6), "\\ufffd");
  EXPECT_EQ(written("\xed\xa0\x80").substr(0, 6), "\\ufffd");
  EXPECT_EQ(written("\xf4\x90\x80\x80").substr(0, 6), "\\ufffd");
  EXPECT_EQ(written("\xf0\x9f\xa7"), "\\ufffd\\ufffd\\ufffd");
}

}  // namespace
}  // namespace weft::runtime
