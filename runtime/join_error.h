// JoinError: why a task gave no value.
//
// Spec: T-6, T-10, T-72.

#ifndef WEFT_RUNTIME_JOIN_ERROR_H_
#define WEFT_RUNTIME_JOIN_ERROR_H_

#include <exception>
#include <source_location>
#include <string>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/runtime/task_id.h>

namespace weft {

// The task was cancelled, or an exception left its body. Copyable; copies share the exception.
class [[nodiscard]] JoinError {
 public:
  static JoinError cancelled(TaskId id) noexcept { return JoinError(id, nullptr); }
  static JoinError threw(TaskId id, std::exception_ptr exception) noexcept {
    return JoinError(id, std::move(exception));
  }

  bool is_cancelled() const noexcept { return exception_ == nullptr; }
  bool is_exception() const noexcept { return exception_ != nullptr; }
  TaskId id() const noexcept { return id_; }

  // What the body threw; null if the task was cancelled.
  std::exception_ptr exception() const noexcept { return exception_; }
  // Throws it. A check failure if the task was cancelled.
  [[noreturn]] void rethrow(std::source_location where = std::source_location::current()) const;

  // "task 7 was cancelled", "task 7 threw: <what()>", or "task 7 threw" if that has no text.
  std::string to_string() const;

  // For code that reports weft::Error: Errc::cancelled, or Errc::other.
  operator Error() const noexcept {  // NOLINT(google-explicit-constructor): api.md
    return is_cancelled() ? Error(Errc::cancelled) : Error(Errc::other);
  }

 private:
  JoinError(TaskId id, std::exception_ptr exception) noexcept
      : id_(id), exception_(std::move(exception)) {}

  TaskId id_;
  std::exception_ptr exception_;
};

template <class T>
using JoinResult = Result<T, JoinError>;

}  // namespace weft

#endif  // WEFT_RUNTIME_JOIN_ERROR_H_
