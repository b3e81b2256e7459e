// AttachedThread, and Runtime::attach_current_thread on a multi_thread runtime.

#include <weft/runtime/scheduler/attached_thread.h>

#include <functional>
#include <optional>
#include <stop_token>

#include <weft/base/check.h>
#include <weft/base/result.h>

namespace weft::internal {

AttachedThread::AttachedThread(MultiThread& scheduler, Worker& worker, std::source_location where)
    : context_(scheduler, where), scheduler_(scheduler), worker_(worker) {
  const ThreadHook& on_start = scheduler_.config().on_thread_start;
  if (on_start) on_start();
}

AttachedThread::~AttachedThread() {
  const ThreadHook& on_stop = scheduler_.config().on_thread_stop;
  if (on_stop) on_stop();
  scheduler_.attached().release(worker_);
}

void AttachedThread::run(std::source_location where) noexcept {
  const EnterRuntimeGuard entered(scheduler_, Entered::kMayBlockInPlace,
                                  "Runtime::attach_current_thread", where);
  if (!scheduler_.attached().activate(worker_)) return;
  worker_.run();
  thread_context().worker = nullptr;
}

std::optional<Error> MultiThread::attach_current_thread(const std::stop_token& stop,
                                                        std::source_location where) {
  WEFT_CHECK(thread_context().entered == Entered::kNot,
             "Runtime::attach_current_thread: this thread drives async code already, so it cannot "
             "become a worker; lend a thread that is in no runtime",
             where);
  if (stop.stop_requested()) return std::nullopt;
  // The Runtime may be destroyed meanwhile.
  const RefPtr<MultiThread> keep(*this);
  const Result<Worker*> worker = attached_.reserve(where);
  if (!worker) return worker.error();
  if (*worker == nullptr) return std::nullopt;
  AttachedThread self(*this, **worker, where);
  const std::stop_callback leave(stop, [&self] { self.leave(); });
  self.run(where);
  return std::nullopt;
}

}  // namespace weft::internal
