// AwaitRecorder: writes down what suspended tasks are suspended in.
//
// Spec: R-150.
//
// Of a strand at rest the innermost frame and the leaf are known; the frames' `parent` links lead
// outwards, each frame's `location` is its co_await, and leaves that contain others show them
// (WaitReport). Nothing is symbolised or formatted here: a task is held meanwhile.
//
// All of it goes into one vector of lines. A recursion of a million frames, and a join of as many
// members, are cut.

#ifndef WEFT_RUNTIME_DUMP_AWAIT_RECORDER_H_
#define WEFT_RUNTIME_DUMP_AWAIT_RECORDER_H_

#include <chrono>
#include <cstddef>
#include <source_location>
#include <vector>

#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/wait_report.h>

namespace weft::internal {

// One thread at a time. Nothing throws: without memory lines are missing.
class AwaitRecorder {
 public:
  // Deadlines are told as seen at `now`.
  explicit AwaitRecorder(SteadyTime now) noexcept : now_(now) {}

  // The lines of a strand at rest, which the caller holds.
  void record(const Strand& strand) noexcept;

  std::vector<runtime::AwaitPoint>& points() noexcept { return points_; }

 private:
  friend class weft::WaitReport;
  using Kind = runtime::AwaitPoint::Kind;
  // Of a chain of frames so many are shown at each end; of all that one task is suspended in, so
  // many lines.
  static constexpr std::size_t kFramesAtAnEnd = 32;
  static constexpr std::size_t kMostPoints = 1024;

  // For WaitReport: the wait that is being described. Null: it did not fit in.
  runtime::AwaitPoint* current() noexcept {
    return described_ != kNone ? &points_[described_] : nullptr;
  }
  void leaf(const LeafOps* ops, void* leaf) noexcept;
  void code(std::source_location where, const LeafOps& ops, void* leaf) noexcept;
  void join_of(TaskMark task) noexcept;
  void chain(const Strand& strand) noexcept;
  void frames(const FrameHeader* innermost) noexcept;
  void describe(const LeafOps& ops, void* leaf) noexcept;
  // A new line, or null.
  runtime::AwaitPoint* add(Kind kind) noexcept;
  void add_omitted(std::size_t number) noexcept;

  static constexpr std::size_t kNone = SIZE_MAX;

  const SteadyTime now_;
  std::vector<runtime::AwaitPoint> points_;
  std::size_t first_ = 0;  // of the task that is being recorded
  std::size_t described_ = kNone;
  unsigned depth_ = 0;
  bool is_cut_ = false;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DUMP_AWAIT_RECORDER_H_
