// Stacks and switching between them. Interface and design: stack.h.

#include <weft/base/stack.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <cxxabi.h>
#include <new>
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
  look_for_leaks_from(stack.lowest(), stack.size());
  return stack;
}

Stack::~Stack() {
  if (mapping_ == nullptr) return;
  // What an abandoned context left poisoned would haunt the next mapping at this address.
  unpoison_memory(lowest(), size());
  stop_looking_for_leaks_from(lowest(), size());
  const Result<void> unmapped = sys::munmap(mapping_, mapped_);
  WEFT_DCHECK(unmapped, "Stack: munmap refused our own mapping");
}

// What lies on a stack belongs to frames that the sanitizers watch, idle or not.
[[gnu::no_sanitize_address, gnu::no_sanitize_thread]] std::size_t Stack::high_water()
    const noexcept {
  // SAFETY(cast): our own mapping, which is whole pages of readable memory. What lies there is
  // compared with zero and never used as what it is; volatile, for the compiler knows nothing of
  // it.
  const auto* const begin = reinterpret_cast<const volatile std::uintptr_t*>(lowest());
  const auto* const end = begin + size() / sizeof(std::uintptr_t);
  const auto* word = begin;
  while (word != end && *word == 0) ++word;
  return static_cast<std::size_t>(end - word) * sizeof(std::uintptr_t);
}

std::vector<Stack>* StackPool::idle_of(std::size_t size) noexcept {
  if (!std::has_single_bit(size) || size < kSmallest || size > kLargest) return nullptr;
  return &idle_[static_cast<std::size_t>(std::bit_width(size) - std::bit_width(kSmallest))];
}

Stack StackPool::take(std::size_t size) noexcept {
  std::vector<Stack>* const idle = idle_of(size);
  if (idle == nullptr || idle->empty()) return Stack();
  Stack stack = std::move(idle->back());
  idle->pop_back();
  held_ -= size;
  return stack;
}

Stack StackPool::give_back(Stack stack) noexcept {
  const std::size_t size = stack.size();
  std::vector<Stack>* const idle = idle_of(size);
  if (idle == nullptr || size > capacity_ - held_) return stack;
  poison_memory(stack.lowest(), size);
  try {
    idle->push_back(std::move(stack));
  } catch (const std::bad_alloc&) {
    return stack;
  }
  held_ += size;
  return Stack();
}

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

namespace {

// The exceptions of the calling thread. Compilers may take every call of __cxa_get_globals() in a
// function for the same, and a switch may return on another thread: as for thread-locals in
// coroutines (loom/thread_local.h), the address comes from a function that cannot be merged.
[[gnu::noinline]] std::byte* exceptions_of_this_thread() noexcept {
  // SAFETY(cast): bytes of what the Itanium C++ ABI describes; see exchange_exceptions().
  auto* exceptions = reinterpret_cast<std::byte*>(abi::__cxa_get_globals());
  asm volatile("" : "+r"(exceptions));
  return exceptions;
}

}  // namespace

void StackContext::exchange_exceptions(StackContext& next) noexcept {
  if (thread_exceptions_ == nullptr) thread_exceptions_ = exceptions_of_this_thread();
  next.thread_exceptions_ = thread_exceptions_;
  // The Itanium C++ ABI fixes the first two members as a pointer and an unsigned.
  std::byte* const caught = thread_exceptions_;
  std::byte* const uncaught = thread_exceptions_ + sizeof(void*);
  std::memcpy(static_cast<void*>(&exceptions_.caught), caught, sizeof(void*));
  std::memcpy(&exceptions_.uncaught, uncaught, sizeof(unsigned int));
  std::memcpy(caught, static_cast<const void*>(&next.exceptions_.caught), sizeof(void*));
  std::memcpy(uncaught, &next.exceptions_.uncaught, sizeof(unsigned int));
}

void StackContext::jump(StackContext& next, [[maybe_unused]] bool for_good) noexcept {
  WEFT_DCHECK(next.resume_point_ != nullptr, "StackContext: the target is not suspended");
  exchange_exceptions(next);
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
}

void StackContext::leave_for(StackContext& next) noexcept {
  jump(next, /*for_good=*/true);
  fatal("StackContext: switched to after leave_for()");
}

}  // namespace weft::internal
