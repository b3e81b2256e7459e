// Trace: what a runtime's threads do, for a file that trace viewers show.
//
// Spec: R-173.
//
// Each thread has a ring of its own (trace_ring.h), found through a thread-local. The events of a
// thread are kept when it ends. Threads beyond a number share no ring: what they do is counted as
// lost. Nothing here is used by a runtime that is not traced.

#ifndef WEFT_RUNTIME_TRACE_TRACE_H_
#define WEFT_RUNTIME_TRACE_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/trace/trace_event.h>
#include <weft/runtime/trace/trace_ring.h>

namespace weft::internal {

class Trace {
 public:
  static constexpr std::size_t kMostThreads = 1024;

  // `now`: nanoseconds of the steady clock; times in the file count from there.
  Trace(std::string path, std::int64_t now);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  const std::string& path() const noexcept { return path_; }

  // Any thread: into the calling one's ring.
  void add(const TraceEvent& event) noexcept;

  // The text of the file: all that has ended so far.
  std::string to_json() const;
  // Writes it, over what is there (trace_file.h). Any thread; one at a time.
  Result<void> write() const;
  // The same; an error, or that there is no memory, is said on standard error.
  void write_or_say() const noexcept;

 private:
  TraceRing* own_ring() noexcept;
  TraceRing* find_or_make_ring() noexcept;

  const std::string path_;
  const std::int64_t start_;
  const std::uint64_t id_;  // never used again, for the thread-local
  mutable loom::Mutex mutex_;
  std::vector<std::unique_ptr<TraceRing>> rings_;  // guarded by mutex_; they stay
  // Events of threads without a ring. Counted by them, read for the file; only the number matters.
  loom::Atomic<std::uint64_t> lost_{0};
  mutable loom::Mutex file_mutex_;  // while the file is written
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TRACE_TRACE_H_
