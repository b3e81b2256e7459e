// lost_write_errors. Interface: lost_write_errors.h.

#include <weft/fs/lost_write_errors.h>

#include <weft/loom/atomic.h>

namespace weft::fs {
namespace {

// Added to by jobs that end unheard, read by the program. It publishes nothing.
constinit loom::Atomic<std::uint64_t> count{0};
// Written by the program, read by those jobs.
// [H1] release in on_lost_write_error() -> acquire in count_lost_write_error(): what the hook
// needs.
constinit loom::Atomic<LostWriteErrorHook> current_hook{nullptr};

}  // namespace

std::uint64_t lost_write_errors() noexcept {
  // relaxed: a number to look at.
  return count.load(std::memory_order_relaxed);
}

void on_lost_write_error(LostWriteErrorHook hook) noexcept {
  current_hook.store(hook, std::memory_order_release);  // [H1]
}

void internal::count_lost_write_error(Error error) noexcept {
  // relaxed: as above.
  count.fetch_add(1, std::memory_order_relaxed);
  if (const auto hook = current_hook.load(std::memory_order_acquire)) hook(error);  // [H1]
}

}  // namespace weft::fs
