#include <weft/runtime/dump/runtime_list.h>

#include <iterator>
#include <mutex>

#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/scheduler/scheduler.h>

namespace weft::internal {
namespace {

struct RuntimeList {
  loom::Mutex mutex;
  IntrusiveList<ListedRuntime> runtimes;  // guarded by mutex
};
struct RuntimeListTag;
using Runtimes = loom::Global<RuntimeList, RuntimeListTag>;

}  // namespace

void ListedRuntime::list() noexcept {
  is_listed_ = true;
  RuntimeList& list = Runtimes::get();
  const std::lock_guard lock(list.mutex);
  list.runtimes.push_back(*this);
}

ListedRuntime::~ListedRuntime() {
  if (!is_listed_) return;
  RuntimeList& list = Runtimes::get();
  const std::lock_guard lock(list.mutex);
  unlink();
}

std::vector<RefPtr<Scheduler>> ListedRuntime::all() {
  std::vector<RefPtr<Scheduler>> result;
  RuntimeList& list = Runtimes::get();
  const std::lock_guard lock(list.mutex);
  // Before a reference is taken: none must be given back under the lock.
  result.reserve(
      static_cast<std::size_t>(std::distance(list.runtimes.begin(), list.runtimes.end())));
  for (ListedRuntime& listed : list.runtimes) {
    RefPtr<Scheduler> runtime = RefPtr<Scheduler>::try_from(listed.scheduler_);
    if (runtime) result.push_back(std::move(runtime));
  }
  return result;
}

}  // namespace weft::internal
