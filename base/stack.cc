// Stacks and switching between them. Interface and design: stack.h.

#include <weft/base/stack.h>

#include <cstring>
#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>

#include <weft/base/check.h>
#include <weft/base/sanitizer.h>
#include <weft/base/sys.h>

#if defined(__SANITIZE_THREAD__)
#define WEFT_CORO_HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEFT_CORO_HAS_TSAN 1
#endif
#endif

#ifdef WEFT_CORO_HAS_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WEFT_CORO_HAS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace weft::internal {

namespace boost_context = boost::context::detail;

Result<Stack> Stack::create(std::size_t size) noexcept {
  // SAFETY(syscall): asks for a constant of the system.
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t usable = (size + page - 1) / page * page;
  const Result<void*> mapping = sys::mmap(page + usable, PROT_READ | PROT_WRITE, MAP_NORESERVE);
  if (!mapping) return Err(mapping.error());
  Stack stack(static_cast<std::byte*>(*mapping), page + usable, page);
  const Result<void> guarded = sys::mprotect(stack.mapping_, page, PROT_NONE);
  if (!guarded) return Err(guarded.error());
  return stack;
}

Stack::~Stack() {
  if (mapping_ == nullptr) return;
  // What an abandoned context left poisoned would haunt the next mapping at this address.
  unpoison_memory(lowest(), size());
  const Result<void> unmapped = sys::munmap(mapping_, mapped_);
  WEFT_DCHECK(unmapped, "Stack: munmap refused our own mapping");
}

Result<Stack> StackPool::take() noexcept {
  if (idle_.empty()) return Stack::create(stack_size_);
  Stack stack = std::move(idle_.back());
  idle_.pop_back();
  return stack;
}

void StackPool::give_back(Stack stack) { idle_.push_back(std::move(stack)); }

// The functions that Boost.Context calls, which have its types in their signatures.
struct StackContext::Launcher {
  static void enter(boost_context::transfer_t transfer) {
    auto* const from = static_cast<StackContext*>(transfer.data);
    from->resume_point_ = transfer.fctx;
    StackContext* const self = from->going_to_;
    self->arrived(from);
    self->entry_(self->argument_);
    fatal("StackContext: the entry function returned; it must call leave_for()");
  }
};

StackContext::~StackContext() {
#ifdef WEFT_CORO_HAS_TSAN
  if (owns_thread_sanitizer_fiber_) __tsan_destroy_fiber(thread_sanitizer_fiber_);
#endif
}

void StackContext::start(const Stack& stack, Entry entry, void* argument) noexcept {
  entry_ = entry;
  argument_ = argument;
  exceptions_ = {};
  unpoison_memory(stack.lowest(), stack.size());
  stack_lowest_ = stack.lowest();
  stack_size_ = stack.size();
  fake_stack_ = nullptr;
#ifdef WEFT_CORO_HAS_TSAN
  if (owns_thread_sanitizer_fiber_) __tsan_destroy_fiber(thread_sanitizer_fiber_);
  thread_sanitizer_fiber_ = __tsan_create_fiber(0);
  owns_thread_sanitizer_fiber_ = true;
#endif
  resume_point_ =
      boost_context::make_fcontext(stack.lowest() + stack.size(), stack.size(), &Launcher::enter);
}

void StackContext::jump(StackContext& next, [[maybe_unused]] bool for_good) noexcept {
  WEFT_DCHECK(next.resume_point_ != nullptr, "StackContext: the target is not suspended");
  // SAFETY(cast): the Itanium C++ ABI fixes the first two members of what this returns as a pointer
  // and an unsigned; memcpy moves exactly those.
  void* const globals = abi::__cxa_get_globals();
  std::memcpy(static_cast<void*>(&exceptions_.caught), globals, sizeof(void*));
  std::memcpy(&exceptions_.uncaught, static_cast<std::byte*>(globals) + sizeof(void*),
              sizeof(unsigned int));
#ifdef WEFT_CORO_HAS_ASAN
  // A null place to save to tells it that this stack is done with.
  __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_stack_, next.stack_lowest_,
                                 next.stack_size_);
#endif
#ifdef WEFT_CORO_HAS_TSAN
  if (thread_sanitizer_fiber_ == nullptr) thread_sanitizer_fiber_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(next.thread_sanitizer_fiber_, 0);
#endif
  going_to_ = &next;
  const auto back = boost_context::jump_fcontext(std::exchange(next.resume_point_, nullptr), this);
  auto* const from = static_cast<StackContext*>(back.data);
  from->resume_point_ = back.fctx;
  arrived(from);
}

void StackContext::arrived([[maybe_unused]] StackContext* from) noexcept {
#ifdef WEFT_CORO_HAS_ASAN
  const void* lowest = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(fake_stack_, &lowest, &size);
  // The only way to learn where the stack is that the thread came with.
  if (from->stack_lowest_ == nullptr) {
    from->stack_lowest_ = lowest;
    from->stack_size_ = size;
  }
#endif
  void* const globals = abi::__cxa_get_globals();
  std::memcpy(globals, static_cast<const void*>(&exceptions_.caught), sizeof(void*));
  std::memcpy(static_cast<std::byte*>(globals) + sizeof(void*), &exceptions_.uncaught,
              sizeof(unsigned int));
}

void StackContext::leave_for(StackContext& next) noexcept {
  jump(next, /*for_good=*/true);
  fatal("StackContext: switched to after leave_for()");
}

}  // namespace weft::internal
