#include <weft/runtime/stall/stall_signal.h>

#include <array>
#include <cerrno>
#include <execinfo.h>
#include <mutex>
#include <signal.h>

#include <weft/base/sys.h>
#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/stall/stall_watch.h>

namespace weft::internal {
namespace {

struct Installed {
  loom::Mutex mutex;
  int number = 0;  // guarded by mutex; 0: not yet
};
struct InstalledTag;
using TheSignal = loom::Global<Installed, InstalledTag>;

[[gnu::noinline]] void on_signal(int, ::siginfo_t*, void*) noexcept {
  const int kept = errno;
  // What this returns to is the kernel's way back into the interrupted function: the frames above
  // it in a backtrace are ours.
  StallWatch::answer(__builtin_return_address(0));
  errno = kept;
}

// Whether nobody handles or ignores it.
bool is_free(int number) noexcept {
  struct ::sigaction now = {};
  return sys::sigaction(number, nullptr, &now).has_value() && (now.sa_flags & SA_SIGINFO) == 0 &&
         now.sa_handler == SIG_DFL;
}

Result<void> install(int number) noexcept {
  // The first call loads the unwinder's library and allocates, which a handler must not.
  std::array<void*, 4> frames{};
  static_cast<void>(::backtrace(frames.data(), static_cast<int>(frames.size())));
  struct ::sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  return sys::sigaction(number, &action, nullptr);
}

}  // namespace

Result<int> stall_signal() {
  Installed& installed = TheSignal::get();
  const std::lock_guard lock(installed.mutex);
  if (installed.number != 0) return installed.number;
  for (int number = SIGRTMAX - 1; number > SIGRTMIN; --number) {
    if (!is_free(number)) continue;
    if (Result<void> done = install(number); !done) return Err(done.error());
    installed.number = number;
    return number;
  }
  return Err(Error(std::errc::device_or_resource_busy));
}

}  // namespace weft::internal
