// Signal: the deliveries of one signal, as something to await.
//
// Spec: SG-1..SG-13, SG-19; R-99.
//
// WARNING. The first listener of a kind installs a handler that replaces the signal's default
// action for the rest of the process's life. When the last listener is gone SIGINT, say, neither
// kills the process nor does anything else (SG-6).
//
// A handler that the program installed before is called first, and goes on working.
//
//   Result<signal::Signal> hangup = signal::signal(signal::SignalKind::hangup());
//   while (auto delivery = co_await hangup->recv()) reload_configuration();

#ifndef WEFT_SIGNAL_LISTENER_H_
#define WEFT_SIGNAL_LISTENER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>
#include <weft/signal/signal_kind.h>

namespace weft::signal {

class Signal;

// What a recv() yields: the signal has come.
struct Delivery {
  std::uint64_t count = 1;  // how often since the last recv(), or since the listener was made
};

namespace internal {

class Slot;
struct Listener;

class ReceiveNode : public Leaf {
 public:
  explicit ReceiveNode(Signal& signal) noexcept : signal_(signal) {}
  ~ReceiveNode();

  bool poll(Context& cx) noexcept;
  std::optional<Delivery> take() noexcept { return got_; }
  void describe(WaitReport& report) noexcept;

  static constexpr const char* kWaitingOn = "signal";

 private:
  Signal& signal_;
  std::optional<Delivery> got_;
};

class [[nodiscard]] Receive {
 public:
  explicit Receive(Signal& signal) noexcept : signal_(&signal) {}
  LeafAwaiter<ReceiveNode> operator co_await() const noexcept {
    return LeafAwaiter<ReceiveNode>(*signal_);
  }

 private:
  Signal* signal_;
};

}  // namespace internal

// Hears of every delivery since it was made; several that come between two recv() are one item
// (SG-9). Any number of listeners, in any number of runtimes, hear of the same deliveries. Bound to
// no runtime: any runtime in which signal() was called announces for all. Movable, though not while
// a recv() is under way; used by one task at a time; may be destroyed on any thread.
class [[nodiscard]] Signal {
 public:
  Signal(Signal&&) noexcept;
  Signal& operator=(Signal&&) noexcept;
  ~Signal();

  // Yields std::optional<Delivery>, which is never empty: the next delivery, or those that have
  // come already. Cancel safe: a recv() that is destroyed takes nothing. One at a time.
  internal::Receive recv() noexcept { return internal::Receive(*this); }

  // The poll form. The last caller is woken.
  Poll<std::optional<Delivery>> poll_recv(Context& cx) noexcept;

 private:
  friend class internal::ReceiveNode;
  friend Result<Signal> signal(SignalKind kind, std::source_location where);
  explicit Signal(internal::Slot& slot);

  std::optional<Delivery> next(Context& cx) noexcept;

  internal::Slot* slot_;
  std::unique_ptr<internal::Listener> listener_;  // null when moved from
};

// A new listener. Fails with Errc::other if `kind` is not a number from 1 to SIGRTMAX, or is
// SIGKILL, SIGSTOP, SIGILL, SIGFPE or SIGSEGV; as sigaction(2) does, and then for this kind ever
// after; with Errc::runtime_shutdown if the runtime's driver is gone; for want of descriptors or
// memory. Fatal without a runtime, or with one without I/O (SG-4, SG-5). Thread-safe.
Result<Signal> signal(SignalKind kind,
                      std::source_location where = std::source_location::current());

// A Signal as a stream that never ends.
class [[nodiscard]] SignalStream {
 public:
  explicit SignalStream(Signal signal) noexcept : signal_(std::move(signal)) {}

  // As Signal::recv().
  internal::Receive next() noexcept { return signal_.recv(); }

  Signal& inner() noexcept { return signal_; }
  Signal into_inner() && noexcept { return std::move(signal_); }

 private:
  Signal signal_;
};

}  // namespace weft::signal

#endif  // WEFT_SIGNAL_LISTENER_H_
