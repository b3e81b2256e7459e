// RawChild: a process that was started without weft.
//
// Spec: P-9.
//
//   Result<process::RawChild> start_it(process::Command&) {
//     process::RawChild child;
//     // SAFETY(syscall): the child only calls _exit(), which is async-signal-safe: other threads
//     // are not there in it, and what they had locked, malloc()'s lock included, stays locked.
//     child.id = ::fork();
//     if (child.id == -1) return Err(Error::last_os_error());
//     if (child.id == 0) ::_exit(7);
//     return child;
//   }
//
//   Task<Result<process::ExitStatus>> run_it() {
//     process::Command command("it");  // its kill_on_drop() holds
//     Result<process::Child> child = command.spawn_with(start_it);
//     if (!child) co_return Err(child.error());
//     co_return co_await child->wait();
//   }

#ifndef WEFT_PROCESS_RAW_CHILD_H_
#define WEFT_PROCESS_RAW_CHILD_H_

#include <sys/types.h>

#include <weft/base/fd.h>

namespace weft::process {

// What Command::spawn_with() takes on: a child of this process that nobody has waited for or will,
// and our ends of pipes to it, as far as there are any; they are made non-blocking.
struct RawChild {
  ::pid_t id = 0;
  OwnedFd stdin_ = {};
  OwnedFd stdout_ = {};
  OwnedFd stderr_ = {};
};

}  // namespace weft::process

#endif  // WEFT_PROCESS_RAW_CHILD_H_
