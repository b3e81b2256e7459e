#include <weft/runtime/block_on.h>

#include <weft/runtime/context.h>
#include <weft/runtime/may_block.h>
#include <weft/runtime/scheduler/thread_parker.h>

namespace weft::internal {

void block_on_this_thread(Strand& root, std::source_location where) {
  check_may_block("block_on_this_thread", where);
  const CachedParkWaker parker;
  const Waker waker = parker->waker();
  for (;;) {
    Context cx(waker);
    if (root.poll(cx)) return;
    parker->park();
  }
}

}  // namespace weft::internal
