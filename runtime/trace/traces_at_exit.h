// What has been traced when the program ends by std::exit(), with its runtimes still going.
//
// Spec: R-173.

#ifndef WEFT_RUNTIME_TRACE_TRACES_AT_EXIT_H_
#define WEFT_RUNTIME_TRACE_TRACES_AT_EXIT_H_

#include <weft/base/intrusive_list.h>

namespace weft::internal {

class Trace;

// While it exists and is armed, the trace is written by std::exit(). Thread-safe.
class WrittenAtExit : public ListNode {
 public:
  // `trace` outlives it.
  explicit WrittenAtExit(const Trace& trace) noexcept : trace_(trace) {}
  WrittenAtExit(const WrittenAtExit&) = delete;
  WrittenAtExit& operator=(const WrittenAtExit&) = delete;
  ~WrittenAtExit() { disarm(); }

  // Once. If the system has no room to remember it, the trace is not written then.
  void arm() noexcept;
  // Somebody else writes it from now on. Waits for an exit() that is writing it.
  void disarm() noexcept;

 private:
  static void write_all() noexcept;

  const Trace& trace_;
  int process_ =
      0;  // that armed it: a child that was forked has the parent's list, not its threads
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TRACE_TRACES_AT_EXIT_H_
