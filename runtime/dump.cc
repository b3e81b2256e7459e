#include <weft/runtime/dump.h>

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <unordered_map>

#include <weft/runtime/dump/dump_content.h>
#include <weft/runtime/dump/dump_walk.h>
#include <weft/runtime/scheduler/scheduler.h>

namespace weft::runtime {
namespace {

// g++ 12 calls a coroutine's body "void name(_Zmangled.Frame*)": what it was made of is in there.
std::string unmangled(std::string_view name) {
  const std::size_t begin = name.find("(_Z");
  const std::size_t end = name.find(".Frame*)");
  if (begin == std::string_view::npos || end == std::string_view::npos || end <= begin) {
    return std::string(name);
  }
  const std::string mangled(name.substr(begin + 1, end - begin - 1));
  int status = 0;
  struct Free {
    void operator()(char* text) const noexcept { std::free(text); }
  };
  const std::unique_ptr<char, Free> text(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status));
  return status == 0 ? std::string(text.get()) : std::string(name);
}

}  // namespace

std::string AwaitPoint::function() const { return unmangled(where_.function_name()); }

std::optional<TaskId> AwaitPoint::holder() const noexcept {
  if (holder_id_ == 0) return std::nullopt;
  return TaskId(holder_id_);
}

const AwaitPoint* TaskDump::sole_wait() const noexcept {
  // Waits for several are combinators, with lines inside them.
  if (chain_.empty() || chain_.back().kind() != AwaitPoint::Kind::kWait) return nullptr;
  const bool is_alone = std::none_of(chain_.begin(), chain_.end() - 1, [](const AwaitPoint& point) {
    return point.kind() == AwaitPoint::Kind::kWait;
  });
  return is_alone ? &chain_.back() : nullptr;
}

std::span<const TaskDump> Dump::tasks() const noexcept { return content_->tasks; }

const TaskDump* Dump::find(TaskId id) const noexcept {
  const auto& tasks = content_->tasks;
  const auto found = std::lower_bound(
      tasks.begin(), tasks.end(), id.value(),
      [](const TaskDump& task, std::uint64_t value) { return task.id().value() < value; });
  return found != tasks.end() && found->id() == id ? &*found : nullptr;
}

std::vector<std::vector<TaskId>> Dump::cycles() const {
  std::vector<std::vector<TaskId>> result;
  for (const std::vector<std::size_t>& ring : content_->cycles()) {
    std::vector<TaskId>& ids = result.emplace_back();
    for (const std::size_t index : ring) ids.push_back(content_->tasks[index].id());
  }
  return result;
}

DumpAwaitable::DumpAwaitable(RefPtr<internal::Scheduler> scheduler) noexcept
    : scheduler_(std::move(scheduler)) {}
DumpAwaitable::DumpAwaitable(DumpAwaitable&&) noexcept = default;
DumpAwaitable& DumpAwaitable::operator=(DumpAwaitable&&) noexcept = default;
DumpAwaitable::~DumpAwaitable() = default;

LeafAwaiter<internal::DumpNode> DumpAwaitable::operator co_await() const {
  return LeafAwaiter<internal::DumpNode>(scheduler_);
}

}  // namespace weft::runtime

namespace weft::internal {

// --- The leaf

DumpNode::DumpNode(RefPtr<Scheduler> scheduler)
    : scheduler_(std::move(scheduler)), walk_(std::make_unique<DumpWalk>(*scheduler_)) {}
DumpNode::~DumpNode() = default;

// A step between other tasks' turns.
bool DumpNode::poll(Context& cx) noexcept {
  try {
    if (walk_->step()) return true;
  } catch (...) {
    failure_ = std::current_exception();
    return true;
  }
  cx.defer();
  return false;
}

runtime::Dump DumpNode::take() {
  if (failure_ != nullptr) std::rethrow_exception(failure_);
  return walk_->finish();
}

// --- The content

void DumpContent::complete() {
  // Found twice: it was large, and became idle between the two looks at it. What was seen waiting
  // comes first, and stays.
  std::sort(tasks.begin(), tasks.end(), [](const auto& a, const auto& b) {
    return a.id_ != b.id_ ? a.id_ < b.id_ : a.state_ < b.state_;
  });
  tasks.erase(
      std::unique(tasks.begin(), tasks.end(),
                  [](const auto& a, const auto& b) { return a.id_ != 0 && a.id_ == b.id_; }),
      tasks.end());
  std::unordered_map<std::uint64_t, std::size_t> by_target;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    by_target.emplace(tasks[i].target_, i);
    tasks[i].chain_ = std::span(points).subspan(tasks[i].first_point_, tasks[i].point_count_);
  }
  for (runtime::AwaitPoint& point : points) {
    if (point.holder_target_ == 0) continue;
    const auto found = by_target.find(point.holder_target_);
    if (found == by_target.end()) continue;
    const std::uint64_t id = tasks[found->second].id_;
    // A task that was joined may be complete, and another one be where it was.
    if (point.holder_id_ != 0 && point.holder_id_ != id) continue;
    point.holder_index_ = found->second;
    point.holder_id_ = id;
  }
}

// Each task leads to one other at most: whoever comes by its own trace has closed a ring.
std::vector<std::vector<std::size_t>> DumpContent::cycles() const {
  std::vector<std::vector<std::size_t>> rings;
  std::vector<std::size_t> trace_of(tasks.size(), 0);  // 0: not been there
  for (std::size_t start = 0; start < tasks.size(); ++start) {
    std::size_t at = start;
    const auto next = [&]() -> std::optional<std::size_t> {
      const runtime::AwaitPoint* const wait = tasks[at].sole_wait();
      return wait != nullptr ? wait->holder_index_ : std::nullopt;
    };
    for (; trace_of[at] == 0; at = *next()) {
      trace_of[at] = start + 1;
      if (!next().has_value()) break;
    }
    if (trace_of[at] != start + 1 || !next().has_value()) continue;
    std::vector<std::size_t>& ring = rings.emplace_back();
    const std::size_t first = at;
    do {
      ring.push_back(at);
      at = *next();
    } while (at != first);
  }
  return rings;
}

}  // namespace weft::internal
