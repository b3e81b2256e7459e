// StallQuestion: "where are you?", from the monitor to a thread, answered in a signal handler.
//
// Spec: R-172.
//
// One buffer, which belongs to the monitor, except while a handler writes its answer:
//
//   kNone --ask(i)--> asked of i --begin_answer(i)--> kAnswering --end_answer()--> kAnswered
//     ^                  | withdraw()                                                  |
//     '------------------'<------------------------take()-------------------------------
//
// A signal may come late: when the question was withdrawn, or another thread is asked now. Its
// handler finds that it is not the one that is asked, and touches nothing.
//   writers  the monitor: ask, withdraw, take; the handler on the thread that holds worker i: the
//            other two.
//   pairing  [SQ1] release in ask() and withdraw() -> acquire in begin_answer(): the buffer is the
//            handler's, and the monitor's earlier use of it is over.
//            [SQ2] release in end_answer() -> acquire in take(): the answer.
//            [SQ3] seq_cst, with the stamp of the record that is asked about: a resume that ends
//            stores the stamp and then looks whether it is asked; the monitor asks and then looks
//            at the stamp. So a question that is still there has somebody to answer it.

#ifndef WEFT_RUNTIME_STALL_STALL_QUESTION_H_
#define WEFT_RUNTIME_STALL_STALL_QUESTION_H_

#include <cstdint>

#include <weft/loom/atomic.h>

namespace weft::internal {

class StallQuestion {
 public:
  // --- The monitor

  // Nothing is asked before.
  void ask(unsigned index) noexcept {
    state_.store(kFirst + index, std::memory_order_seq_cst);  // [SQ1] [SQ3]
  }
  // False: it is being answered, or has been.
  [[nodiscard]] bool withdraw(unsigned index) noexcept {
    std::uint32_t expected = kFirst + index;
    // relaxed on failure: take() decides then.
    return state_.compare_exchange_strong(expected, kNone, std::memory_order_release,  // [SQ1]
                                          std::memory_order_relaxed);
  }
  // True, once: it was answered.
  [[nodiscard]] bool take() noexcept {
    if (state_.load(std::memory_order_acquire) != kAnswered) return false;  // [SQ2]
    // relaxed: the handlers have no business with it until ask().
    state_.store(kNone, std::memory_order_relaxed);
    return true;
  }

  // --- The handler, and the end of a resume

  // True: the holder of worker `index` is asked, or was a moment ago.
  [[nodiscard]] bool is_asked(unsigned index) const noexcept {
    return state_.load(std::memory_order_seq_cst) == kFirst + index;  // [SQ3]
  }
  // True: the thread that holds worker `index` is asked, and the buffer is its to write.
  [[nodiscard]] bool begin_answer(unsigned index) noexcept {
    std::uint32_t expected = kFirst + index;
    // relaxed on failure: nothing is touched then.
    return state_.compare_exchange_strong(expected, kAnswering, std::memory_order_acquire,  // [SQ1]
                                          std::memory_order_relaxed);
  }
  void end_answer() noexcept { state_.store(kAnswered, std::memory_order_release); }  // [SQ2]

 private:
  static constexpr std::uint32_t kNone = 0;
  static constexpr std::uint32_t kAnswering = 1;
  static constexpr std::uint32_t kAnswered = 2;
  static constexpr std::uint32_t kFirst = 3;  // asked of worker 0; then worker 1, ...

  loom::Atomic<std::uint32_t> state_{kNone};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_STALL_QUESTION_H_
