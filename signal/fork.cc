// fork_reset. Interface: fork.h.

#include <weft/signal/fork.h>

#include <weft/base/check.h>
#include <weft/signal/internal/registry.h>

namespace weft::signal {

void fork_reset(std::source_location where) {
  WEFT_CHECK(internal::Registry::get().reset_after_fork(),
             "fork_reset: the child can have no eventfd; raise its limit of descriptors", where);
}

}  // namespace weft::signal
