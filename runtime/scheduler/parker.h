// Parker: blocks one worker's thread until another thread hands it a token, or the watch ticks.
//
// Spec: R-85..R-89 (the guarantees); the mechanism is docs/design/scheduler.md "How workers wait".
//
// Design. A worker sleeps in an epoll of its own, with two descriptors in it: its own eventfd,
// which unpark() writes to, and the shared watch timer, registered EPOLLEXCLUSIVE so that a tick
// wakes one sleeper only. (A condition variable could not wait for the timer, and one epoll for all
// would wake whom the kernel likes.) Both are edge triggered: the eventfd is never read, so a sleep
// is one system call and a wake-up one more. Where a token and a tick come together the token
// counts, and the watch is armed again for somebody else.
//
// Tokens do not count: any number of unparks before a park make that one park return. A park also
// takes in a token that comes while it wakes up for another reason.
//
//   state_   kEmpty --park--> kParked --unpark--> kNotified --park--> kEmpty
//                '--------------unpark-----------------^
//
//   WakeReason reason = parker.park();      // the owner
//   parker.unpark();                        // anybody

#ifndef WEFT_RUNTIME_SCHEDULER_PARKER_H_
#define WEFT_RUNTIME_SCHEDULER_PARKER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <weft/base/cache_line.h>
#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/scheduler/watch_timer.h>

namespace weft::internal {

enum class WakeReason : std::uint8_t {
  kUnparked,   // there was a token; it is consumed
  kWatchTick,  // no token; this thread, and no other, was given the watch's tick
  kTimeout,    // neither before the time was over
};

// park*() is for one thread at a time, the owner; unpark() for any. Must outlive every call of
// unpark(), that is: who may unpark keeps it alive.
class alignas(kFalseSharingRange) Parker {
 public:
  // `watch` may be null: then there are no ticks. Fails with too_many_files_open (EMFILE, ENFILE)
  // and not_enough_memory.
  static Result<std::unique_ptr<Parker>> create(WatchTimer* watch);

  Parker(const Parker&) = delete;
  Parker& operator=(const Parker&) = delete;

  // Blocks until there is a token or a tick; at once if there is a token already. What an unparker
  // wrote before is visible on kUnparked. Never returns without a reason.
  WakeReason park() noexcept { return park_until(std::nullopt); }

  // The same for at most `limit`: 0 or less only takes a token that is there; a deadline
  // beyond the clock's range becomes one second from now.
  WakeReason park_for(std::chrono::nanoseconds limit) noexcept;

  // Leaves a token. Wakes the owner if it sleeps; otherwise its next park returns at once. A system
  // call only if the owner sleeps and had no token yet.
  void unpark() noexcept;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { kEmpty, kParked, kNotified };
  // What one wait in the kernel saw.
  struct Signals {
    bool tick_due = false;
    bool timed_out = false;
  };

  Parker(OwnedFd epoll, OwnedFd event, WatchTimer* watch) noexcept;

  WakeReason park_until(std::optional<TimePoint> deadline) noexcept;
  Signals sleep(std::optional<TimePoint> deadline) noexcept;
  bool take_token() noexcept;
  WakeReason stop_waiting(bool has_tick) noexcept;

  // kParked, and back to kEmpty: by the owner. kNotified: by any thread. There is no plain load,
  // and every write is a read-modify-write, so a token that overwrites a token stays in the release
  // sequence of the first: no unparker's writes are lost.
  // [P1] release in unpark() -> acquire where the owner leaves kNotified: what the unparkers wrote.
  loom::Atomic<State> state_{State::kEmpty};

  OwnedFd epoll_;
  OwnedFd event_;      // counts the unparks that found kParked; never read
  WatchTimer* watch_;  // null: no ticks
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_PARKER_H_
