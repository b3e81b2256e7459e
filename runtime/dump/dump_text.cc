// Dump::to_string: a dump for people.
//
// Spec: R-150. An example with an explanation: docs/guide/task-dumps.md.

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include <weft/runtime/dump.h>
#include <weft/runtime/dump/dump_content.h>

namespace weft::runtime {
namespace {

using internal::DumpContent;
using std::chrono::nanoseconds;

void append_number(std::string& out, std::uint64_t number) { out += std::to_string(number); }

void append_address(std::string& out, const void* address) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%p", address);
  out += text.data();
}

// With three digits behind the point, in seconds or in milliseconds.
void append_duration(std::string& out, nanoseconds duration) {
  constexpr double kNanosecondsPerSecond = 1e9;
  const double seconds = static_cast<double>(duration.count()) / kNanosecondsPerSecond;
  std::array<char, 48> text{};
  if (seconds < 1 && seconds > -1) {
    std::snprintf(text.data(), text.size(), "%.3f ms", seconds * 1e3);
  } else {
    std::snprintf(text.data(), text.size(), "%.3f s", seconds);
  }
  out += text.data();
}

void append_place(std::string& out, std::source_location where) {
  out += where.file_name();
  out += ':';
  append_number(out, where.line());
}

void append_task(std::string& out, std::uint64_t id, std::string_view name) {
  out += "task ";
  append_number(out, id);
  if (name.empty()) return;
  out += " \"";
  out += name;
  out += '"';
}

void append_subject(std::string& out, const TaskDump& task) {
  switch (task.kind()) {
    case TaskDump::Kind::kTask:
      return append_task(out, task.id().value(), task.name());
    case TaskDump::Kind::kLocal:
      out += "local ";
      return append_task(out, task.id().value(), task.name());
    case TaskDump::Kind::kBlockOn:
      out += "block_on at ";
      return append_place(out, task.spawned_at());
  }
}

std::string_view name_of(TaskDump::State state) noexcept {
  switch (state) {
    case TaskDump::State::kWaiting:
      return "waiting";
    case TaskDump::State::kQueued:
      return "queued";
    case TaskDump::State::kRunning:
      return "running";
    case TaskDump::State::kCancelling:
      return "being cancelled";
  }
  return {};
}

void append_holder(std::string& out, const DumpContent& content, const AwaitPoint& point) {
  const TaskDump* const holder = content.holder_of(point);
  const std::uint64_t id = DumpContent::holder_id(point);
  const bool is_unknown = DumpContent::has_unknown_holder(point);
  if (holder == nullptr && id == 0 && !is_unknown) return;
  out += point.is_join() ? " of " : ", held by ";
  if (holder != nullptr) {
    append_subject(out, *holder);
  } else if (id != 0) {
    append_task(out, id, {});
  } else {
    out += "somebody who is no task of this runtime, or a part of one";
  }
}

void append_wait(std::string& out, const DumpContent& content, const AwaitPoint& point) {
  out += "waiting on ";
  out += point.waiting_on();
  if (point.object() != nullptr) {
    out += ' ';
    append_address(out, point.object());
  }
  append_holder(out, content, point);
  if (point.due_in().has_value()) {
    out += ", due in ";
    append_duration(out, *point.due_in());
  }
  for (const AwaitPoint::Note& note : point.notes()) {
    out += ", ";
    if (note.number.has_value()) {
      append_number(out, *note.number);
      out += ' ';
    }
    out += note.text;
  }
}

void append_point(std::string& out, const DumpContent& content, const AwaitPoint& point) {
  out.append(2 * (std::size_t{point.depth()} + 1), ' ');
  switch (point.kind()) {
    case AwaitPoint::Kind::kFrame:
      out += point.function();
      out += " at ";
      append_place(out, point.where());
      break;
    case AwaitPoint::Kind::kWait:
      append_wait(out, content, point);
      break;
    case AwaitPoint::Kind::kOmitted:
      out += "... ";
      if (point.number() != 0) append_number(out, point.number());
      out += point.number() != 0 ? " frames" : "and more";
      break;
  }
  out += '\n';
}

void append_block(std::string& out, const DumpContent& content, const TaskDump& task) {
  append_subject(out, task);
  out += ": ";
  out += name_of(task.state());
  if (task.waiting_for().has_value()) {
    out += " for ";
    append_duration(out, *task.waiting_for());
  }
  if (task.kind() != TaskDump::Kind::kBlockOn) {
    out += ", spawned at ";
    append_place(out, task.spawned_at());
  }
  out += '\n';
  for (const AwaitPoint& point : task.chain()) append_point(out, content, point);
}

void append_head(std::string& out, const DumpContent& content) {
  out += "runtime ";
  append_number(out, content.runtime_id);
  if (!content.runtime_name.empty()) {
    out += " \"";
    out += content.runtime_name;
    out += '"';
  }
  if (content.flavor == RuntimeFlavor::kCurrentThread) {
    out += ", current_thread";
  } else {
    out += ", multi_thread, ";
    append_number(out, content.workers);
    out += " workers";
  }
  std::array<std::size_t, 4> counts{};
  std::size_t tasks = 0;
  for (const TaskDump& task : content.tasks) {
    if (task.kind() == TaskDump::Kind::kBlockOn) continue;
    ++counts[static_cast<std::size_t>(task.state())];
    ++tasks;
  }
  out += ": ";
  append_number(out, tasks);
  out += tasks == 1 ? " task" : " tasks";
  for (std::size_t state = 0; state < counts.size(); ++state) {
    if (counts[state] == 0) continue;
    out += ", ";
    append_number(out, counts[state]);
    out += ' ';
    out += name_of(static_cast<TaskDump::State>(state));
  }
  out += '\n';
}

void append_cycles(std::string& out, const DumpContent& content) {
  for (const std::vector<std::size_t>& ring : content.cycles()) {
    out += "cycle of waits: ";
    for (const std::size_t index : ring) {
      append_subject(out, content.tasks[index]);
      out += " -> ";
    }
    append_subject(out, content.tasks[ring.front()]);
    out += '\n';
  }
}

}  // namespace

std::string Dump::to_string() const {
  std::string out;
  append_head(out, *content_);
  for (const bool is_at_rest : {true, false}) {
    for (const TaskDump& task : content_->tasks) {
      if (task.chain().empty() == is_at_rest) continue;
      append_block(out, *content_, task);
    }
  }
  append_cycles(out, *content_);
  return out;
}

}  // namespace weft::runtime
