// WaitReport: what a leaf tells a dump about the wait that it is.
//
// Spec: R-150. How a dump gets there: dump/dump_walk.h.
//
// A leaf has a name in any case (kWaitingOn, leaf.h). One that knows more has a member
//
//   void describe(WaitReport& report) noexcept {
//     report.object(&gate_);
//     report.note("waiting", gate_.waiters());
//   }
//
// It is called while the leaf's task is suspended and held by the dump: nobody polls or destroys
// the leaf meanwhile. But it is called on any thread, and everybody else goes on: so it looks at
// the leaf's own members, and of what is shared only at what any thread may look at at any time. It
// changes nothing, waits for nothing, and allocates nothing. Combinators show what is inside them
// with child(); one that only passes on a single awaitable is best left out altogether:
//
//   static constexpr bool kIsTransparent = true;

#ifndef WEFT_RUNTIME_WAIT_REPORT_H_
#define WEFT_RUNTIME_WAIT_REPORT_H_

#include <chrono>
#include <cstdint>
#include <source_location>

#include <weft/runtime/coroutine/strand.h>

namespace weft {

namespace internal {
struct FrameHeader;
class AwaitRecorder;

// A task, to be named when it may be gone.
struct TaskMark {
  std::uint64_t target = 0;  // what its wakers wake, as a number
  std::uint64_t id = 0;
};
TaskMark mark_of(const FrameHeader& task) noexcept;
}  // namespace internal

// For one wait; made by the dump. What does not fit in is left out.
class WaitReport {
 public:
  explicit WaitReport(internal::AwaitRecorder& recorder) noexcept : recorder_(recorder) {}
  WaitReport(const WaitReport&) = delete;
  WaitReport& operator=(const WaitReport&) = delete;

  // Which one of its kind: two tasks that name the same address wait for the same thing.
  void object(const void* address) noexcept;
  // Who has what is waited for: what the holder's wakers wake, Waker::target() as a number. 0:
  // nobody, or somebody who is not known.
  void held_by(std::uint64_t waker_target) noexcept;
  // It ends when `task` does, to which the leaf has a reference.
  void end_of(internal::FrameHeader& task) noexcept { end_of(internal::mark_of(task)); }
  void end_of(internal::TaskMark task) noexcept;
  // It ends by itself at `deadline`, on the clock of the runtime.
  void due(std::chrono::steady_clock::time_point deadline) noexcept;
  // A remark: `text`, which lives as long as the program, or a number of what `text` says. Up to
  // two.
  void note(const char* text) noexcept;
  void note(const char* text, std::uint64_t number) noexcept;

  // One of several awaitables that are polled inside this one, and has been polled.
  template <class Node>
  void child(Node& node) noexcept {
    child(&internal::kLeafOps<Node>, &node);
  }
  // The same for a frame that is driven by a strand of its own.
  void chain(internal::FrameHeader& root) noexcept;
  // The same for code that is no coroutine, stands at `where`, and waits there for `leaf`.
  void code(std::source_location where, const internal::LeafOps& ops, void* leaf) noexcept;
  // The same for the end of a task: one of several that are waited for.
  void child_end_of(internal::TaskMark task) noexcept;

 private:
  void child(const internal::LeafOps* ops, void* leaf) noexcept;

  internal::AwaitRecorder& recorder_;
};

}  // namespace weft

#endif  // WEFT_RUNTIME_WAIT_REPORT_H_
