// fiber::Local<T>: a variable that every fiber has one of.
//
// Spec: R-164.
//
//   constinit fiber::Local<std::vector<std::string>> open_elements;  // a key, at namespace scope
//
//   // Callbacks of a parser, which gives them nothing but the name.
//   void on_begin(std::string name) { open_elements.get().push_back(std::move(name)); }
//   void on_end() { open_elements.get().pop_back(); }
//
// What a thread_local variable is to a thread: made when it is first asked for, destroyed when the
// fiber ends. Code on a fiber has no use for thread_local itself: other fibers run on the thread
// while it waits, and it may go on on another thread. A TaskLocal is given its value from outside
// and is visible in coroutines too; this is for what the code keeps for itself.
//
// The values of a fiber are a list, the newest first; a look-up walks it. There are rarely more
// than a few.

#ifndef WEFT_TASK_FIBER_LOCAL_H_
#define WEFT_TASK_FIBER_LOCAL_H_

#include <concepts>
#include <memory>
#include <source_location>

#include <weft/task/internal/fiber_core.h>

namespace weft::fiber {

// A key. Thread-safe, because it holds nothing; it must outlive the fibers that use it. A fiber
// that is run inside another has values of its own.
template <class T>
class Local {
 public:
  // Values are made by T().
  constexpr Local() noexcept
    requires std::default_initializable<T>
      : make_([] { return T(); }) {}
  // Values are made by make().
  constexpr explicit Local(T (*make)()) noexcept : make_(make) {}
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;

  // The value of the fiber that the caller is code of, which is made if there is none yet; what
  // that throws comes out. Good until the code of the fiber has ended: then values are destroyed on
  // its stack, the newest first, before the co_await of fiber::run() goes on. A check failure at
  // the caller's line outside of a fiber, and in a coroutine that a fiber awaits.
  T& get(std::source_location where = std::source_location::current()) const {
    internal::Fiber& fiber = internal::Fiber::require(
        "fiber::Local::get: called outside of a fiber; use try_get()", where);
    if (T* const value = find(fiber); value != nullptr) return *value;
    auto made = std::make_unique<Value>(*this);
    T& value = made->value;
    fiber.add_local(std::move(made));
    return value;
  }

  // The value, if there is one; null where get() would make it or fail.
  T* try_get() const noexcept {
    const internal::Fiber* const fiber = internal::Fiber::current();
    return fiber != nullptr ? find(*fiber) : nullptr;
  }

 private:
  struct Value : internal::FiberLocalValue {
    explicit Value(const Local& key) : FiberLocalValue(&key), value(key.make_()) {}
    T value;
  };

  T* find(const internal::Fiber& fiber) const noexcept {
    // SAFETY(cast): values of this key are made by get() alone.
    auto* const value = static_cast<Value*>(fiber.find_local(this));
    return value != nullptr ? &value->value : nullptr;
  }

  T (*const make_)();
};

}  // namespace weft::fiber

#endif  // WEFT_TASK_FIBER_LOCAL_H_
