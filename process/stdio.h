// Stdio: what a standard stream of a child is connected to.
//
// Spec: P-3, P-24.
//
//   Task<Result<process::Output>> count_lines() {
//     process::Command seq("seq");
//     Result<process::Child> first = seq.arg("10").stdout_(process::Stdio::piped()).spawn();
//     if (!first) co_return Err(first.error());
//     Result<process::Stdio> between = (*std::move(first->stdout_)).into_stdio();
//     if (!between) co_return Err(between.error());
//     process::Command wc("wc");
//     co_return co_await wc.arg("-l").stdin_(*std::move(between)).output();
//   }

#ifndef WEFT_PROCESS_STDIO_H_
#define WEFT_PROCESS_STDIO_H_

#include <memory>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/fd.h>

namespace weft::process {

namespace internal {

// Copyable, so that a command can be copied for another thread: copies share the descriptor.
struct StdioSource {
  enum class Kind { kInherit, kNull, kPiped, kDescriptor };

  Kind kind = Kind::kInherit;
  std::shared_ptr<const OwnedFd> descriptor = nullptr;  // of kDescriptor
};

}  // namespace internal

class [[nodiscard]] Stdio {
 public:
  // What this process has at the time of the spawn. Its flags are left alone (P-25).
  static Stdio inherit() noexcept { return Stdio({internal::StdioSource::Kind::kInherit}); }
  // /dev/null.
  static Stdio null() noexcept { return Stdio({internal::StdioSource::Kind::kNull}); }
  // A new pipe, whose other end is in the Child.
  static Stdio piped() noexcept { return Stdio({internal::StdioSource::Kind::kPiped}); }
  // `fd`, which the command keeps, for all its spawns, until it is destroyed or given another
  // Stdio. It should be blocking: few programs expect anything else. Fatal if it is empty.
  static Stdio from_fd(OwnedFd fd, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(fd, "Stdio::from_fd: there is no descriptor in it", where);
    return Stdio(
        {internal::StdioSource::Kind::kDescriptor, std::make_shared<const OwnedFd>(std::move(fd))});
  }

  Stdio(Stdio&&) noexcept = default;
  Stdio& operator=(Stdio&&) noexcept = default;

  // For Command.
  internal::StdioSource into_source() && noexcept { return std::move(source_); }

 private:
  explicit Stdio(internal::StdioSource source) noexcept : source_(std::move(source)) {}

  internal::StdioSource source_;
};

}  // namespace weft::process

#endif  // WEFT_PROCESS_STDIO_H_
