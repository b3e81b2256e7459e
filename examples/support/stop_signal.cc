// StopSignal by a pipe that the signal handler writes into. Interface: stop_signal.h.

#include <examples/support/stop_signal.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include <weft/weft.h>

namespace examples {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM};

// Both ends stay open until the process ends: a handler may be running on any thread at any time,
// and must never meet a number that has been closed and reused.
struct Pipe {
  int read_end;
  int write_end;
};

Pipe make_pipe() {
  std::array<int, 2> ends;
  // SAFETY(syscall): fills in two ints, or says no; then there is no program to run.
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  return {ends[0], ends[1]};
}

const Pipe& signal_pipe() {
  static const Pipe pipe = make_pipe();
  return pipe;
}

// What signal_pipe() says, where the handler finds it without running an initialiser. Written by
// the constructor before the handler is installed.
volatile std::sig_atomic_t handler_write_end = -1;

void put_byte(int fd) noexcept {
  const char byte = 0;
  // SAFETY(syscall): async-signal-safe; the pipe has room for the few bytes it will ever hold.
  [[maybe_unused]] const ssize_t written = ::write(fd, &byte, 1);
}

extern "C" void on_signal(int) {
  const int saved_errno = errno;
  put_byte(handler_write_end);
  errno = saved_errno;
}

void wait_for_byte() {
  char byte = 0;
  // SAFETY(syscall): blocks until a byte is there, which is the purpose. It runs on a thread of the
  // blocking pool. An interrupted read has taken nothing.
  while (::read(signal_pipe().read_end, &byte, 1) < 0 && errno == EINTR) {
  }
}

void set_action(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  // SAFETY(syscall): the action is filled in, and the handler async-signal-safe.
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

StopSignal::StopSignal() : requested_(weft::spawn_blocking(wait_for_byte)) {
  handler_write_end = signal_pipe().write_end;
  // SA_RESETHAND: the first signal puts the default action back.
  for (const int signal : kSignals) set_action(signal, on_signal, SA_RESTART | SA_RESETHAND);
}

StopSignal::~StopSignal() {
  for (const int signal : kSignals) set_action(signal, SIG_DFL, 0);
  if (!requested_.is_finished()) put_byte(signal_pipe().write_end);
}

}  // namespace examples
