#include <weft/runtime/dump/dump_signal.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/loom/atomic.h>
#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/loom/thread.h>
#include <weft/runtime/dump/dump_walk.h>
#include <weft/runtime/dump/runtime_list.h>
#include <weft/runtime/scheduler/scheduler.h>

namespace weft::internal {
namespace {

// Written once, before the handler is installed; constant-initialised, so that it finds it.
// [DS1] release in start_dump_thread() -> acquire in on_dump_signal().
constinit loom::Atomic<int> dump_request{-1};

struct DumpWatch {
  loom::Mutex mutex;
  bool is_started = false;  // guarded by mutex
};
struct DumpWatchTag;
using DumpWatches = loom::Global<DumpWatch, DumpWatchTag>;

// Async-signal-safe: an atomic without a lock, and write(2).
void on_dump_signal(int) {
  const int saved = errno;
  sys::raise_event_in_handler(dump_request.load(std::memory_order_acquire));  // [DS1]
  errno = saved;
}

void write_to_stderr(std::string_view text) noexcept {
  std::span<const std::byte> rest = std::as_bytes(std::span(text));
  while (!rest.empty()) {
    const Result<std::size_t> written = sys::write(BorrowedFd(STDERR_FILENO), rest);
    if (!written) return;  // nobody reads it
    rest = rest.subspan(*written);
  }
}

std::string dump_of(Scheduler& scheduler) {
  DumpWalk walk(scheduler);
  while (!walk.step()) {
  }
  return walk.finish().to_string();
}

void dump_all() noexcept {
  try {
    for (const RefPtr<Scheduler>& scheduler : ListedRuntime::all()) {
      write_to_stderr("weft: dump of " + dump_of(*scheduler) + "\n");
    }
  } catch (const std::bad_alloc&) {
    write_to_stderr("weft: no memory for a dump\n");
  }
}

[[noreturn]] void run_dump_thread(OwnedFd requests) {
  for (;;) {
    std::uint64_t count = 0;
    // Sleeps until the handler has run; requests that come meanwhile are one.
    const Result<std::size_t> taken =
        sys::read(requests, std::as_writable_bytes(std::span(&count, 1)));
    WEFT_CHECK(taken.has_value(), "the eventfd of the dump's signal cannot be read");
    dump_all();
  }
}

std::optional<int> requested_signal(std::source_location where) {
  const char* const text = std::getenv("WEFT_DUMP_SIGNAL");
  if (text == nullptr) return std::nullopt;
  const std::string_view name(text);
  if (name == "QUIT") return SIGQUIT;
  if (name == "USR1") return SIGUSR1;
  const std::string message =
      std::string(
          "Builder::build: the environment variable WEFT_DUMP_SIGNAL has to be QUIT or "
          "USR1, but is \"") +
      text + "\"";
  fatal(message, where);
}

Result<void> start_dump_thread(int number) {
  Result<OwnedFd> requests = sys::eventfd(0, EFD_CLOEXEC);
  if (!requests) return Err(requests.error());
  const int raw = requests->raw();
  Result<loom::Thread> thread = loom::Thread::spawn(
      {.name = "weft-dump"},
      [fd = *std::move(requests)]() mutable { run_dump_thread(std::move(fd)); });
  if (!thread) return Err(thread.error());
  thread->detach();
  dump_request.store(raw, std::memory_order_release);  // [DS1]
  struct ::sigaction ours{};
  ours.sa_handler = on_dump_signal;
  // On a fiber's small stack the alternate one is used, if the program has made one.
  ours.sa_flags = SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&ours.sa_mask);
  return sys::sigaction(number, &ours, nullptr);
}

}  // namespace

Result<void> dump_on_signal(Scheduler& scheduler, std::source_location where) {
  const std::optional<int> number = requested_signal(where);
  if (!number.has_value()) return {};
  DumpWatch& watch = DumpWatches::get();
  {
    const std::lock_guard lock(watch.mutex);
    if (!watch.is_started) {
      if (const Result<void> started = start_dump_thread(*number); !started) return started;
      watch.is_started = true;
    }
  }
  scheduler.listed().list();
  return {};
}

}  // namespace weft::internal
