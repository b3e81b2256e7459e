#include <weft/runtime/stall/stall_monitor.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <utility>

#include <weft/base/sys.h>
#include <weft/base/sys_thread.h>
#include <weft/loom/steady_clock.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/stall/stall_signal.h>

namespace weft::internal {
namespace {

// How long a thread may take to answer: longer than it takes to get a processor.
constexpr std::chrono::nanoseconds kPatience = std::chrono::seconds(2);

// The monitor whose thread this is.
struct OwnMonitorTag;
using OwnMonitor = loom::ThreadLocal<const void*, OwnMonitorTag>;

std::int64_t now_nanoseconds() noexcept {
  return std::chrono::nanoseconds(loom::SteadyClock::now().time_since_epoch()).count();
}

bool is_loop(std::string_view function) noexcept {
  return function.starts_with("weft::internal::Worker::run()") ||
         function.starts_with("weft::internal::CurrentThread::drive(");
}

}  // namespace

StallMonitor::StallMonitor(std::chrono::nanoseconds limit, unsigned workers, StallHook hook)
    : watch_(limit, workers), hook_(std::move(hook)) {}

Result<void> StallMonitor::start() {
  Result<int> signal = stall_signal();
  if (!signal) return Err(signal.error());
  signal_ = *signal;
  Result<OwnedFd> event = sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!event) return Err(event.error());
  answered_ = *std::move(event);
  watch_.set_channel({.signal = signal_, .event = answered_.raw()});
  Result<loom::Thread> thread =
      loom::Thread::spawn({.name = "weft-stalls"}, [self = shared_from_this()] { self->run(); });
  if (!thread) return Err(thread.error());
  thread_ = *std::move(thread);
  return {};
}

void StallMonitor::stop(bool wait) noexcept {
  watch_.stop();
  if (!thread_.joinable()) return;
  if (wait && *OwnMonitor::get() != this) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void StallMonitor::run() noexcept {
  *OwnMonitor::get() = this;
  for (;;) {
    while (const auto overdue = watch_.next_overdue(now_nanoseconds())) look_at(*overdue);
    if (!watch_.wait(watch_.next_look(now_nanoseconds()))) return;
  }
}

void StallMonitor::look_at(const StallWatch::Overdue& overdue) noexcept {
  if (!limit_.allows(now_nanoseconds())) return;
  const Reply reply = ask(overdue);
  // It has ended before it could be looked at.
  if (reply == Reply::kOver) return;
  try {
    runtime::StallReport made = make_report(overdue, reply == Reply::kHere, now_nanoseconds());
    made.suppressed = limit_.take_suppressed();
    report(made);
  } catch (...) {
    // Without memory for a report there is none; and a hook that throws has nowhere to report to,
    // as other hooks.
  }
}

StallMonitor::Reply StallMonitor::ask(const StallWatch::Overdue& overdue) noexcept {
  StallQuestion& question = watch_.question();
  question.ask(overdue.index);
  // After asking: a resume that ends from now on answers by itself.
  const bool sent = !watch_.is_over(overdue) && sys::tgkill(overdue.thread, signal_).has_value();
  const std::int64_t patience_ends = now_nanoseconds() + (sent ? kPatience.count() : 0);
  while (!question.take()) {
    // The event may be that of an earlier answer, which was seen before it was raised.
    const std::int64_t rest = patience_ends - now_nanoseconds();
    if (rest > 0) {
      await_answer(std::chrono::nanoseconds(rest));
    } else if (question.withdraw(overdue.index)) {
      return watch_.is_over(overdue) ? Reply::kOver : Reply::kSilent;
    } else {
      await_answer(std::nullopt);  // it is just being written
    }
  }
  return watch_.last_answer().stamp == overdue.stamp ? Reply::kHere : Reply::kOver;
}

void StallMonitor::await_answer(std::optional<std::chrono::nanoseconds> limit) noexcept {
  ::pollfd descriptor{.fd = answered_.raw(), .events = POLLIN, .revents = 0};
  const int timeout =
      limit ? static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*limit).count()) : -1;
  static_cast<void>(sys::poll({&descriptor, 1}, timeout));
  std::array<std::byte, 8> count;
  static_cast<void>(sys::read(answered_, count));
}

runtime::StallReport StallMonitor::make_report(const StallWatch::Overdue& overdue, bool answered,
                                               std::int64_t now) {
  runtime::StallReport made;
  made.worker = overdue.index;
  made.held = std::chrono::nanoseconds(now - overdue.stamp);
  made.limit = watch_.limit();
  if (!answered) return made;
  const StallAnswer& answer = watch_.last_answer();
  if (answer.task != 0) made.task = TaskId(answer.task);
  made.name.assign(answer.name.data(), answer.name_length);
  made.spawned_at = answer.spawned_at;
  made.backtrace = functions_of(answer);
  return made;
}

// The functions of the thread's own, without those of the handler, and up to the loop that runs the
// tasks: what lies below is the same for all.
std::vector<std::string> StallMonitor::functions_of(const StallAnswer& answer) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < answer.depth; ++i) {
    if (answer.frames[i] == answer.trampoline) first = i + 1;
  }
  std::vector<std::string> names;
  for (std::size_t i = first; i < answer.depth; ++i) {
    // The first is where the thread was interrupted, the others where calls return to.
    names.push_back(symbols_.name_of(answer.frames[i], i != first));
    if (is_loop(names.back())) break;
  }
  return names;
}

void StallMonitor::report(const runtime::StallReport& report) {
  if (!hook_) {
    std::fputs(report.to_string().c_str(), stderr);
    return;
  }
  hook_(report);
}

}  // namespace weft::internal
