// ThreadLocal: a variable per thread, behind the seam and safe to use around suspensions.
//
// Spec, R-44 (docs/spec/runtime.md); docs/topics/compilers.md "Thread identity".
//
// Design. A coroutine may be resumed on another thread than it was suspended on, but compilers take
// the address of a thread_local to be the same throughout a function and keep it across a co_await.
// So the address comes from a function that is not inlined and ends in an empty asm statement: it
// can be neither merged with another call nor moved across one. The pointer it returns is good
// until the next suspension and must not be kept beyond.
//
// A variable is named by its value type and a tag, so it needs no macro and no source file:
//
//   struct CurrentTag;
//   using Current = loom::ThreadLocal<Worker*, CurrentTag>;
//   if (Worker* worker = *Current::get()) ...
//
// Two kinds, chosen by T. A trivially destructible T is initialised at compile time and never
// destroyed: it works until the thread's very last instruction, and get() is a call that computes
// an address. Any other T is made on first use on each thread and destroyed when the thread ends,
// in reverse order with the thread's other thread-locals. Code that runs after that, in the
// destructor of one made earlier, finds out by try_get(): a variable of the first kind remembers
// it.
//
// A WEFT_LOOM build replaces the class by one that keeps a value per model thread.

#ifndef WEFT_LOOM_THREAD_LOCAL_H_
#define WEFT_LOOM_THREAD_LOCAL_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/thread.h>

namespace weft::loom {

using checker::ThreadLocal;

}  // namespace weft::loom

#else

#include <type_traits>

#include <weft/base/check.h>

namespace weft::loom {

namespace internal {

// For a T that needs no destruction.
template <class T, class Tag>
class PermanentThreadLocal {
 public:
  // The accessor that R-161 asks for. Not inlined, it may still be found to depend on nothing,
  // after which two calls are one; the asm statement, which may not be merged, prevents that.
  [[gnu::noinline]] static T* get() noexcept {
    T* address = &value_;
    asm volatile("" : "+r"(address));
    return address;
  }
  static T* try_get() noexcept { return get(); }
  static T* get_here() noexcept { return &value_; }

 private:
  // A member, though clang-tidy does not see that.
  // NOLINTNEXTLINE(readability-identifier-naming)
  static inline constinit thread_local T value_{};
};

// For a T that is destroyed when its thread ends.
template <class T, class Tag>
class DestroyedThreadLocal {
  static_assert(std::is_nothrow_default_constructible_v<T>,
                "ThreadLocal: T is made inside get(), which cannot fail");

 public:
  static T* get() noexcept {
    T* const value = try_get();
    WEFT_CHECK(value != nullptr, "ThreadLocal::get: this thread has destroyed it; use try_get()");
    return value;
  }
  static T* try_get() noexcept {
    Slot* const slot = Slots::get();
    if (slot->value == nullptr && !slot->destroyed) [[unlikely]]
      make();
    return slot->value;
  }

 private:
  struct Slot {
    T* value = nullptr;  // null before it is made and once it is being destroyed
    bool destroyed = false;
  };
  using Slots = PermanentThreadLocal<Slot, DestroyedThreadLocal>;

  struct Owner {
    Owner() noexcept { Slots::get()->value = &value; }
    ~Owner() {
      Slot* const slot = Slots::get();
      slot->value = nullptr;
      slot->destroyed = true;
    }
    T value{};
  };

  [[gnu::noinline, gnu::cold]] static void make() noexcept {
    static thread_local Owner owner;
    // Naming it is what makes it; the address is in the slot.
    static_cast<void>(owner);
  }
};

}  // namespace internal

// One T per thread and Tag, made by T(). T's constructor must not ask for it.
template <class T, class Tag>
class ThreadLocal {
  using Implementation = std::conditional_t<std::is_trivially_destructible_v<T>,
                                            internal::PermanentThreadLocal<T, Tag>,
                                            internal::DestroyedThreadLocal<T, Tag>>;

 public:
  ThreadLocal() = delete;

  // The calling thread's. Never null; fatal once the thread has destroyed it.
  static T* get() noexcept { return Implementation::get(); }

  // As get(), without the call. Only for a trivially destructible T, and only in a function that is
  // marked noinline: inlined into a coroutine, the address could be kept across a suspension.
  static T* get_here() noexcept
    requires std::is_trivially_destructible_v<T>
  {
    return Implementation::get_here();
  }

  // The calling thread's; null once the thread has begun to destroy it, T's destructor included.
  // Never null for a trivially destructible T.
  static T* try_get() noexcept { return Implementation::try_get(); }
};

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_THREAD_LOCAL_H_
