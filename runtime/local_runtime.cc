#include <weft/runtime/local_runtime.h>

#include <string>

#include <weft/base/check.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::runtime {

LocalRuntime::~LocalRuntime() {
  if (runtime_.is_running()) check_thread("LocalRuntime::~LocalRuntime", Where::current());
}

void LocalRuntime::check_thread(const char* call, Where where) const {
  const std::uint64_t owner = runtime_.handle().scheduler().config().owner_thread;
  const std::uint64_t here = internal::thread_number();
  if (owner == here) return;
  const std::string message = std::string(call) + ": a LocalRuntime belongs to the thread that " +
                              "created it, number " + std::to_string(owner) +
                              ", but this is number " + std::to_string(here) +
                              "; pass its handle() to other threads";
  internal::fatal(message, where);
}

}  // namespace weft::runtime
