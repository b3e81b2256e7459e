// Driver: what a runtime sleeps on, and what wakes its tasks from outside: timers and I/O.
//
// Spec, TM-7, TM-44..TM-47.
//
// A stack of two. On top the timers (TimeDriver), which know when to wake up at the latest; below
// them the reactor (IoDriver), which does the waiting: every sleep is one poll of it, no longer
// than until the next timer. Signals and child processes are descriptors of the reactor.
//
// One thread at a time holds the driver and turns it: park(), park_for(), poll_now(), shutdown().
// Who that is, is the scheduler's business. All others may insert timers, register descriptors,
// and unpark().
//
//   Driver& driver = ...;             // held
//   driver.park();                    // sleep until a timer, an event, or unpark()
//   driver.poll_now();                // take what is there, without sleeping

#ifndef WEFT_RUNTIME_DRIVER_DRIVER_H_
#define WEFT_RUNTIME_DRIVER_DRIVER_H_

#include <chrono>
#include <cstddef>
#include <optional>

#include <weft/base/result.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/driver/io_driver.h>
#include <weft/runtime/driver/time_driver.h>
#include <weft/runtime/driver/unparkable.h>
#include <weft/runtime/ref_counted.h>

namespace weft::internal {

struct DriverOptions {
  bool enable_io = false;        // descriptors may be registered
  bool enable_time = false;      // timers may be made
  bool start_paused = false;     // the clock stands still from the beginning; implies may_pause
  bool may_pause = false;        // the clock may be paused: runtimes with one thread only
  std::size_t io_events = 1024;  // taken from the reactor at once
  unsigned shards = 1;           // of the timers: as many as threads that insert them, at least 1
};

// "Held" means: by one thread at a time, each having seen what the one before it did.
class Driver final : public Unparkable {
 public:
  // Fails if the reactor cannot be made (no descriptors left). Throws std::bad_alloc.
  static Result<RefPtr<Driver>> create(const DriverOptions& options);

  // Held. Sleeps until an event, a timer, or an unpark(), which also counts if it came earlier;
  // then wakes everything that is due. May return without reason. If the clock is paused and may
  // advance by itself, jumps to the next timer instead of sleeping (TM-7).
  void park() noexcept { turn(std::nullopt); }
  // Held. The same, and returns after `limit` (of the runtime's clock) at the latest.
  void park_for(std::chrono::nanoseconds limit) noexcept { turn(limit); }
  // Held. Wakes everything that is due and returns.
  void poll_now() noexcept;

  // Held; the last thing done to it, and required before the last reference is given back. Ends all
  // timers and all I/O: their tasks are woken and find out. Repeating it does nothing.
  void shutdown() noexcept;

  // Ends the present park(), or else makes the next one return at once. Thread-safe. An unpark()
  // costs a system call: ask first whether anybody sleeps.
  void unpark() noexcept override;

  // After a change of the clock by another thread than the driver's holder: the time it may sleep
  // is another one now. Thread-safe.
  void clock_was_set() noexcept;

  // Held. When the last of these looked at the clock, on the runtime's clock.
  SteadyTime last_turn() const noexcept { return last_turn_; }

  bool io_enabled() const noexcept { return io_enabled_; }
  bool time_enabled() const noexcept { return time_enabled_; }

  IoDriver& io() noexcept { return *io_; }
  TimeDriver& time() noexcept { return time_; }
  Clock& clock() noexcept { return clock_; }

 private:
  Driver(RefPtr<IoDriver> io, const DriverOptions& options);
  ~Driver() override;

  void turn(std::optional<std::chrono::nanoseconds> limit) noexcept;
  void process_timers() noexcept;
  void wait(SteadyTime now, std::optional<std::chrono::nanoseconds> duration,
            std::optional<std::chrono::nanoseconds> limit) noexcept;

  const bool io_enabled_;
  const bool time_enabled_;
  const RefPtr<IoDriver> io_;
  Clock clock_;
  TimeDriver time_;
  SteadyTime last_turn_;  // the holder's
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_DRIVER_H_
