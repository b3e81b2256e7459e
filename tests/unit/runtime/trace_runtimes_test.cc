// Traces of whole runtimes: lent threads, steals, several runtimes at once, and what is in the file
// when the program ends otherwise than it should.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/json.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/attach_support.h>
#include <tests/unit/runtime/multi_thread_support.h>
#include <tests/unit/runtime/trace_support.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/trace/trace_file.h>

namespace weft::runtime {
namespace {

using test_support::AsyncEvent;
using test_support::Blocker;
using test_support::Categories;
using test_support::check_trace;
using test_support::contents_of;
using test_support::Directory;
using test_support::Event;
using test_support::Json;
using test_support::Kind;
using test_support::LentThread;
using test_support::occupy_a_worker;

Task<> nothing() { co_return; }

// The runs of that task.
std::vector<const Json*> runs_of(const Categories& events, TaskId task) {
  std::vector<const Json*> found;
  const auto runs = events.find("run");
  if (runs == events.end()) return found;
  for (const Json* const run : runs->second) {
    const Json& arguments = (*run)["args"];
    if (!arguments.has("task")) continue;
    if (static_cast<std::uint64_t>(arguments["task"].number()) == task.value())
      found.push_back(run);
  }
  return found;
}

TEST(R173, WhatALentThreadRunsIsInIt) {
  const Directory directory;
  const std::string path = directory.file("trace.json");
  std::optional<TaskId> id;
  {
    Blocker blocker;
    Runtime rt = test_support::builder_of(Kind::kOneWorker).trace_to(path).build().value();
    occupy_a_worker(rt, blocker);
    {
      LentThread lent(rt);
      auto task = rt.spawn(nothing());
      id = task.id();
      EXPECT_TRUE(rt.block_on(task).has_value());
    }
    blocker.release.set();
  }
  const std::string text = contents_of(path);
  const Json trace = Json::parse(text);
  const Categories events = check_trace(trace);
  const auto runs = runs_of(events, *id);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ((*runs[0])["args"]["worker"].number(), 1);
  // Its thread is named after the worker that it was.
  std::size_t named = 0;
  for (const Json& event : trace["traceEvents"].items()) {
    if (event["ph"].text() != "M" || event["tid"].number() != (*runs[0])["tid"].number()) continue;
    EXPECT_EQ(event["args"]["name"].text(), "worker 1");
    ++named;
  }
  EXPECT_EQ(named, 1u);
}

// The spawning task holds its worker until the other one has run what it left there.
TEST(R173, StealsAreInIt) {
  const Directory directory;
  const std::string path = directory.file("trace.json");
  {
    Event stolen;
    Runtime rt = test_support::builder_of(Kind::kTwoWorkers).trace_to(path).build().value();
    auto task = rt.spawn(
        [](Event& has_run) -> Task<> {
          auto child = spawn(
              [](Event& event) -> Task<> {
                event.set();
                co_return;
              },
              std::ref(has_run));
          // Whoever spawns runs the newest itself: the one before it is for others.
          auto newest = spawn(nothing());
          has_run.wait();
          (void)co_await child;
          (void)co_await newest;
        },
        std::ref(stolen));
    EXPECT_TRUE(rt.block_on(task).has_value());
  }
  const std::string text = contents_of(path);
  const Json trace = Json::parse(text);
  const Categories events = check_trace(trace);
  const auto steals = events.find("steal");
  ASSERT_NE(steals, events.end());
  for (const Json* const steal : steals->second) {
    EXPECT_EQ((*steal)["ph"].text(), "i");
    EXPECT_GE((*steal)["args"]["count"].number(), 1);
    EXPECT_LT((*steal)["args"]["worker"].number(), 2);
  }
}

// A wake-up belongs to the runtime of the task that is woken, whichever runtime's thread wakes it.
TEST(R173, TwoRuntimesAtOnceHaveTheirOwnTasksEach) {
  const Directory directory;
  const std::string first_path = directory.file("first.json");
  const std::string second_path = directory.file("second.json");
  std::optional<TaskId> waiting;
  std::optional<TaskId> waking;
  {
    AsyncEvent go;
    Runtime first = test_support::builder_of(Kind::kOneWorker).trace_to(first_path).build().value();
    Runtime second =
        test_support::builder_of(Kind::kOneWorker).trace_to(second_path).build().value();
    auto waiter =
        first.spawn([](AsyncEvent& event) -> Task<> { co_await event.wait(); }, std::ref(go));
    waiting = waiter.id();
    first.block_on(go.until_waiting(1));
    auto waker = second.spawn(
        [](AsyncEvent& event) -> Task<> {
          event.set();
          co_return;
        },
        std::ref(go));
    waking = waker.id();
    EXPECT_TRUE(second.block_on(waker).has_value());
    EXPECT_TRUE(first.block_on(waiter).has_value());
  }
  const std::string first_text = contents_of(first_path);
  const std::string second_text = contents_of(second_path);
  const Json first_trace = Json::parse(first_text);
  const Json second_trace = Json::parse(second_text);
  const Categories first_events = check_trace(first_trace);
  const Categories second_events = check_trace(second_trace);
  EXPECT_GE(runs_of(first_events, *waiting).size(), 2u);
  EXPECT_TRUE(runs_of(first_events, *waking).empty());
  EXPECT_EQ(runs_of(second_events, *waking).size(), 1u);
  EXPECT_TRUE(runs_of(second_events, *waiting).empty());
  EXPECT_TRUE(first_events.contains("wake"));
  EXPECT_FALSE(second_events.contains("wake"));
}

// Not yesterday's: whoever looks at the file of a program that was killed sees that it is empty.
TEST(R173, TheFileIsThereFromTheBeginning) {
  const Directory directory;
  const std::string path = directory.file("trace.json");
  Runtime rt = test_support::builder_of(Kind::kCurrentThread).trace_to(path).build().value();
  EXPECT_TRUE(Json::parse(contents_of(path))["traceEvents"].items().empty());
}

TEST(R173, ExitWithoutStoppingTheRuntimeWritesIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The test begins anew in the process that exits, and finds the file's name.
  constexpr const char* kVariable = "WEFT_TEST_TRACE_AT_EXIT";
  std::optional<Directory> directory;
  if (std::getenv(kVariable) == nullptr) {
    directory.emplace();
    ::setenv(kVariable, directory->file("trace.json").c_str(), 1);
  }
  const std::string path = std::getenv(kVariable);
  EXPECT_EXIT(
      {
        auto* const rt =
            new Runtime(test_support::builder_of(Kind::kTwoWorkers).trace_to(path).build().value());
        static_cast<void>(rt->block_on(rt->spawn(nothing())));
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "");
  ::unsetenv(kVariable);
  const std::string text = contents_of(path);
  const Json trace = Json::parse(text);
  EXPECT_TRUE(check_trace(trace).contains("spawn"));
}

TEST(R173, ARuntimeThatDoesNotWaitWritesWhatThereIs) {
  const Directory directory;
  const std::string path = directory.file("trace.json");
  Blocker blocker;
  Event ended;
  {
    Runtime rt = test_support::builder_of(Kind::kOneWorker)
                     .trace_to(path)
                     .on_thread_stop([&] { ended.set(); })
                     .build()
                     .value();
    EXPECT_TRUE(rt.block_on(rt.spawn(nothing())).has_value());
    occupy_a_worker(rt, blocker);
    rt.shutdown_background();
  }
  const std::string text = contents_of(path);
  const Json trace = Json::parse(text);
  EXPECT_EQ(check_trace(trace).at("spawn").size(), 2u);
  blocker.release.set();
  ended.wait();
}

TEST(R173, AFileIsReplacedAsAWhole) {
  const Directory directory;
  const std::string path = directory.file("trace.json");
  ASSERT_TRUE(internal::replace_contents(path, "a longer text").has_value());
  ASSERT_TRUE(internal::replace_contents(path, "text").has_value());
  EXPECT_EQ(contents_of(path), "text");
  // Nothing is left beside it.
  EXPECT_EQ(directory.count(), 1u);
  const std::string link = directory.file("link.json");
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  ASSERT_TRUE(internal::replace_contents(link, "through the link").has_value());
  EXPECT_EQ(contents_of(path), "through the link");
  EXPECT_EQ(internal::replace_contents(directory.file("missing/x"), "").error(),
            std::errc::no_such_file_or_directory);
  EXPECT_EQ(internal::replace_contents("/dev/full", "text").error(), std::errc::no_space_on_device);
}

TEST(R173, ItStaysTheSameFileInAnotherDirectory) {
  EXPECT_EQ(internal::absolute_path("trace.json"),
            std::filesystem::current_path().string() + "/trace.json");
  EXPECT_EQ(internal::absolute_path("/tmp/trace.json"), "/tmp/trace.json");
}

TEST(R173, WhatIsNoFileIsWrittenTo) {
  const Directory directory;
  const std::string path = directory.file("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  // For both, so that opening it does not wait for the other end.
  std::fstream both(path, std::ios::in | std::ios::out);
  ASSERT_TRUE(internal::replace_contents(path, "text\n").has_value());
  std::string line;
  EXPECT_TRUE(std::getline(both, line));
  EXPECT_EQ(line, "text");
}

}  // namespace
}  // namespace weft::runtime
