#include <weft/runtime/dump/await_recorder.h>

#include <algorithm>
#include <new>
#include <utility>

namespace weft::internal {

void AwaitRecorder::record(const Strand& strand) noexcept {
  first_ = points_.size();
  described_ = kNone;
  depth_ = 0;
  is_cut_ = false;
  chain(strand);
}

runtime::AwaitPoint* AwaitRecorder::add(Kind kind) noexcept {
  if (is_cut_) return nullptr;
  try {
    runtime::AwaitPoint& point = points_.emplace_back();
    point.depth_ = depth_;
    is_cut_ = points_.size() - first_ >= kMostPoints;
    point.kind_ = is_cut_ ? Kind::kOmitted : kind;
    return is_cut_ ? nullptr : &point;
  } catch (const std::bad_alloc&) {
    is_cut_ = true;
    return nullptr;
  }
}

void AwaitRecorder::add_omitted(std::size_t number) noexcept {
  if (runtime::AwaitPoint* const point = add(Kind::kOmitted)) point->number_ = number;
}

void AwaitRecorder::chain(const Strand& strand) noexcept {
  const unsigned outer_depth = depth_;
  const LeafOps* const ops = strand.leaf_ops();
  if (ops != nullptr) {
    frames(FrameHeader::of(strand.innermost()));
    leaf(ops, strand.leaf());
  }
  depth_ = outer_depth;
}

// Outermost first, though the links lead the other way.
void AwaitRecorder::frames(const FrameHeader* innermost) noexcept {
  std::size_t count = 1;
  for (const FrameHeader* frame = innermost; frame->parent != nullptr; frame = frame->parent)
    ++count;
  const std::size_t begin = points_.size();
  const std::size_t hidden =
      count > 2 * kFramesAtAnEnd + 1 ? count - 2 * kFramesAtAnEnd : std::size_t{0};
  const FrameHeader* frame = innermost;
  for (std::size_t i = 0; i < count; ++i, frame = frame->parent) {
    if (hidden != 0 && i >= kFramesAtAnEnd && i < kFramesAtAnEnd + hidden) {
      if (i == kFramesAtAnEnd) add_omitted(hidden);
      continue;
    }
    if (runtime::AwaitPoint* const point = add(Kind::kFrame)) point->where_ = frame->location;
  }
  std::reverse(points_.begin() + static_cast<std::ptrdiff_t>(begin), points_.end());
  for (std::size_t i = begin; i < points_.size(); ++i) points_[i].depth_ = depth_++;
}

void AwaitRecorder::leaf(const LeafOps* ops, void* leaf) noexcept {
  if (ops->is_transparent) {
    describe(*ops, leaf);
    return;
  }
  const std::size_t outer = described_;
  runtime::AwaitPoint* const point = add(Kind::kWait);
  described_ = point != nullptr ? points_.size() - 1 : kNone;
  if (point != nullptr) point->waiting_on_ = ops->waiting_on;
  ++depth_;
  describe(*ops, leaf);
  --depth_;
  described_ = outer;
}

void AwaitRecorder::code(std::source_location where, const LeafOps& ops, void* leaf) noexcept {
  if (runtime::AwaitPoint* const point = add(Kind::kFrame)) point->where_ = where;
  ++depth_;
  this->leaf(&ops, leaf);
  --depth_;
}

void AwaitRecorder::join_of(TaskMark task) noexcept {
  runtime::AwaitPoint* const point = add(Kind::kWait);
  if (point == nullptr) return;
  point->waiting_on_ = "join";
  point->is_join_ = true;
  point->holder_target_ = task.target;
  point->holder_id_ = task.id;
}

void AwaitRecorder::describe(const LeafOps& ops, void* leaf) noexcept {
  if (ops.describe == nullptr || is_cut_) return;
  WaitReport report(*this);
  ops.describe(leaf, report);
}

TaskMark mark_of(const FrameHeader& task) noexcept {
  // SAFETY(cast): an address as a number, never turned back.
  return {reinterpret_cast<std::uint64_t>(&task), task.id};
}

}  // namespace weft::internal

namespace weft {

void WaitReport::object(const void* address) noexcept {
  if (auto* const point = recorder_.current()) point->object_ = address;
}

void WaitReport::held_by(std::uint64_t waker_target) noexcept {
  if (auto* const point = recorder_.current()) point->holder_target_ = waker_target;
}

void WaitReport::end_of(internal::TaskMark task) noexcept {
  auto* const point = recorder_.current();
  if (point == nullptr) return;
  point->is_join_ = true;
  point->holder_id_ = task.id;
  point->holder_target_ = task.target;
}

void WaitReport::due(std::chrono::steady_clock::time_point deadline) noexcept {
  if (auto* const point = recorder_.current()) point->due_in_ = deadline - recorder_.now_;
}

void WaitReport::note(const char* text) noexcept {
  auto* const point = recorder_.current();
  if (point == nullptr || point->note_count_ == point->kNotes) return;
  point->notes_[point->note_count_++] = {text, std::nullopt};
}

void WaitReport::note(const char* text, std::uint64_t number) noexcept {
  auto* const point = recorder_.current();
  if (point == nullptr || point->note_count_ == point->kNotes) return;
  point->notes_[point->note_count_++] = {text, number};
}

void WaitReport::child(const internal::LeafOps* ops, void* leaf) noexcept {
  recorder_.leaf(ops, leaf);
}

void WaitReport::chain(internal::FrameHeader& root) noexcept {
  if (root.has_started() && !root.has_ended()) recorder_.chain(root.own);
}

void WaitReport::code(std::source_location where, const internal::LeafOps& ops,
                      void* leaf) noexcept {
  recorder_.code(where, ops, leaf);
}

void WaitReport::child_end_of(internal::TaskMark task) noexcept { recorder_.join_of(task); }

}  // namespace weft
