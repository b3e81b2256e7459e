// Checks: how misuse and broken invariants end the program, in one line.
//
// Spec: api.md "Conventions" (fatal: the caller's source location, what was called, what to do
// instead, then abort).
//
// Design. Two questions, two macros. WEFT_CHECK guards what a *caller* can get wrong; it is always
// on, and its message names the call and the remedy. A public function takes the caller's
// std::source_location as a default argument and hands it on, so that the line printed is the
// user's and not ours. WEFT_DCHECK guards what *we* can get wrong; it costs nothing with NDEBUG,
// where the condition still has to compile but is never evaluated. What the environment can cause
// is neither: that is a weft::Result.
//
// A condition is anything that converts to bool where an `if` would convert it, a Result included.
// It is evaluated once. The failing path is one call to a cold function, which writes
//
//   weft: fatal: <file>:<line>: <what>
//
// to standard error with a single system call, without allocating, and aborts: it is usable with
// the heap gone or a lock held.
//
//   void Semaphore::add_permits(std::size_t n, std::source_location where) {
//     WEFT_CHECK(n <= kMaxPermits, "Semaphore::add_permits: more than kMaxPermits", where);
//
// The macros are expressions, so they may stand in a constructor's initialiser or in a constexpr
// function. A condition with a comma outside parentheses needs parentheses of its own.

#ifndef WEFT_BASE_CHECK_H_
#define WEFT_BASE_CHECK_H_

#include <source_location>
#include <string_view>

#include <weft/base/link_check.h>

namespace weft::internal {

// Writes "weft: fatal: <file>:<line>: <what>\n" to standard error in one piece and aborts.
// Allocates nothing, takes no lock, safe on any thread and in a signal handler.
[[noreturn, gnu::cold, gnu::noinline]] void fatal(
    std::string_view what, std::source_location where = std::source_location::current()) noexcept;

// What the macros call when a condition is false: with a message the line shows the message,
// without one "check failed: <condition>".
[[noreturn, gnu::cold, gnu::noinline]] void check_failed(
    const char* condition, std::source_location where = std::source_location::current()) noexcept;
[[noreturn, gnu::cold, gnu::noinline]] void check_failed(
    const char* condition, std::string_view message,
    std::source_location where = std::source_location::current()) noexcept;

}  // namespace weft::internal

// WEFT_CHECK(condition), WEFT_CHECK(condition, message), WEFT_CHECK(condition, message, location).
#define WEFT_CHECK(condition, ...) \
  (static_cast<bool>(condition)    \
       ? static_cast<void>(0)      \
       : ::weft::internal::check_failed(#condition __VA_OPT__(, ) __VA_ARGS__))

// The same for our own invariants; with NDEBUG type-checked and never evaluated.
#ifdef NDEBUG
#define WEFT_DCHECK(condition, ...) static_cast<void>(false && static_cast<bool>(condition))
#else
#define WEFT_DCHECK(condition, ...) WEFT_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#endif

#endif  // WEFT_BASE_CHECK_H_
