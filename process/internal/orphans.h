// Orphans: the processes that nobody waits for any more, except that they must not become zombies.
//
// Spec: P-34..P-38.
//
// An orphan looks after itself (child_process.h) as long as a driver wakes it. Here are those whose
// driver has shut down. There is no thread to look after them, so they wait for the next runtime
// that starts a child or loses one; if there is none they become zombies, until the program ends
// and init takes them.

#ifndef WEFT_PROCESS_INTERNAL_ORPHANS_H_
#define WEFT_PROCESS_INTERNAL_ORPHANS_H_

#include <cstddef>

#include <weft/base/intrusive_list.h>
#include <weft/loom/mutex.h>

namespace weft::process::internal {

class ChildProcess;

// One in the program, made on first use and never destroyed. Thread-safe.
class Orphans {
 public:
  static Orphans& get();

  // Counts an orphan, from when its Child is gone until it was waited for.
  void add() noexcept;
  void remove() noexcept;
  std::size_t count() noexcept;
  // Blocks until there are none: for tests.
  void wait_until_none() noexcept;

  // Keeps `orphan`, whose driver is gone.
  void keep(ChildProcess& orphan) noexcept;
  // Gives all of them to the current runtime.
  void move_to_current_runtime() noexcept;

 private:
  loom::Mutex mutex_;
  loom::Condvar none_left_;
  // Guarded by mutex_.
  std::size_t count_ = 0;
  IntrusiveList<ChildProcess> homeless_;
};

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_ORPHANS_H_
