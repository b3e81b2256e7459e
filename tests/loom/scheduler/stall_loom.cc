// The detector of stalls: the monitor does not sleep through a resume, and a thread that is asked
// where it is answers once, whatever it does meanwhile.
//
// A signal handler is a thread here: what it may touch is the same.

#include <array>
#include <optional>
#include <source_location>

#include <tests/loom/support/model.h>
#include <weft/loom/cell.h>
#include <weft/runtime/stall/stall_question.h>
#include <weft/runtime/stall/stall_watch.h>

namespace weft::loom_test {
namespace {

using internal::StallMark;
using internal::StallQuestion;
using internal::StallWatch;
using namespace std::chrono_literals;

// One that begins while the monitor goes to sleep wakes it: lost, this would be a deadlock.
TEST(R172, AResumeThatBeginsWhileTheMonitorGoesToSleepIsSeen) {
  model([] {
    StallWatch watch(10ns, 1);
    loom::Thread worker = start([&] {
      StallMark mark;
      watch.begin(0, nullptr, std::source_location::current(), 100, mark);
    });
    std::optional<std::int64_t> look = watch.next_look(50);
    while (!look.has_value()) {
      expect(watch.wait(std::nullopt), "nobody has stopped it");
      look = watch.next_look(50);
    }
    worker.join();
  });
}

TEST(R172, StoppingWakesTheMonitor) {
  model([] {
    StallWatch watch(10ns, 1);
    loom::Thread owner = start([&] { watch.stop(); });
    while (watch.wait(watch.next_look(50))) {
    }
    owner.join();
  });
}

// A resume that ends while it is asked: the monitor sees that, or has an answer.
TEST(R172, WhoIsAskedAndEndsAnswersOrIsSeenToHaveEnded) {
  model([] {
    StallWatch watch(10ns, 1);
    StallWatch::Overdue overdue{0, 100, 0};
    StallMark mark;
    watch.begin(0, nullptr, std::source_location::current(), 100, mark);
    loom::Thread monitor = start([&] {
      StallQuestion& question = watch.question();
      question.ask(0);
      if (!watch.is_over(overdue)) {
        // It is still there: what is asked now is answered in the end.
        return;
      }
      if (question.withdraw(0)) return;
      // It is being answered.
    });
    StallWatch::end(mark);
    monitor.join();
    const bool answered = watch.question().take();
    const bool withdrawn = !answered && !watch.question().withdraw(0);
    expect(answered || withdrawn, "a question that nobody will answer");
  });
}

// The buffer has one user at a time, however late a signal comes.
TEST(R172, ALateHandlerLeavesTheBufferAlone) {
  model([] {
    StallQuestion question;
    loom::Cell<int> answer(0);
    const auto handle = [&](unsigned index) {
      if (!question.begin_answer(index)) return;
      answer.with_mut([&](int& value) { value = static_cast<int>(index); });
      question.end_answer();
    };
    loom::Thread first = start([&] { handle(1); });
    loom::Thread second = start([&] { handle(2); });
    question.ask(1);
    const bool first_answered = !question.withdraw(1);
    // An answer that has begun is waited for; the models end there.
    const bool is_free = !first_answered || question.take();
    if (is_free) {
      if (first_answered) {
        expect(answer.with([](const int& value) { return value; }) == 1, "of another thread");
      }
      answer.with_mut([](int& value) { value = 0; });
      question.ask(2);
      if (question.take()) {
        expect(answer.with([](const int& value) { return value; }) == 2, "of another thread");
      }
    }
    first.join();
    second.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
