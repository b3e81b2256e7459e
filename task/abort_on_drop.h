// AbortOnDropHandle<T>, AbortOnDrop: a task that ends with the handle to it.
//
// Spec: T-42.
//
//   Task<int> computed(int n) {
//     AbortOnDropHandle<int> handle(spawn(compute, n));
//     const auto result = co_await handle;  // if we are cancelled here, compute() is aborted
//     co_return result.value();
//   }
//
// Aborting is a request: the task is cancelled where it is suspended next, in its own time.

#ifndef WEFT_TASK_ABORT_ON_DROP_H_
#define WEFT_TASK_ABORT_ON_DROP_H_

#include <optional>
#include <utility>

#include <weft/runtime/join_handle.h>
#include <weft/runtime/task_id.h>

namespace weft {

// A JoinHandle whose destructor aborts the task. Movable; one thread at a time.
template <class T>
class [[nodiscard]] AbortOnDropHandle {
 public:
  using value_type = T;

  explicit AbortOnDropHandle(JoinHandle<T> handle) noexcept : handle_(std::move(handle)) {}
  AbortOnDropHandle(AbortOnDropHandle&&) noexcept = default;
  // Aborts the task that this handle has.
  AbortOnDropHandle& operator=(AbortOnDropHandle&& other) noexcept {
    AbortOnDropHandle moved(std::move(other));
    std::swap(handle_, moved.handle_);
    return *this;
  }
  ~AbortOnDropHandle() { handle_.abort(); }

  // As JoinHandle's. Cancel safe: an lvalue may be awaited again.
  auto operator co_await() noexcept { return handle_.operator co_await(); }
  void check_await(std::source_location where) const { handle_.check_await(where); }
  void abort() const noexcept { handle_.abort(); }
  AbortHandle abort_handle() const noexcept { return handle_.abort_handle(); }
  bool is_finished() const noexcept { return handle_.is_finished(); }
  TaskId id() const noexcept { return handle_.id(); }

  // The JoinHandle, whose destructor lets the task go on.
  JoinHandle<T> detach() && noexcept { return std::move(handle_); }

 private:
  JoinHandle<T> handle_;
};

// The same for an AbortHandle: it knows no result. Move-only.
class [[nodiscard]] AbortOnDrop {
 public:
  explicit AbortOnDrop(AbortHandle handle) noexcept : handle_(std::move(handle)) {}
  AbortOnDrop(AbortOnDrop&& other) noexcept : handle_(std::exchange(other.handle_, std::nullopt)) {}
  // Aborts the task that this one has.
  AbortOnDrop& operator=(AbortOnDrop&& other) noexcept {
    AbortOnDrop moved(std::move(other));
    handle_.swap(moved.handle_);
    return *this;
  }
  ~AbortOnDrop() {
    if (handle_) handle_->abort();
  }

  // Not of one that was moved from.
  void abort() const noexcept { handle_->abort(); }
  bool is_finished() const noexcept { return handle_->is_finished(); }
  TaskId id() const noexcept { return handle_->id(); }

  // The AbortHandle, whose destructor does nothing.
  AbortHandle detach() && noexcept {
    AbortHandle handle = *std::move(handle_);
    handle_.reset();
    return handle;
  }

 private:
  std::optional<AbortHandle> handle_;  // none: moved from
};

}  // namespace weft

#endif  // WEFT_TASK_ABORT_ON_DROP_H_
