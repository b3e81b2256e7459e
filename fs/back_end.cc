// back_end. Interface: back_end.h.

#include <weft/fs/back_end.h>

#include <weft/fs/internal/ring.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::fs {

BackEnd back_end(std::source_location where) {
  auto& scheduler = weft::internal::require_scheduler("fs::back_end", where);
  return internal::Ring::of(scheduler.driver()).is_usable() ? BackEnd::kIoUring
                                                            : BackEnd::kBlockingPool;
}

}  // namespace weft::fs
