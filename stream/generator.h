// AsyncGenerator: a stream written as a coroutine.
//
// Spec: ST-23..ST-29.
//
// Design. The generator's frame is the root of a strand of its own (runtime/coroutine/strand.h),
// which is driven by whoever polls next(). So what the body awaits is polled with the context of
// the consumer, and wakes the consumer's task; and when a next() is destroyed nothing happens to
// the frame: its leaf stays registered, the following next() polls it again. co_yield leaves a
// pointer to the value in the promise and suspends; the value is taken out of the frame only when
// next() yields it, so a next() that was ready and is destroyed has lost nothing. One item costs
// one resume and no allocation. Symmetric transfer between the two bodies, the usual way, would
// make the consumer's frame part of what the generator resumes, and could not be left in the
// middle.
//
//   stream::AsyncGenerator<int> count_to(int last) {
//     for (int i = 1; i <= last; ++i) {
//       co_await yield_now();  // a body may await what it likes
//       co_yield i;
//     }
//   }
//   Task<int> add_up(int last) {
//     auto numbers = count_to(last);
//     int total = 0;
//     while (const auto number = co_await numbers.next()) total += *number;
//     co_return total;
//   }

#ifndef WEFT_STREAM_GENERATOR_H_
#define WEFT_STREAM_GENERATOR_H_

#include <concepts>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/promise.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>

namespace weft::stream {

template <class T>
class AsyncGenerator;

namespace internal {

// What a co_yield leaves: where the value stands until the body is resumed.
template <class T>
class YieldedValue {
  static_assert(std::movable<T>, "weft::stream::AsyncGenerator<T>: T has to be movable");

 public:
  using item_type = T;

  void set(T&& value) noexcept { moved_ = std::addressof(value); }
  void set(const T& value) noexcept { copied_ = std::addressof(value); }
  bool is_set() const noexcept { return moved_ != nullptr || copied_ != nullptr; }
  T take() {
    if (T* const value = std::exchange(moved_, nullptr)) return std::move(*value);
    const T* const value = std::exchange(copied_, nullptr);
    if constexpr (std::copy_constructible<T>) return *value;
    std::terminate();  // co_yield of an lvalue does not compile then
  }

 private:
  T* moved_ = nullptr;         // a prvalue in the frame, or given away
  const T* copied_ = nullptr;  // an lvalue, which the body keeps
};
template <class T>
class YieldedValue<T&> {
 public:
  using item_type = std::reference_wrapper<T>;

  void set(T& value) noexcept { value_ = std::addressof(value); }
  bool is_set() const noexcept { return value_ != nullptr; }
  item_type take() noexcept { return *std::exchange(value_, nullptr); }

 private:
  T* value_ = nullptr;
};

// Suspends the body so that the next poll of its strand resumes it.
struct YieldAwaiter {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> frame) const noexcept {
    weft::internal::FrameHeader::of(frame)->own.start(frame);
  }
  void await_resume() const noexcept {}
};

template <class T>
class GeneratorPromise final : public weft::internal::ResultPromise<GeneratorPromise<T>, void> {
  using Value = std::remove_reference_t<T>;

 public:
  AsyncGenerator<T> get_return_object() noexcept { return AsyncGenerator<T>(this->header()); }

  YieldAwaiter yield_value(Value& value) noexcept
    requires std::is_lvalue_reference_v<T>
  {
    return yield(value);
  }
  YieldAwaiter yield_value(Value&& value) noexcept
    requires(!std::is_lvalue_reference_v<T>)
  {
    return yield(std::move(value));
  }
  YieldAwaiter yield_value(const Value& value) noexcept
    requires(!std::is_lvalue_reference_v<T> && std::copy_constructible<Value>)
  {
    return yield(value);
  }

  YieldedValue<T> yielded;
  bool is_running = false;

 private:
  template <class V>
  YieldAwaiter yield(V&& value) noexcept {
    yielded.set(std::forward<V>(value));
    return {};
  }
};

}  // namespace internal

// A coroutine type: the body co_yields T, co_awaits whatever a Task may, and ends. Lazy: it runs
// only while a next() is awaited. Move-only, also between two next(); one task at a time. Its
// frame's memory is recycled; yielding allocates nothing.
//
// An lvalue that is yielded is copied into the item, anything else moved. AsyncGenerator<T&> yields
// lvalues uncopied, as std::reference_wrapper<T>, valid until the following next().
//
// Destroying it destroys the body's locals where it is suspended, and what it waits for. Fatal
// while the body runs, and, as with Task, if a live scope is inside.
template <class T>
class [[nodiscard]] AsyncGenerator {
  using Yielded = internal::YieldedValue<T>;
  class NextNode;
  class Next;

 public:
  using promise_type = internal::GeneratorPromise<T>;
  using item_type = typename Yielded::item_type;

