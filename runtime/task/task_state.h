// TaskState: the one word that decides what may happen to a task, and when its memory goes.
//
// Spec: R-107..R-109, R-116 (guarantees; the accounting is weft's own).
//
//   63            32 31          8 7    6    5     4     3     2    1    0
//   [ count        ] [ runtime id ] SLOW TASK CANC. J.WAK J.INT NOTI COMP RUNN
//
//   RUNNING        somebody polls the task, or has put it aside to poll it again (deferred)
//   COMPLETE       final: the frame is gone, the output (if JOIN_INTEREST) is in place
//   NOTIFIED       the task is in exactly one queue, or RUNNING and has to be polled again
//   JOIN_INTEREST  the JoinHandle exists
//   JOIN_WAKER     FrameHeader::join_waker is set
//   CANCELLED      the next poll cancels instead of running. Idle and CANCELLED: being cancelled
//                  step by step (poll_cancel), waiting for a wake-up like any task
//   TASK           tells a task's word from a free block's and a nested frame's
//   SLOW           the join waker has been replaced once: see complete()
//
// References. RUNNING, NOTIFIED and JOIN_INTEREST are references themselves; the count holds wakers
// and abort handles only. The memory goes when COMPLETE is set, none of the three is, and the count
// is 0. A task that is neither and that nobody refers to is kept: shutdown will find it. So:
//   start           one unconditional add (NOTIFIED becomes RUNNING)
//   suspend         one unconditional add (RUNNING goes, wakers cloned in this poll are counted)
//   wake            one compare-and-swap (the waker's reference becomes NOTIFIED)
//   complete        one compare-and-swap, which also takes the join waker
// A waker cloned during a poll may be given away, used and dropped before the poll's end adds it:
// the count is then negative for a while. It is the topmost field, so nothing else is disturbed,
// and RUNNING keeps the memory until it has been added.
//
// Who is alone needs no atomic operation. The holder of RUNNING or NOTIFIED that reads a word
// without JOIN_INTEREST and with a count of 0 holds the only reference, so nobody can obtain
// another: it stores plainly. The same holds for the JoinHandle while its task lies in the LIFO
// slot of the worker that the handle is used on (`unpublished`): only that thread reads the slot.
// A walk at shutdown (claim_for_shutdown) or for a dump (claim_for_dump, retain_if_idle) reads all
// words but changes only those that are idle, when nobody believes to be alone.
//
// Orders. Every transition that gives a reference or the right to run to someone else releases, and
// every one that takes it acquires; tags:
//   [T1] wake, abort -> start, resume_deferred: what the waker did before is seen by the next poll
//   [T2] suspend -> start on another thread, claim_for_shutdown, claim_for_dump: the frame
//   [T3] complete -> is_complete in the JoinHandle: the output
//   [T4] every drop of a reference -> the drop that frees: all uses of the memory
//   [T5] set_join_waker -> complete: the join waker
// Checked by tests/unit/runtime/task_state_test.cc.

#ifndef WEFT_RUNTIME_TASK_TASK_STATE_H_
#define WEFT_RUNTIME_TASK_TASK_STATE_H_

