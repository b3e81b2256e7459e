// StallMonitor: the thread that finds stalls of one runtime and reports them.
//
// Spec: R-172.
//
// It waits as StallWatch says, sends the signal to a thread that is over the limit, once per
// resume, waits for the answer, names the functions and reports. So a thread that is looked at does
// as little as it can: it walks its stack. The thread owns the monitor together with the runtime;
// when a runtime ends without waiting, it ends by itself.

#ifndef WEFT_RUNTIME_STALL_STALL_MONITOR_H_
#define WEFT_RUNTIME_STALL_STALL_MONITOR_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/loom/thread.h>
#include <weft/runtime/stall/report_limit.h>
#include <weft/runtime/stall/stall_watch.h>
#include <weft/runtime/stall/symbols.h>
#include <weft/runtime/stall_report.h>

namespace weft::internal {

using StallHook = std::function<void(const runtime::StallReport&)>;

class StallMonitor : public std::enable_shared_from_this<StallMonitor> {
 public:
  // Without a `hook` reports go to standard error.
  StallMonitor(std::chrono::nanoseconds limit, unsigned workers, StallHook hook);

  StallWatch& watch() noexcept { return watch_; }

  // Starts the thread. Fails if there is no signal, descriptor or thread for it.
  Result<void> start();
  // Ends it, the first time; `wait`: until it has ended, unless this is called on it.
  void stop(bool wait) noexcept;

 private:
  void run() noexcept;
  void look_at(const StallWatch::Overdue& overdue) noexcept;
  // What has become of the question.
  enum class Reply : std::uint8_t { kHere, kOver, kSilent };
  Reply ask(const StallWatch::Overdue& overdue) noexcept;
  // Sleeps until the event is raised, which it may have been before; none: without a limit.
  void await_answer(std::optional<std::chrono::nanoseconds> limit) noexcept;
  runtime::StallReport make_report(const StallWatch::Overdue& overdue, bool answered,
                                   std::int64_t now);
  std::vector<std::string> functions_of(const StallAnswer& answer);
  void report(const runtime::StallReport& report);

  StallWatch watch_;
  const StallHook hook_;
  int signal_ = 0;       // set before the thread begins
  OwnedFd answered_;     // likewise: handlers raise it
  Symbols symbols_;      // the thread's
  ReportLimit limit_;    // the thread's
  loom::Thread thread_;  // the runtime's
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_STALL_MONITOR_H_
