// DumpContent: what a Dump refers to, once it is complete.
//
// Spec: R-150.

#ifndef WEFT_RUNTIME_DUMP_DUMP_CONTENT_H_
#define WEFT_RUNTIME_DUMP_DUMP_CONTENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include <weft/runtime/dump.h>
#include <weft/runtime/scheduler/config.h>

namespace weft::internal {

struct DumpContent {
  std::uint64_t runtime_id = 0;
  std::string runtime_name;
  runtime::RuntimeFlavor flavor = runtime::RuntimeFlavor::kMultiThread;
  std::size_t workers = 0;

  std::vector<runtime::TaskDump> tasks;     // sorted by id
  std::vector<runtime::AwaitPoint> points;  // of all of them

  // With all tasks and lines in place: sorts, gives each task its lines, and finds out who the
  // holders are.
  void complete();

  const runtime::TaskDump* holder_of(const runtime::AwaitPoint& point) const noexcept {
    return point.holder_index_.has_value() ? &tasks[*point.holder_index_] : nullptr;
  }
  static std::uint64_t holder_id(const runtime::AwaitPoint& point) noexcept {
    return point.holder_id_;
  }
  static bool has_unknown_holder(const runtime::AwaitPoint& point) noexcept {
    return point.holder_target_ != 0 && !point.holder_index_.has_value() && point.holder_id_ == 0;
  }
  // The ring of waits that each task leads into, as indices, each ring once.
  std::vector<std::vector<std::size_t>> cycles() const;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DUMP_DUMP_CONTENT_H_