#include <cstdint>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class TaskState {
 public:
  static constexpr std::uint64_t kRunning = 1u << 0;
  static constexpr std::uint64_t kComplete = 1u << 1;
  static constexpr std::uint64_t kNotified = 1u << 2;
  static constexpr std::uint64_t kJoinInterest = 1u << 3;
  static constexpr std::uint64_t kJoinWaker = 1u << 4;
  static constexpr std::uint64_t kCancelled = 1u << 5;
  static constexpr std::uint64_t kTask = 1u << 6;
  static constexpr std::uint64_t kSlow = 1u << 7;
  static constexpr unsigned kRuntimeShift = 8;
  static constexpr std::uint32_t kRuntimeMask = 0xffffff;
  static constexpr std::uint64_t kReference = 1ull << 32;

  explicit TaskState(FrameHeader& task) noexcept
      : word_(task.word()), join_waker_(task.join_waker) {}

  // A new task: queued once, with a JoinHandle. The caller owns both references.
  void init(std::uint32_t runtime_id) noexcept;

  enum class Start { kRun, kCancel };
  // The caller holds NOTIFIED, taken from a queue; it becomes RUNNING.
  [[nodiscard]] Start start() noexcept;
  // The caller holds RUNNING of a deferred task and is about to poll it again.
  [[nodiscard]] Start resume_deferred() noexcept;

  enum class Suspend { kIdle, kNotified };
  // Ends a poll. kIdle: the caller must not touch the task again. kNotified: it was woken meanwhile
  // and the caller, who now holds NOTIFIED, queues it.
  [[nodiscard]] Suspend suspend(std::uint32_t cloned_wakers) noexcept;
  // Ends a poll of a task that is polled again soon: it stays RUNNING.
  void defer(std::uint32_t cloned_wakers) noexcept;
  // RUNNING has been taken for cancelling (shutdown): later polls cancel too.
  void mark_cancelled() noexcept;

  struct [[nodiscard]] Completion {
    Waker joiner;            // wake it, if there is one
    bool free_task = false;  // nobody refers to the task any more
  };
  // RUNNING becomes COMPLETE. `drop_output()` is called, before that, when nobody will read it.
  template <class DropOutput>
  Completion complete(std::uint32_t cloned_wakers, DropOutput&& drop_output) noexcept;

  enum class Wake { kNothing, kSubmit, kFree };
  // Gives up the caller's counted reference. kSubmit: it has become NOTIFIED; queue the task.
  [[nodiscard]] Wake wake() noexcept;
  // The same without giving up the reference; never kFree.
  [[nodiscard]] Wake wake_by_ref() noexcept;
  // Requests cancellation. kSubmit: queue the task, a NOTIFIED reference has been made. Never
  // kFree.
  [[nodiscard]] Wake abort() noexcept;

  // Shutdown's walk, after the queues are empty and while no worker runs: takes an idle task of
  // this runtime for cancellation. False: not such a task (a free block, a nested frame, another
  // runtime's, queued, running, complete). Compares and swaps the whole word, so a block that has
  // changed its role meanwhile fails, and one that is an idle task of this runtime *again* may be
  // taken as well.
  [[nodiscard]] bool claim_for_shutdown(std::uint32_t runtime_id) noexcept;

  enum class Claim {
    kNone,     // a free block, a nested frame, another runtime's, complete
    kClaimed,  // it was idle, and the caller holds RUNNING now
    kQueued,   // NOTIFIED
    kRunning,  // polled, or put aside to be polled again, or claimed by somebody else
  };
  // A dump's, at any time, on any thread: takes an idle task of this runtime as a poll does that
  // was not asked for. What happens to it meanwhile (a wake-up, an abort, the handle's end) finds
  // it running. Ends with suspend(). The same as for claim_for_shutdown() holds for blocks that
  // change their role; and a walk at shutdown leaves a task alone that is claimed, so it has to be
  // told to look again (Scheduler::note_stray_resume).
  [[nodiscard]] Claim claim_for_dump(std::uint32_t runtime_id) noexcept;
  // A dump's: adds a counted reference to a task that is idle. False, and nothing is changed, if it
  // is not; then whoever holds it may believe to be alone.
  [[nodiscard]] bool retain_if_idle(std::uint32_t runtime_id) noexcept;
  // What claim_for_dump() would answer, but for kClaimed, which it says of a task that is idle.
  Claim look(std::uint32_t runtime_id) const noexcept;

  void retain() noexcept;
  // True: that was the last reference, free it.
  [[nodiscard]] bool release() noexcept;

  bool is_complete() const noexcept;
  // True if its cancellation has begun, takes steps (poll_cancel), and waits for a wake-up. For the
  // thread that alone may run the task; a wake-up may come at any moment.
  bool is_waiting_to_be_cancelled() const noexcept {
    constexpr std::uint64_t kMask = kCancelled | kRunning | kNotified | kComplete;
    // relaxed: the caller has run the task last, and asks only to report.
    return (word_.load(std::memory_order_relaxed) & kMask) == kCancelled;
  }
  // For the holder of RUNNING: whether the next poll will cancel it, or goes on with that.
  bool is_being_cancelled() const noexcept {
    // relaxed: as above.
    return (word_.load(std::memory_order_relaxed) & kCancelled) != 0;
  }
  // For whoever took the task from a queue: RUNNING means that it had been put aside (defer).
  bool is_running() const noexcept {
    // relaxed: the holder of NOTIFIED or RUNNING asks which of the two it holds.
    return (word_.load(std::memory_order_relaxed) & kRunning) != 0;
  }

  // The JoinHandle's side. `unpublished`: see the head of this file.
  enum class Join { kComplete, kPending };
  // kPending: `waker` (or an equal one that was there already) will be woken on completion.
  [[nodiscard]] Join set_join_waker(Waker waker, bool unpublished) noexcept;
  // True if the join waker that is set wakes the same target as `waker`.
  bool join_waker_is(const Waker& waker) const noexcept;
  // Gives up JOIN_INTEREST. `drop_output()` is called if the task is complete and `has_output`.
  // True: free the task.
  template <class DropOutput>
  [[nodiscard]] bool drop_join_interest(bool unpublished, DropOutput&& drop_output) noexcept;

 private:
  static constexpr std::uint64_t kHolders = kRunning | kNotified | kJoinInterest;
  static constexpr bool is_unreferenced(std::uint64_t word) noexcept {
    return (word & kHolders) == 0 && word < kReference;
  }
  // No JoinHandle, no waker, no abort handle: whoever holds the rest is alone.
  static constexpr bool has_only_holder(std::uint64_t word) noexcept {
    return (word & kJoinInterest) == 0 && word < kReference;
  }
  bool try_change(std::uint64_t& seen, std::uint64_t next) noexcept {
    // acq_rel serves every tag at once; on x86 it costs what relaxed costs. [T1]..[T5]
    return word_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                       std::memory_order_acquire);
  }
  static Claim claim_of(std::uint64_t word, std::uint32_t runtime_id) noexcept;
  Waker take_kept_joiner(bool& free_task) noexcept;
  bool give_up_join_interest(std::uint64_t seen) noexcept;

  loom::Atomic<std::uint64_t>& word_;
  // Written by the JoinHandle while JOIN_WAKER is clear; read by the completer while it is set.
  // Atomic because the completer of a task that is not SLOW reads it before its compare-and-swap,
  // which fails if the JoinHandle has changed anything meanwhile.
  loom::Atomic<Wakeable*>& join_waker_;
};

