// Interface: local_pool.h.

#include <weft/task/local_pool.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <weft/loom/mutex.h>
#include <weft/loom/thread.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/local_runtime.h>

namespace weft {
namespace {

// How a new thread tells its maker what became of its runtime.
class Start {
 public:
  void report(Result<runtime::Handle> handle) {
    // The last thing under the lock: the maker may go on, and take this with it.
    const std::lock_guard lock(mu_);
    handle_.emplace(std::move(handle));
    reported_.notify_one();
  }
  Result<runtime::Handle> wait() {
    std::unique_lock lock(mu_);
    reported_.wait(lock, [this] { return handle_.has_value(); });
    return *std::move(handle_);
  }

 private:
  loom::Mutex mu_;
  loom::Condvar reported_;
  std::optional<Result<runtime::Handle>> handle_;  // guarded by mu_
};

void run_thread(Start& start, const CancellationToken& stop) {
  auto made = runtime::Builder::new_current_thread().enable_all().build_local();
  if (!made) return start.report(Err(made.error()));
  runtime::LocalRuntime rt = *std::move(made);
  start.report(rt.handle());
  rt.block_on(stop.cancelled());
  // Its destructor cancels the tasks that are left, on this thread.
}

Result<runtime::Handle> start_thread(const CancellationToken& stop) {
  Start start;
  loom::ThreadOptions options;
  options.name = "weft-local-pool";
  auto thread = loom::Thread::spawn(options, [&start, stop]() mutable { run_thread(start, stop); });
  if (!thread) return Err(thread.error());
  thread->detach();
  return start.wait();
}

}  // namespace

Result<LocalPoolHandle> LocalPoolHandle::create(std::size_t threads, Location where) {
  WEFT_CHECK(threads > 0, "LocalPoolHandle::create: a pool needs at least one thread", where);
  auto pool = std::make_shared<Pool>();
  pool->workers.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    Result<runtime::Handle> handle = start_thread(pool->stop);
    if (!handle) return Err(handle.error());
    pool->workers.push_back(Worker{*std::move(handle), make_ref<internal::PinnedLoad>()});
  }
  return LocalPoolHandle(std::move(pool));
}

const LocalPoolHandle::Worker& LocalPoolHandle::least_loaded() const noexcept {
  for (;;) {
    const Worker* least = &pool_->workers.front();
    std::size_t fewest = least->load->count();
    for (const Worker& worker : pool_->workers) {
      const std::size_t count = worker.load->count();
      if (count >= fewest) continue;
      least = &worker;
      fewest = count;
    }
    // Somebody else may have chosen it just now; then another may be better.
    if (least->load->try_add(fewest)) return *least;
  }
}

std::vector<std::size_t> LocalPoolHandle::task_loads() const {
  std::vector<std::size_t> loads;
  loads.reserve(num_threads());
  for (const Worker& worker : pool_->workers) loads.push_back(worker.load->count());
  return loads;
}

}  // namespace weft
