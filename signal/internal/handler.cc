// The signal handler. Interface and protocol: handler.h.

#include <weft/signal/internal/handler.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/eventfd.h>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/loom/atomic.h>

namespace weft::signal::internal {

namespace {

struct HandlerSlot {
  // Added to by the handler; taken by a driver.
  // [H1] release in on_signal() -> acquire in take_pending(): what the interrupted thread and the
  // sender of the signal did before, as far as the kernel orders it.
  loom::Atomic<std::uint64_t> pending{0};
  // What was installed before us. Written before our handler is, read by the handler.
  struct ::sigaction previous{};
};

// Constant-initialised: the handler finds them ready whenever it runs.
constinit std::array<HandlerSlot, kSignalCount> slots{};
// Written once, before the first handler is installed; its number stays the same in a child that
// replaces it.
// [H2] release in open_event() -> acquire in on_signal().
constinit loom::Atomic<int> event{-1};

void call_previous(const struct ::sigaction& previous, int number, ::siginfo_t* info,
                   void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    if (previous.sa_sigaction != nullptr) previous.sa_sigaction(number, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(number);
  }
}

// Async-signal-safe: atomics without a lock, write(2), and what ran here before us.
void on_signal(int number, ::siginfo_t* info, void* context) {
  const int saved = errno;
  HandlerSlot& slot = slots[static_cast<std::size_t>(number)];
  call_previous(slot.previous, number, info, context);
  slot.pending.fetch_add(1, std::memory_order_release);                // [H1]
  sys::raise_event_in_handler(event.load(std::memory_order_acquire));  // [H2]
  errno = saved;
}

}  // namespace

Result<void> open_event() {
  // relaxed: only we write it, under the registry's lock.
  if (event.load(std::memory_order_relaxed) >= 0) return {};
  Result<OwnedFd> made = sys::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (!made) return Err(made.error());
  event.store((*std::move(made)).release(), std::memory_order_release);  // [H2]
  return {};
}

Result<OwnedFd> duplicate_event() {
  // relaxed: the caller has called open_event(), or has seen that somebody did.
  return sys::dupfd_cloexec(BorrowedFd(event.load(std::memory_order_relaxed)));
}

Result<void> replace_event() {
  // relaxed: as above.
  const int number = event.load(std::memory_order_relaxed);
  if (number < 0) return {};
  Result<OwnedFd> fresh = sys::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (!fresh) return Err(fresh.error());
  const Result<void> replaced = sys::dup3(*fresh, number, O_CLOEXEC);
  if (!replaced) return Err(replaced.error());
  for (int signal = 1; signal < kSignalCount; ++signal) static_cast<void>(take_pending(signal));
  return {};
}

Result<void> install_handler(int number) {
  HandlerSlot& slot = slots[static_cast<std::size_t>(number)];
  // Asked for first: our handler may run as soon as it is installed, and reads it.
  if (auto asked = sys::sigaction(number, nullptr, &slot.previous); !asked) return asked;
  struct ::sigaction ours{};
  ours.sa_sigaction = on_signal;
  // On a fiber's small stack the alternate one is used, if the program has made one.
  ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&ours.sa_mask);
  return sys::sigaction(number, &ours, nullptr);
}

std::uint64_t take_pending(int number) noexcept {
  return slots[static_cast<std::size_t>(number)].pending.exchange(
      0,
      std::memory_order_acquire);  // [H1]
}

}  // namespace weft::signal::internal
