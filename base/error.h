// Error: why an operation failed, in eight bytes.
//
// Spec: api.md "Conventions"; io.md (which kinds exist).
//
// Design. Either an errno exactly as the system gave it, or one of weft's own kinds for what has
// no errno. Both are a number; a second number says which of the two, so an Error is copied in a
// register and compared with an `==`. It turns into the std::error_code that it stands for
// (system_category or weft_category) whenever somebody asks, and never carries text, a location or
// a cause: those belong to the place that handles it.
//
//   if (r.error() == std::errc::connection_refused) ...
//   if (r.error() == weft::Errc::closed) ...

#ifndef WEFT_BASE_ERROR_H_
#define WEFT_BASE_ERROR_H_

#include <cerrno>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>

#include <weft/base/link_check.h>

namespace weft {

// The failures that have no errno. What tokio calls InvalidInput, BrokenPipe, WouldBlock, NotFound,
// AlreadyExists and TimedOut are std::errc values instead.
enum class Errc : std::int32_t {
  unexpected_eof = 1,  // the stream ended before the requested bytes
  write_zero,          // a writer accepted none of the bytes it was given
  runtime_shutdown,    // the runtime is shutting down, or gone
  elapsed,             // a timeout expired
  cancelled,           // the operation or its task was cancelled
  closed,              // the channel, semaphore or handle is closed
  frame_too_large,     // a frame is longer than its codec allows
  invalid_data,        // the bytes do not have the form they must have
  bytes_remaining,     // a stream ended with bytes left that make no frame
  no_capacity,         // a bounded container is full
  too_many_fds,        // more descriptors than one control message holds
  control_truncated,   // ancillary data was cut off by the kernel
  other,               // none of the above
};

// The category of Errc: name "weft". Its values are equivalent to no std::errc.
const std::error_category& weft_category() noexcept;

inline std::error_code make_error_code(Errc code) noexcept {
  return std::error_code(static_cast<int>(code), weft_category());
}

}  // namespace weft

template <>
struct std::is_error_code_enum<weft::Errc> : std::true_type {};

namespace weft {

// A plain value; thread-safe as an int is. There is no "no error": success is not an Error.
class Error {
 public:
  // Implicit, so that `return Err(Errc::closed)` and `error == Errc::closed` read as they should.
  constexpr Error(std::errc code) noexcept  // NOLINT(google-explicit-constructor)
      : value_(static_cast<std::int32_t>(code)), origin_(Origin::kSystem) {}
  constexpr Error(Errc code) noexcept  // NOLINT(google-explicit-constructor)
      : value_(static_cast<std::int32_t>(code)), origin_(Origin::kWeft) {}

  // The error that the system calls `number`; kept exactly, also when weft has no name for it.
  static constexpr Error from_errno(int number) noexcept { return Error(number); }

  // The calling thread's errno. Must be the first thing after the failed call: whatever runs in
  // between may overwrite errno.
  static Error last_os_error() noexcept { return Error(errno); }

  // The errno this error was made from; nothing for weft's own kinds.
  constexpr std::optional<int> raw_os_error() const noexcept {
    return origin_ == Origin::kSystem ? std::optional<int>(value_) : std::nullopt;
  }

  // The same as a std::error_code, in system_category or weft_category.
  std::error_code code() const noexcept;
  operator std::error_code() const noexcept {  // NOLINT(google-explicit-constructor)
    return code();
  }

  // For people: "Connection refused (os error 111)", "channel or handle is closed".
  std::string to_string() const;

  // operation_would_block and resource_unavailable_try_again are one number on Linux, as
  // EWOULDBLOCK and EAGAIN are: an error that is one is the other.
  friend constexpr bool operator==(Error, Error) noexcept = default;
  friend constexpr bool operator==(Error error, std::errc code) noexcept {
    return error == Error(code);
  }
  friend constexpr bool operator==(Error error, Errc code) noexcept { return error == Error(code); }

  friend std::ostream& operator<<(std::ostream& out, Error error);

 private:
  enum class Origin : std::int32_t { kSystem, kWeft };

  explicit constexpr Error(int number) noexcept : value_(number), origin_(Origin::kSystem) {}

  std::int32_t value_;
  Origin origin_;
};

static_assert(sizeof(Error) == 8 && std::is_trivially_copyable_v<Error>);

namespace internal {

// What Result<T, Error>::value() does on an error: throws std::system_error with error.code().
// Out of line, so that a header that only propagates results pulls in no exception machinery.
[[noreturn, gnu::cold]] void throw_bad_result_access(Error error);

}  // namespace internal
}  // namespace weft

#endif  // WEFT_BASE_ERROR_H_