template <class DropOutput>
TaskState::Completion TaskState::complete(std::uint32_t cloned_wakers,
                                          DropOutput&& drop_output) noexcept {
  const std::uint64_t added = cloned_wakers * kReference;
  bool output_is_gone = false;
  std::uint64_t seen = word_.load(std::memory_order_acquire);  // [T4] [T5]
  for (;;) {
    if ((seen & kJoinInterest) == 0 && !std::exchange(output_is_gone, true)) drop_output();
    if (has_only_holder(seen) && added == 0) return {Waker(), true};
    const bool keep = (seen & (kJoinWaker | kSlow)) == (kJoinWaker | kSlow);
    std::uint64_t next = (seen & ~(kRunning | kNotified)) | kComplete;
    next = keep ? next + kReference : next & ~kJoinWaker;
    next += added;
    // relaxed: [T5] the load of the word that showed JOIN_WAKER; see the member.
    Wakeable* const joiner =
        (seen & kJoinWaker) != 0 ? join_waker_.load(std::memory_order_relaxed) : nullptr;
    if (!try_change(seen, next)) continue;
    if (!keep) return {Waker::adopt(joiner), is_unreferenced(next)};
    Completion done;
    done.joiner = take_kept_joiner(done.free_task);
    return done;
  }
}

template <class DropOutput>
bool TaskState::drop_join_interest(bool unpublished, DropOutput&& drop_output) noexcept {
  std::uint64_t seen = word_.load(std::memory_order_acquire);  // [T3]
  if (unpublished && (seen & kJoinWaker) == 0 && seen < kReference) {
    // relaxed: this thread is the only one that may change the word (head of this file).
    word_.store(seen & ~kJoinInterest, std::memory_order_relaxed);
    return false;
  }
  while ((seen & kComplete) == 0) {
    if (!try_change(seen, seen & ~(kJoinInterest | kJoinWaker))) continue;
    // relaxed: this handle wrote it, and clearing JOIN_WAKER gave it back.
    if ((seen & kJoinWaker) != 0) Waker::adopt(join_waker_.load(std::memory_order_relaxed));
    return false;
  }
  drop_output();
  return give_up_join_interest(seen);
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_TASK_STATE_H_
