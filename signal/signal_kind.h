// SignalKind: which signal.
//
// Spec: SG-1.
//
//   signal::SignalKind::terminate()                 // by name
//   signal::SignalKind::from_raw(SIGRTMIN + 1)      // or any number; signal() checks it

#ifndef WEFT_SIGNAL_SIGNAL_KIND_H_
#define WEFT_SIGNAL_SIGNAL_KIND_H_

#include <csignal>

namespace weft::signal {

// A plain value.
class SignalKind {
 public:
  // Any number, also one that there is no such signal for: signal() refuses it.
  static constexpr SignalKind from_raw(int number) noexcept { return SignalKind(number); }

  static constexpr SignalKind alarm() noexcept { return SignalKind(SIGALRM); }
  static constexpr SignalKind child() noexcept { return SignalKind(SIGCHLD); }
  static constexpr SignalKind hangup() noexcept { return SignalKind(SIGHUP); }
  static constexpr SignalKind interrupt() noexcept { return SignalKind(SIGINT); }
  static constexpr SignalKind io() noexcept { return SignalKind(SIGIO); }
  static constexpr SignalKind pipe() noexcept { return SignalKind(SIGPIPE); }
  static constexpr SignalKind quit() noexcept { return SignalKind(SIGQUIT); }
  static constexpr SignalKind terminate() noexcept { return SignalKind(SIGTERM); }
  static constexpr SignalKind user_defined1() noexcept { return SignalKind(SIGUSR1); }
  static constexpr SignalKind user_defined2() noexcept { return SignalKind(SIGUSR2); }
  static constexpr SignalKind window_change() noexcept { return SignalKind(SIGWINCH); }

  constexpr int as_raw() const noexcept { return number_; }

  friend constexpr bool operator==(SignalKind, SignalKind) noexcept = default;

 private:
  explicit constexpr SignalKind(int number) noexcept : number_(number) {}

  int number_;
};

}  // namespace weft::signal

#endif  // WEFT_SIGNAL_SIGNAL_KIND_H_
