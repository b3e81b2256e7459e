// The parts of the detector of stalls: when it looks, who answers, what is reported. Times are made
// up.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <source_location>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <weft/runtime/stall/report_limit.h>
#include <weft/runtime/stall/stall_question.h>
#include <weft/runtime/stall/stall_signal.h>
#include <weft/runtime/stall/stall_watch.h>
#include <weft/runtime/stall/symbol_table.h>
#include <weft/runtime/stall/symbols.h>
#include <weft/runtime/stall_report.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using internal::ReportLimit;
using internal::StallMark;
using internal::StallQuestion;
using internal::StallWatch;

TEST(R172, NothingIsLookedAtWhileNothingRuns) {
  StallWatch watch(10ns, 2);
  EXPECT_EQ(watch.next_look(1000), std::nullopt);
  StallMark mark;
  watch.begin(0, nullptr, std::source_location::current(), 1001, mark);
  EXPECT_EQ(watch.next_look(1002), 1011);
  StallWatch::end(mark);
  // It has run since the last look but one: one more look, and then none.
  EXPECT_EQ(watch.next_look(1011), std::nullopt);
}

TEST(R172, WhatHasEndedSinceTheLastLookIsFollowedByOneMore) {
  StallWatch watch(10ns, 1);
  StallMark mark;
  watch.begin(0, nullptr, std::source_location::current(), 1001, mark);
  StallWatch::end(mark);
  EXPECT_EQ(watch.next_look(1005), 1015);
  EXPECT_EQ(watch.next_look(1015), std::nullopt);
}

TEST(R172, TheOldestResumeDecidesWhenToLook) {
  StallWatch watch(10ns, 2);
  StallMark mark;
  watch.begin(1, nullptr, std::source_location::current(), 1001, mark);
  std::thread([&] {
    StallMark inner;
    watch.begin(0, nullptr, std::source_location::current(), 1005, inner);
    EXPECT_EQ(watch.next_look(1006), 1011);
    EXPECT_EQ(watch.next_overdue(1010), std::nullopt);
    const auto overdue = watch.next_overdue(1011);
    EXPECT_TRUE(overdue.has_value() && overdue->index == 1 && overdue->stamp == 1001);
    // Each once.
    EXPECT_EQ(watch.next_overdue(1012), std::nullopt);
    EXPECT_EQ(watch.next_look(1012), 1015);
    EXPECT_TRUE(watch.next_overdue(1015).has_value());
    EXPECT_EQ(watch.next_overdue(2000), std::nullopt);
    StallWatch::end(inner);
  }).join();
  StallWatch::end(mark);
}

TEST(R172, AnInnerResumeIsPartOfTheOuterOne) {
  StallWatch watch(10ns, 1);
  StallMark outer;
  StallMark inner;
  watch.begin(0, nullptr, std::source_location::current(), 1001, outer);
  watch.begin(0, nullptr, std::source_location::current(), 1009, inner);
  EXPECT_EQ(watch.next_look(1009), 1011);
  StallWatch::end(inner);
  EXPECT_EQ(watch.next_look(1010), 1011);
  StallWatch::end(outer);
  EXPECT_EQ(watch.next_overdue(2000), std::nullopt);
}

TEST(R172, APausedResumeBeginsAnew) {
  StallWatch watch(10ns, 1);
  StallMark mark;
  watch.begin(0, nullptr, std::source_location::current(), 1001, mark);
  const StallMark paused = StallWatch::pause();
  EXPECT_EQ(watch.next_overdue(2000), std::nullopt);
  StallWatch::resume(paused, 2000);
  EXPECT_EQ(watch.next_overdue(2009), std::nullopt);
  EXPECT_TRUE(watch.next_overdue(2010).has_value());
  StallWatch::end(mark);
}

TEST(R172, AWorkerWithoutARecordIsNotWatched) {
  StallWatch watch(10ns, 1);
  StallMark mark;
  watch.begin(1, nullptr, std::source_location::current(), 1001, mark);
  EXPECT_EQ(watch.next_overdue(2000), std::nullopt);
  StallWatch::end(mark);
}

