// PromiseBase: what the promises of all weft coroutines share.
//
// Spec, T-2, T-72.
//
// Frames begin suspended. At the end control goes to the awaiting frame by symmetric transfer, in
// constant stack space; a root returns to Strand::poll instead. An exception that the body does not
// catch is kept in the result storage.
//
// OutputStorage is the promise's place for the result. Its *address* stays meaningful after the
// frame is destroyed, as long as the block is kept: a task's output is moved out, the frame
// destroyed, and the output put back into the dead frame (task/task.h), because the frame has to be
// gone before anyone sees the result. What lies there is said by FrameHeader::outcome, which is
// outside the promise: compilers may drop stores to a promise that is about to be destroyed.

#ifndef WEFT_RUNTIME_COROUTINE_PROMISE_H_
#define WEFT_RUNTIME_COROUTINE_PROMISE_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/leaf.h>

namespace weft::internal {

template <class T>
union OutputStorage {
  static_assert(
      alignof(T) <= 16,
      "weft: a Task's result may not be aligned to more than 16 bytes (compilers misplace "
      "it in coroutine frames); return it in a std::unique_ptr");
  OutputStorage() noexcept {}
  ~OutputStorage() {}
  T value;
  std::exception_ptr exception;
};

template <>
union OutputStorage<void> {
  OutputStorage() noexcept {}
  ~OutputStorage() {}
  std::exception_ptr exception;
};

// Destroys what `outcome` says is in `storage`.
template <class T>
void destroy_result(OutputStorage<T>& storage, Outcome outcome) noexcept {
  // SAFETY(storage): `outcome` names the union's live member; the caller resets it.
  if (outcome == Outcome::kException) std::destroy_at(&storage.exception);
  if constexpr (!std::is_void_v<T>) {
    if (outcome == Outcome::kValue) std::destroy_at(&storage.value);
  }
}

struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> frame) const noexcept {
    return continuation_of(FrameHeader::of(frame));
  }
  void await_resume() const noexcept {}
};

// CRTP: `Derived` is the promise type itself, which the frame's address is computed from.
template <class Derived>
class PromiseBase {
 public:
  struct HasFrameHeader {};

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t) noexcept { deallocate_frame(frame); }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }

  // Returns a prvalue: g++ 12 copies what a reference refers to.
  template <Awaitable A>
  auto await_transform(A&& awaitable,
                       std::source_location where = std::source_location::current()) {
    header()->location = where;
    // Misuse that only the awaiting line can be blamed for.
    if constexpr (requires { awaitable.check_await(where); }) awaitable.check_await(where);
    return std::forward<A>(awaitable).operator co_await();
  }
  // Only to say in words why that does not fit.
  template <class A>
    requires(!Awaitable<A>)
  auto await_transform(A&&) {
    static_assert(Awaitable<A>,
                  "weft: this cannot be awaited in a Task; put an awaitable of another library "
                  "into weft::from_awaitable()");
    return std::suspend_never();
  }

  FrameHeader* header() noexcept {
    auto& self = static_cast<Derived&>(*this);
    FrameHeader* header = FrameHeader::of(std::coroutine_handle<Derived>::from_promise(self));
    // Until the coroutine has been split, clang takes the promise for a local variable, and what
    // stands in front of it for out of bounds. From here on it does not know where this points.
    asm("" : "+r"(header));
    return header;
  }
};

// Locals are destroyed between co_return and the end, or when a suspended frame is destroyed, and
// what their destructors throw arrives where the body's exceptions do. That is fatal: there
// is a result already, or nobody to go on with.
inline void check_body_threw(const FrameHeader& header) noexcept {
  WEFT_CHECK(header.outcome != Outcome::kValue && !header.frame_is_dead,
             "a destructor in a coroutine's frame threw; destructors that throw are not supported",
             header.location);
}

// Adds the result. `return_value` accepts whatever T can be made from.
template <class Derived, class T>
class ResultPromise : public PromiseBase<Derived> {
 public:
  template <class U = T>
    requires std::constructible_from<T, U>
  void return_value(U&& value) noexcept(std::is_nothrow_constructible_v<T, U>) {
    // SAFETY(storage): the body runs once and nothing else writes the storage, so it is empty.
    std::construct_at(&result_.value, std::forward<U>(value));
    this->header()->outcome = Outcome::kValue;
  }
  void unhandled_exception() noexcept { store_exception(result_, *this->header()); }

  OutputStorage<T>& result() noexcept { return result_; }

  static void store_exception(OutputStorage<T>& storage, FrameHeader& header) noexcept {
    check_body_threw(header);
    // SAFETY(storage): as in return_value(); a return_value that threw has constructed nothing.
    std::construct_at(&storage.exception, std::current_exception());
    header.outcome = Outcome::kException;
  }

 private:
  OutputStorage<T> result_;
};

template <class Derived>
class ResultPromise<Derived, void> : public PromiseBase<Derived> {
 public:
  void return_void() noexcept { this->header()->outcome = Outcome::kValue; }
  void unhandled_exception() noexcept {
    check_body_threw(*this->header());
    // SAFETY(storage): the body runs once and nothing else writes the storage, so it is empty.
    std::construct_at(&result_.exception, std::current_exception());
    this->header()->outcome = Outcome::kException;
  }

  OutputStorage<void>& result() noexcept { return result_; }

 private:
  OutputStorage<void> result_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_COROUTINE_PROMISE_H_
