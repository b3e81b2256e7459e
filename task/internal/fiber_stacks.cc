#include <weft/task/internal/fiber_stacks.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <mutex>
#include <system_error>
#include <utility>

#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/loom/thread_local.h>

namespace weft::internal {
namespace {

struct OwnStacks {
  StackPool idle{std::size_t{2} << 20};
};
struct OwnStacksTag;
// Gone when the thread's thread-locals are being destroyed; fibers may still be unwound then.
using Own = loom::ThreadLocal<OwnStacks, OwnStacksTag>;

struct SharedStacks {
  loom::Mutex mu;
  StackPool idle{std::size_t{64} << 20};  // guarded by mu
};
struct SharedStacksTag;
using Shared = loom::Global<SharedStacks, SharedStacksTag>;

}  // namespace

std::size_t rounded_stack_size(std::size_t size) noexcept {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() / 2 + 1;
  if (size > kMost) return 0;
  return std::bit_ceil(std::max(size, StackPool::kSmallest));
}

Result<Stack> take_fiber_stack(std::size_t size, bool fresh) noexcept {
  const std::size_t rounded = rounded_stack_size(size);
  if (rounded == 0) return Err(std::errc::not_enough_memory);
  if (fresh) return Stack::create(rounded);
  if (OwnStacks* const own = Own::try_get(); own != nullptr) {
    if (Stack stack = own->idle.take(rounded)) return stack;
  }
  {
    SharedStacks& shared = Shared::get();
    const std::lock_guard lock(shared.mu);
    if (Stack stack = shared.idle.take(rounded)) return stack;
  }
  return Stack::create(rounded);
}

void give_back_fiber_stack(Stack stack) noexcept {
  if (OwnStacks* const own = Own::try_get(); own != nullptr) {
    stack = own->idle.give_back(std::move(stack));
    if (!stack) return;
  }
  SharedStacks& shared = Shared::get();
  const std::lock_guard lock(shared.mu);
  // What there is no room for is unmapped when we return, after unlocking.
  stack = shared.idle.give_back(std::move(stack));
}

}  // namespace weft::internal
