// ignore_broken_pipe_signal. Interface: broken_pipe_signal.h.

#include <weft/io/internal/broken_pipe_signal.h>

#include <signal.h>

#include <weft/base/check.h>
#include <weft/base/sys.h>

namespace weft::io::internal {

void ignore_broken_pipe_signal() noexcept {
  struct ::sigaction action{};
  // Neither fails for a signal that exists and may be ignored.
  const Result<void> asked = sys::sigaction(SIGPIPE, nullptr, &action);
  if (!asked || action.sa_handler != SIG_DFL) return;
  action = {};
  action.sa_handler = SIG_IGN;
  const Result<void> ignored = sys::sigaction(SIGPIPE, &action, nullptr);
  WEFT_DCHECK(ignored, "ignore_broken_pipe_signal: SIGPIPE cannot be ignored");
}

}  // namespace weft::io::internal
