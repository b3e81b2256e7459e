#include <weft/runtime/trace/traces_at_exit.h>

#include <cstdlib>
#include <mutex>
#include <sys/socket.h>

#include <weft/base/sys_message.h>
#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/trace/trace.h>

namespace weft::internal {
namespace {

struct ArmedTraces {
  loom::Mutex mutex;
  bool is_registered = false;         // guarded by mutex
  IntrusiveList<WrittenAtExit> list;  // guarded by mutex
};
struct ArmedTracesTag;
using Armed = loom::Global<ArmedTraces, ArmedTracesTag>;

}  // namespace

void WrittenAtExit::arm() noexcept {
  ArmedTraces& armed = Armed::get();
  const std::lock_guard lock(armed.mutex);
  if (!armed.is_registered) armed.is_registered = std::atexit(write_all) == 0;
  process_ = sys::own_credentials().pid;
  armed.list.push_back(*this);
}

void WrittenAtExit::disarm() noexcept {
  const std::lock_guard lock(Armed::get().mutex);
  if (is_linked()) unlink();
}

void WrittenAtExit::write_all() noexcept {
  ArmedTraces& armed = Armed::get();
  const std::lock_guard lock(armed.mutex);
  for (WrittenAtExit& one : armed.list) {
    if (one.process_ == sys::own_credentials().pid) one.trace_.write_or_say();
  }
}

}  // namespace weft::internal
