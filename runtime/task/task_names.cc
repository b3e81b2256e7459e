#include <weft/runtime/task/task_names.h>

#include <memory>
#include <mutex>

#include <weft/base/intrusive_list.h>
#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/task/raw_task.h>

namespace weft::internal {
namespace {

struct NameList {
  loom::Mutex mutex;
  IntrusiveList<OwnTaskOps> tables;  // guarded by mutex
};
struct NameListTag;
using Names = loom::Global<NameList, NameListTag>;

OwnTaskOps& table_of(FrameHeader& task) noexcept {
  // SAFETY(cast): the callers say that the task's own table is one, made by make_named_ops() or
  // start_hooked(), as not const.
  return *static_cast<OwnTaskOps*>(const_cast<WakeOps*>(task.ops()));
}

}  // namespace

void TaskNames::add(FrameHeader& task) noexcept {
  OwnTaskOps& table = table_of(task);
  if (table.name.empty()) return;
  NameList& names = Names::get();
  const std::lock_guard lock(names.mutex);
  table.id = task.id;
  names.tables.push_back(table);
}

void TaskNames::destroy(FrameHeader& task) noexcept {
  const std::unique_ptr<OwnTaskOps> table(&table_of(task));
  if (table->name.empty()) return;
  NameList& names = Names::get();
  const std::lock_guard lock(names.mutex);
  table->unlink();
}

std::unordered_map<std::uint64_t, std::string> TaskNames::all() {
  std::unordered_map<std::uint64_t, std::string> result;
  NameList& names = Names::get();
  const std::lock_guard lock(names.mutex);
  for (const OwnTaskOps& table : names.tables) result.emplace(table.id, table.name);
  return result;
}

}  // namespace weft::internal