  AsyncGenerator(AsyncGenerator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  AsyncGenerator& operator=(AsyncGenerator&& other) noexcept {
    AsyncGenerator moved(std::move(other));
    std::swap(frame_, moved.frame_);
    return *this;
  }
  ~AsyncGenerator() {
    if (frame_ != nullptr) destroy();
  }

  // Runs the body to its next co_yield: std::optional<T>, empty once it has ended. What the body
  // throws comes out, and then it has ended. At the end it stays there. Cancel safe: the body stays
  // where it is, and goes on at the following next(). Takes one unit of budget for an item that the
  // body found without suspending.
  [[nodiscard]] Next next() noexcept { return Next(*this); }

  // One step of the same, for hand-written leaves and combinators.
  Poll<std::optional<item_type>> poll_next(Context& cx) {
    if (!advance(cx)) return kPending;
    return take();
  }

  // The end has been yielded, or an exception has come out, or it was moved from.
  bool is_terminated() const noexcept { return frame_ == nullptr; }

  // For the frame that awaits this, when it is going away.
  bool poll_cancel(Context& cx) noexcept {
    return frame_ == nullptr || weft::internal::poll_cancel_as_root(frame_, cx);
  }

 private:
  friend promise_type;
  using FrameHeader = weft::internal::FrameHeader;

  explicit AsyncGenerator(FrameHeader* frame) noexcept : frame_(frame) {}

  promise_type& promise() const noexcept {
    // SAFETY(lifetime): frame_ is ours, made by promise_type, and not destroyed while it is set.
    return std::coroutine_handle<promise_type>::from_address(frame_->frame_address()).promise();
  }
  // True: there is something to take.
  bool advance(Context& cx) noexcept;
  std::optional<item_type> take();
  void finish();
  void destroy() noexcept;

  FrameHeader* frame_;  // null: the end was taken
};

template <class T>
class AsyncGenerator<T>::NextNode : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "generator";

  explicit NextNode(AsyncGenerator& generator) noexcept : generator_(generator) {}
  bool poll(Context& cx) noexcept { return generator_.advance(cx); }
  bool poll_cancel(Context& cx) noexcept { return generator_.poll_cancel(cx); }
  // The generator is borrowed: it goes on from where it is.
  bool poll_abandon(Context&) noexcept { return true; }
  std::optional<item_type> take() { return generator_.take(); }
  void describe(WaitReport& report) noexcept {
    if (generator_.frame_ != nullptr) report.chain(*generator_.frame_);
  }

 private:
  AsyncGenerator& generator_;
};

template <class T>
class [[nodiscard]] AsyncGenerator<T>::Next {
 public:
  explicit Next(AsyncGenerator& generator) noexcept : generator_(&generator) {}
  LeafAwaiter<NextNode> operator co_await() const noexcept {
    return LeafAwaiter<NextNode>(*generator_);
  }

 private:
  AsyncGenerator* generator_;
};

template <class T>
bool AsyncGenerator<T>::advance(Context& cx) noexcept {
  if (frame_ == nullptr) return true;
  promise_type& body = promise();
  WEFT_CHECK(!body.is_running,
             "AsyncGenerator::next: awaited by its own body, or by two at the same time");
  if (body.yielded.is_set() || frame_->has_ended()) return true;
  // Not begun, or at a co_yield: it waits for nobody. What it awaits takes budget for itself.
  const bool is_at_rest = !frame_->has_started() || frame_->own.leaf_ops() == nullptr;
  if (is_at_rest && !cx.has_budget()) return false;
  if (!frame_->has_started()) weft::internal::start_as_root(frame_);
  body.is_running = true;
  const bool has_come_back = frame_->own.poll(cx);
  body.is_running = false;
  if (!has_come_back) return false;
  if (is_at_rest && body.yielded.is_set()) cx.spend_budget();
  return true;
}

template <class T>
std::optional<typename AsyncGenerator<T>::item_type> AsyncGenerator<T>::take() {
  if (frame_ == nullptr) return std::nullopt;
  if (frame_->has_ended()) {
    finish();
    return std::nullopt;
  }
  return std::optional<item_type>(std::in_place, promise().yielded.take());
}

// Destroys the frame, which has ended, and throws what the body threw.
template <class T>
void AsyncGenerator<T>::finish() {
  std::exception_ptr thrown;
  if (frame_->outcome == weft::internal::Outcome::kException) thrown = promise().result().exception;
  destroy();
  frame_ = nullptr;
  if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
}

template <class T>
void AsyncGenerator<T>::destroy() noexcept {
  promise_type& body = promise();
  WEFT_CHECK(!body.is_running, "AsyncGenerator: destroyed by its own body while that runs");
  if (frame_->has_ended()) {
    weft::internal::destroy_result<void>(body.result(), frame_->outcome);
    frame_->handle().destroy();
  } else {
    weft::internal::destroy_chain(frame_);
  }
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_GENERATOR_H_
