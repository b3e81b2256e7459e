// start_child. See start_child.h.

#include <weft/process/internal/start_child.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <weft/base/sanitizer.h>
#include <weft/base/stack.h>
#include <weft/base/sys.h>
#include <weft/base/sys_child.h>
#include <weft/base/sys_process.h>

namespace weft::process::internal {

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr bool kCanShareMemory = false;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool kCanShareMemory = false;
#else
constexpr bool kCanShareMemory = true;
#endif
#else
constexpr bool kCanShareMemory = true;
#endif

// The child needs less than one kilobyte; unoptimised and sanitized builds several times that.
constexpr std::size_t kStackSize = 32 * 1024;

class SignalsBlocked {
 public:
  SignalsBlocked() noexcept : before_(sys::block_all_signals()) {}
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { sys::set_signal_mask(before_); }

 private:
  const ::sigset_t before_;
};

// A child that failed has ended, or is about to: nobody else may wait for it.
void reap_failed(::pid_t child) noexcept { static_cast<void>(sys::waitpid(child, nullptr, 0)); }

struct SharedWithChild {
  const ChildPlan* plan;
  // Written by the child, and read by the parent after it has gone on.
  std::optional<Error> error = std::nullopt;
};

// No marks of AddressSanitizer: see child_plan.cc.
[[gnu::no_sanitize_address]] int run_in_memory_of_parent(void* argument) noexcept {
  // SAFETY(cast): what start_in_our_memory() gave to clone_vfork().
  auto* const shared = static_cast<SharedWithChild*>(argument);
  shared->error = run_plan(*shared->plan);
  sys::child::exit_now(1);
}

// Not a limit, but a sandbox that knows fork(2) only.
bool is_refused(Error error) noexcept {
  return error == std::errc::operation_not_permitted ||
         error == std::errc::function_not_supported || error == std::errc::invalid_argument;
}

// Nothing: the system refuses to do it this way.
std::optional<Result<::pid_t>> start_in_our_memory(const ChildPlan& plan) {
  const Result<weft::internal::Stack> stack = weft::internal::Stack::create(kStackSize);
  if (!stack) return Result<::pid_t>(Err(stack.error()));
  SharedWithChild shared{&plan};
  const Result<::pid_t> child = [&] {
    const SignalsBlocked blocked;
    return sys::clone_vfork(run_in_memory_of_parent, std::span(stack->lowest(), stack->size()),
                            &shared);
  }();
  // It left the stack without returning from its functions.
  weft::internal::unpoison_memory(stack->lowest(), stack->size());
  if (!child && is_refused(child.error())) return std::nullopt;
  if (!child || !shared.error) return child;
  reap_failed(*child);
  return Result<::pid_t>(Err(*shared.error));
}

// What the child says into `answer`; nothing if it has called exec.
std::optional<Error> answer_of(const OwnedFd& answer) noexcept {
  std::array<std::byte, sizeof(Error)> bytes;
  std::size_t got = 0;
  while (got < bytes.size()) {
    const Result<std::size_t> n = sys::read(answer, std::span(bytes).subspan(got));
    if (!n) return n.error();
    // Killed before it could say all of it, or anything: its exit status tells.
    if (*n == 0) return std::nullopt;
    got += *n;
  }
  Error error = Errc::other;
  static_assert(std::is_trivially_copyable_v<Error>);
  std::memcpy(&error, bytes.data(), sizeof error);
  return error;
}

[[noreturn]] void run_forked(const ChildPlan& plan, int answer) noexcept {
  // Standard streams may be closed in the parent, and the pipe lie where one of them belongs.
  if (answer < 3 && sys::child::dup_above_stdio(answer) != 0) sys::child::exit_now(1);
  const Error error = run_plan(plan);
  sys::child::write(answer, &error, sizeof error);
  sys::child::exit_now(1);
}

Result<::pid_t> start_by_fork(const ChildPlan& plan) {
  Result<sys::Ends> pipe = sys::pipe2(O_CLOEXEC);
  if (!pipe) return Err(pipe.error());
  auto& [ours, childs] = *pipe;
  const Result<::pid_t> child = [&] {
    const SignalsBlocked blocked;
    const Result<::pid_t> forked = sys::fork();
    if (forked && *forked == 0) run_forked(plan, childs.raw());
    return forked;
  }();
  if (!child) return child;
  childs = OwnedFd();
  const std::optional<Error> error = answer_of(ours);
  if (!error) return child;
  reap_failed(*child);
  return Err(*error);
}

}  // namespace

Result<::pid_t> start_child(const ChildPlan& plan) {
  if (kCanShareMemory && plan.hooks.empty()) {
    if (const std::optional<Result<::pid_t>> child = start_in_our_memory(plan)) return *child;
  }
  return start_by_fork(plan);
}

}  // namespace weft::process::internal
