// StallWatch: which workers have been in one resume for too long, and when to look next.
//
// Spec: R-172.
//
// The monitor is a thread that looks at the workers' stamps (stall_record.h). It looks when the
// oldest resume that runs reaches the limit; when none runs, but some have since the last look, a
// limit later; and when nothing has run, not before somebody begins: so an idle runtime costs
// nothing, and a busy one a look per limit. Who begins while the monitor sleeps wakes it, at most
// once per limit. That they do not miss each other is a store-buffer pair: begin() stores the stamp
// and then loads asleep_; the monitor stores asleep_ and then loads the stamps, all seq_cst.
//
// All times are nanoseconds of the steady clock, given by the caller.

#ifndef WEFT_RUNTIME_STALL_STALL_WATCH_H_
#define WEFT_RUNTIME_STALL_STALL_WATCH_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>

#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/stall/stall_question.h>
#include <weft/runtime/stall/stall_record.h>

namespace weft::internal {

// What a handler answers.
struct StallAnswer {
  static constexpr std::size_t kMostFrames = 64;
  static constexpr std::size_t kLongestName = 63;

  std::int64_t stamp;  // of the resume; another one than was asked about: it is over
  std::uint64_t task;  // 0: block_on's argument
  std::source_location spawned_at;
  std::size_t name_length;
  std::array<char, kLongestName> name;
  std::size_t depth;
  std::array<void*, kMostFrames> frames;
  void* trampoline;  // the frame that called the handler; what follows is the thread's own
};

// The part of a poll that is kept on its stack. Left alone without a watch.
struct StallMark {
  StallRecord* outer_record;
  FrameHeader* outer_task;
  StallRecord* record;  // null: not watched
  bool is_outermost;    // of this record
};

// How a question and its answer travel; -1: they do not.
struct StallChannel {
  int signal = -1;  // that asks
  int event = -1;   // an eventfd, raised by who has answered
};

class StallWatch {
 public:
  // `workers` is how many records there are. Throws std::bad_alloc.
  StallWatch(std::chrono::nanoseconds limit, unsigned workers);
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  std::chrono::nanoseconds limit() const noexcept { return std::chrono::nanoseconds(limit_); }

  // --- The thread that holds worker `index`; a number that has no record is not watched

  // A resume begins, of `task` or, if that is null, of block_on's argument. It may be inside
  // another one, which then goes on; a report names the inner one.
  void begin(unsigned index, FrameHeader* task, std::source_location root_location,
             std::int64_t now, StallMark& mark) noexcept;
  // It has ended; or the thread has lost its core meanwhile, and with it the record.
  static void end(StallMark& mark) noexcept;

  // The thread gives its core away, and may block from now on: nothing of it is watched.
  static StallMark pause() noexcept;
  // It has got the core back, and the resume begins anew.
  static void resume(const StallMark& mark, std::int64_t now) noexcept;

  // --- The handler

  // Writes the answer if this thread is asked. Async-signal-safe.
  static void answer(void* trampoline) noexcept;

  // --- The monitor

  struct Overdue {
    unsigned index;
    std::int64_t stamp;
    int thread;
  };
  // One that is over the limit and was not given before.
  std::optional<Overdue> next_overdue(std::int64_t now) noexcept;
  // When to look next. Nothing: when begin() says so; it has been told to.
  std::optional<std::int64_t> next_look(std::int64_t now) noexcept;
  // Sleeps until then, or until stop(): false.
  bool wait(std::optional<std::int64_t> until) noexcept;
  // True once that resume has ended.
  bool is_over(const Overdue& overdue) const noexcept {
    return records_[overdue.index].stamp.load(std::memory_order_seq_cst) !=  // [SQ3]
           overdue.stamp;
  }
  StallQuestion& question() noexcept { return question_; }
  const StallAnswer& last_answer() const noexcept { return answer_; }
  // Before the first resume.
  void set_channel(StallChannel channel) noexcept { channel_ = channel; }
  // The event of an answer. Async-signal-safe.
  void raise_event() const noexcept;

  // --- Any thread

  void stop() noexcept;

 private:
  // The earliest time that a resume which runs reaches the limit; `active`: some have run since.
  std::optional<std::int64_t> scan(bool& active) noexcept;
  void wake_monitor() noexcept;
  // Ends the resume for the monitor; answers, without a trace, if it asks just now.
  void close(StallRecord& record) noexcept;
  void write_answer(StallRecord& record, void* trampoline) noexcept;
  // The calling thread is watched for the first time: its number for tgkill. It must not block the
  // signal, which threads inherit from those that wait for signals elsewhere.
  int introduce_thread() const noexcept;

  const std::int64_t limit_;
  const unsigned count_;
  const std::unique_ptr<StallRecord[]> records_;

  // Set by the monitor before it sleeps without a limit; cleared by whoever wakes it.
  // [SR2] seq_cst, with the stamps: see the head of this file.
  loom::Atomic<bool> asleep_{false};
  loom::Mutex mutex_;
  loom::Condvar changed_;
  bool stopped_ = false;  // guarded by mutex_

  StallQuestion question_;
  StallAnswer answer_;  // see StallQuestion
  StallChannel channel_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_STALL_WATCH_H_