TEST(R172, AResumeThatEndsWhileItIsAskedSaysSo) {
  StallWatch watch(10ns, 1);
  StallMark mark;
  watch.begin(0, nullptr, std::source_location::current(), 1001, mark);
  const auto overdue = watch.next_overdue(1011);
  ASSERT_TRUE(overdue.has_value());
  watch.question().ask(0);
  EXPECT_FALSE(watch.is_over(*overdue));
  StallWatch::end(mark);
  EXPECT_TRUE(watch.is_over(*overdue));
  EXPECT_TRUE(watch.question().take());
  EXPECT_NE(watch.last_answer().stamp, overdue->stamp);
}

TEST(R172, OnlyTheOneThatIsAskedAnswersAndOnlyOnce) {
  StallQuestion question;
  EXPECT_FALSE(question.begin_answer(3));
  question.ask(3);
  EXPECT_FALSE(question.begin_answer(4));
  EXPECT_FALSE(question.take());
  EXPECT_TRUE(question.begin_answer(3));
  EXPECT_FALSE(question.withdraw(3));
  EXPECT_FALSE(question.begin_answer(3));
  question.end_answer();
  EXPECT_TRUE(question.take());
  EXPECT_FALSE(question.take());
  question.ask(3);
  EXPECT_TRUE(question.withdraw(3));
  EXPECT_FALSE(question.begin_answer(3));
}

TEST(R172, AFewReportsAtOnceThenOnePerSecond) {
  constexpr std::int64_t kSecond = ReportLimit::kInterval;
  ReportLimit limit;
  for (int i = 0; i < ReportLimit::kAtOnce; ++i) EXPECT_TRUE(limit.allows(kSecond));
  EXPECT_FALSE(limit.allows(kSecond));
  EXPECT_FALSE(limit.allows(2 * kSecond - 1));
  EXPECT_TRUE(limit.allows(2 * kSecond));
  EXPECT_FALSE(limit.allows(2 * kSecond));
  EXPECT_EQ(limit.take_suppressed(), 3u);
  EXPECT_EQ(limit.take_suppressed(), 0u);
}

TEST(R172, TheSignalDoesNothingToAThreadThatIsNotAsked) {
  const int number = internal::stall_signal().value();
  EXPECT_GT(number, SIGRTMIN);
  EXPECT_EQ(internal::stall_signal().value(), number);
  EXPECT_EQ(::raise(number), 0);
}

// Not exported: only the file's own table names it.
[[gnu::noinline]] int hidden_function(int number) { return number * number; }

TEST(R172, FunctionsAreNamedAndWhatHasNoNameIsAnAddress) {
  internal::Symbols symbols;
  // SAFETY(cast): addresses to be looked up.
  void* const hidden = reinterpret_cast<void*>(&hidden_function);
  void* const exported = reinterpret_cast<void*>(&::malloc);
  EXPECT_NE(symbols.name_of(hidden, false).find("hidden_function(int)+0x0 (weft_test_runtime)"),
            std::string::npos)
      << symbols.name_of(hidden, false);
  EXPECT_NE(symbols.name_of(exported, false).find("malloc+0x0 ("), std::string::npos);
  // What a call at the end of a function returns to belongs to that function.
  EXPECT_EQ(symbols.name_of(hidden, true).find("hidden_function"), std::string::npos);
  int variable = 0;
  EXPECT_EQ(symbols.name_of(&variable, false).find("0x"), 0u);
}

TEST(R172, AFileWithoutSymbolsHasNoFunctions) {
  for (const char* path : {"/proc/self/cmdline", "/proc/self/missing", "/proc/self/exe"}) {
    EXPECT_FALSE(internal::SymbolTable::read(path).find(0, 0).has_value()) << path;
  }
}

TEST(R172, AReportOfAThreadThatDidNotAnswerSaysSo) {
  StallReport report;
  report.worker = 3;
  report.held = 120ms;
  report.limit = 100ms;
  report.suppressed = 2;
  EXPECT_EQ(report.to_string(),
            "weft: worker 3 has been held for 120 ms (the limit is 100 ms); its thread blocks the "
            "signal that asks what it does, or waits in the kernel where no signal reaches it\n  "
            "not reported before: 2\n");
}

}  // namespace
}  // namespace weft::runtime
