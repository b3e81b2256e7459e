// FrameHeader: what stands in memory in front of every coroutine frame of weft.
//
// Spec, T-2.
//
//      block                                  frame (what a coroutine_handle points to)
//      v                                      v
//      +--------------------------------------+--------+---------+----------------------+
//      | FrameHeader, 112 bytes               | resume | promise | parameters, locals   |
//      |                                      | destroy|  result |                      |
//      +--------------------------------------+--------+---------+----------------------+
//
// The promise's operator new puts it there, so spawning a Task costs its frame and nothing else:
// the header of the root frame *is* the task. A frame is one of
//   nested  awaited by another frame: `parent` is resumed when it ends, `strand` is the strand that
//           both belong to, `owner` is where the one pointer to this frame is kept;
//   root    driven by a strand of its own, `own`: a spawned task (which also uses the fields of the
//           second group), a branch of a combinator, or the argument of block_on.
// All frames carry the whole header, because operator new cannot know what a frame will become;
// a request passed in a thread-local was measured and costs a nested await more than the memory.
//
// The first word is special. Other threads may read it at any time, also while the block is free
// (frame_registry.h), so it is an atomic for the whole life of the block's memory and only ever
// stored to, never constructed again:
//   0            the block is free
//   kNestedWord  a frame that is no spawned task
//   else         a task's state (task/task_state.h)

#ifndef WEFT_RUNTIME_COROUTINE_FRAME_H_
#define WEFT_RUNTIME_COROUTINE_FRAME_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <source_location>

#include <weft/loom/atomic.h>
#include <weft/runtime/coroutine/published.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class TaskHome;

// How a frame's work ended and what lies in its result storage.
enum class Outcome : std::uint8_t {
  kNone,       // not ended; or the output has been taken
  kValue,      // a value
  kException,  // a std::exception_ptr
  kCancelled,  // nothing
};

struct FrameHeader;

// Called when `ended` has ended. True: its parent has been ended with it, by end_frame().
using EndHook = bool (*)(FrameHeader* ended) noexcept;

struct FrameHeader : Wakeable {
  static constexpr std::uint64_t kFreeWord = 0;
  static constexpr std::uint64_t kNestedWord = 1;

  // Does not touch the first word: see the head of this file.
  FrameHeader() = delete;

  FrameHeader* parent;            // the frame that awaits this one; null for a root
  Strand* strand;                 // the strand that runs this frame; null before it starts
  std::source_location location;  // the co_await that this frame is suspended in
  std::uint32_t block_size;       // of the whole block, as given to the allocator
  Outcome outcome;
  bool block_is_kept;  // operator delete leaves the block to whoever set this
  bool frame_is_dead;  // the frame has been destroyed, the result storage may still be in use

  union {
    Strand own;           // root
    FrameHeader** owner;  // nested
  };

  union {
    FrameHeader* queue_next;  // spawned task: link of the one queue that a NOTIFIED task is in
    // Spawned task, idle: when it was suspended, in nanoseconds of its runtime's clock as the
    // thread had read it last (ThreadContext::clock); 0: it had not.
    std::int64_t waiting_since;
    EndHook end_hook;  // nested: null, or whether its end also ends `parent` (ok.h)
  };
  // Spawned tasks only.
  TaskHome* home;  // where it is queued; alive as long as the task is not complete
  Published<std::uint64_t> id;
  loom::Atomic<Wakeable*> join_waker;          // see task/task_state.h
  Published<std::source_location> spawned_at;  // where spawn was called

  loom::Atomic<std::uint64_t>& word() noexcept { return word_; }
  const WakeOps* ops() const noexcept { return ops_; }
  void set_ops(const WakeOps* ops) noexcept { ops_ = ops; }

  void* frame_address() noexcept { return this + 1; }
  std::coroutine_handle<> handle() noexcept {
    // SAFETY(lifetime): a frame starts right behind its header for as long as frame_is_dead is
    // false, and every caller holds the frame's one owning pointer or runs its strand.
    return std::coroutine_handle<>::from_address(frame_address());
  }
  static FrameHeader* of(std::coroutine_handle<> frame) noexcept {
    // SAFETY(cast): only frames made by allocate_frame() are passed here; their header is right
    // in front of them.
    return static_cast<FrameHeader*>(frame.address()) - 1;
  }

  // True between the first resume and the end.
  bool has_started() const noexcept { return strand != nullptr; }
  bool has_ended() const noexcept { return outcome != Outcome::kNone || frame_is_dead; }
};

static_assert(sizeof(FrameHeader) == 112, "bytes per task: docs/design/task.md");

// Memory for a frame of `size` bytes behind an initialised header. Throws std::bad_alloc.
void* allocate_frame(std::size_t size);
// Gives the block back unless block_is_kept.
void deallocate_frame(void* frame) noexcept;
// Gives the block back.
void free_block(FrameHeader* header) noexcept;

// What is to be resumed after `ended` has ended: the frame that awaits it; further up if its end
// also ended that one; nothing if it was the root. Constant stack.
inline std::coroutine_handle<> continuation_of(FrameHeader* ended) noexcept {
  for (;;) {
    FrameHeader* const parent = ended->parent;
    if (parent == nullptr) return std::noop_coroutine();
    // Destroys `ended`, which belongs to its parent, if it answers true.
    if (ended->end_hook == nullptr || !ended->end_hook(ended)) [[likely]]
      return parent->handle();
    ended = parent;
  }
}

// Destroys the suspended frame of `header` and keeps the block, for a result to be put into it.
// Everything that the frame was waiting for has ended.
void destroy_frame_keep_block(FrameHeader* header) noexcept;

// Destroys `top` and every frame below it, innermost first and without recursion. The chain must
// not be running, and nothing below may still need poll_cancel: that is fatal.
void destroy_chain(FrameHeader* top) noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_COROUTINE_FRAME_H_
