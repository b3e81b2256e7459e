// Mutex, Condvar: the blocking types under the checker's eyes.
//
// Spec: TE-27. Contracts: <weft/loom/mutex.h>.
//
// Threads that cannot go on are not scheduled; if nobody can, that is a deadlock, also where the
// cause is a notification that came too early. notify_one may wake any waiter. A wait may once be
// woken for no reason (Options::spurious_wakeups). Time does not pass: a timed wait may run out at
// once, and does where nothing else can happen. Outside of a model all of them do nothing.

#ifndef WEFT_LOOM_CHECKER_MUTEX_H_
#define WEFT_LOOM_CHECKER_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <source_location>
#include <utility>

namespace weft::loom::checker {

class Mutex {
  using Where = std::source_location;

 public:
  constexpr Mutex() noexcept = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex();

  void lock(Where where = Where::current()) noexcept;
  bool try_lock(Where where = Where::current()) noexcept;
  void unlock(Where where = Where::current()) noexcept;

 private:
  char address_ = 0;  // the object is known by it
};

class Condvar {
  using Where = std::source_location;

 public:
  constexpr Condvar() noexcept = default;
  Condvar(const Condvar&) = delete;
  Condvar& operator=(const Condvar&) = delete;
  ~Condvar();

  void notify_one(Where where = Where::current()) noexcept;
  void notify_all(Where where = Where::current()) noexcept;

  void wait(std::unique_lock<Mutex>& lock, Where where = Where::current()) noexcept {
    wait_for_signal(*lock.mutex(), /*timed=*/false, where);
  }
  template <class Predicate>
  void wait(std::unique_lock<Mutex>& lock, Predicate done, Where where = Where::current()) {
    while (!done()) wait(lock, where);
  }

  // A limit at the clock's end is never reached, any other may be at any moment.
  std::cv_status wait_until(std::unique_lock<Mutex>& lock,
                            std::chrono::steady_clock::time_point deadline,
                            Where where = Where::current()) noexcept {
    const bool timed = deadline != std::chrono::steady_clock::time_point::max();
    return wait_for_signal(*lock.mutex(), timed, where) ? std::cv_status::no_timeout
                                                        : std::cv_status::timeout;
  }
  template <class Predicate>
  bool wait_until(std::unique_lock<Mutex>& lock, std::chrono::steady_clock::time_point deadline,
                  Predicate done, Where where = Where::current()) {
    while (!done()) {
      if (wait_until(lock, deadline, where) == std::cv_status::timeout) return done();
    }
    return true;
  }
  std::cv_status wait_for(std::unique_lock<Mutex>& lock, std::chrono::nanoseconds,
                          Where where = Where::current()) noexcept {
    return wait_until(lock, {}, where);
  }
  template <class Predicate>
  bool wait_for(std::unique_lock<Mutex>& lock, std::chrono::nanoseconds, Predicate done,
                Where where = Where::current()) {
    return wait_until(lock, {}, std::move(done), where);
  }

 private:
  // False if it timed out.
  bool wait_for_signal(Mutex& mutex, bool timed, Where where) noexcept;

  char address_ = 0;  // the object is known by it
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_MUTEX_H_
