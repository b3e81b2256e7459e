// Command: a program to be run, and how.
//
// Spec: P-1..P-9, P-16, P-42, P-46, P-49, P-50, P-54.
//
//   Task<std::string> sorted(std::string text) {
//     process::Command command("sort");
//     command.arg("-r").env("LC_ALL", "C");
//     command.stdin_(process::Stdio::piped()).stdout_(process::Stdio::piped());
//     Result<process::Child> child = command.spawn();
//     if (!child) co_return "no sort: " + child.error().to_string();
//     const Result<void> written = co_await child->stdin_->write_all(text);
//     const auto output = co_await (*std::move(child)).wait_with_output();  // ends the input
//     if (!written || !output || !output->status.success()) co_return "it has failed";
//     std::string result;
//     for (const std::byte byte : output->stdout_) result.push_back(static_cast<char>(byte));
//     co_return result;
//   }

#ifndef WEFT_PROCESS_COMMAND_H_
#define WEFT_PROCESS_COMMAND_H_

#include <cstddef>
#include <filesystem>
#include <functional>
#include <source_location>
#include <span>
#include <string>
#include <sys/types.h>
#include <utility>

#include <weft/base/result.h>
#include <weft/process/child.h>
#include <weft/process/exit_status.h>
#include <weft/process/internal/command_config.h>
#include <weft/process/output.h>
#include <weft/process/raw_child.h>
#include <weft/process/stdio.h>
#include <weft/runtime/task.h>

namespace weft::process {

// Setters return the command. It may be spawned any number of times, and uses what it was told each
// time; afterwards it does not matter any more. Used by one thread at a time.
//
// The child gets no descriptor but the standard streams (and what the program has opened itself
// without close-on-exec); no signal is blocked in it, and none handled, SIGPIPE has its default
// action, and other ignored signals stay ignored.
class Command {
  using Where = std::source_location;

 public:
  // `program` is looked for in the directories of PATH, the child's if it gets another one, unless
  // it contains a slash; then a relative path starts from current_dir(). A zero byte here or in any
  // other string makes spawning fail with invalid_argument.
  explicit Command(std::string program) { config_.program = std::move(program); }

  Command& arg(std::string argument);
  Command& args(std::span<const std::string> arguments);
  // What the program sees as its own name, argv[0], instead of `program`.
  Command& arg0(std::string name);

  // The environment is this process's at the time of the spawn, changed by these.
  Command& env(std::string key, std::string value);
  Command& envs(std::span<const std::pair<std::string, std::string>> variables);
  Command& env_remove(std::string key);
  // Nothing is inherited, and nothing of what was set until now is set.
  Command& env_clear();
  Command& current_dir(std::filesystem::path directory);

  // Inherited if not set. output() sets the latter two.
  Command& stdin_(Stdio source);   // NOLINT(readability-identifier-naming)
  Command& stdout_(Stdio source);  // NOLINT(readability-identifier-naming)
  Command& stderr_(Stdio source);  // NOLINT(readability-identifier-naming)

  // Whether a Child that is destroyed before its end is known kills the process. It does not, if
  // not set.
  Command& kill_on_drop(bool value);
  bool kill_on_drop() const noexcept { return config_.kill_on_drop; }

  // Whom the child is to run as. If root sets uid() and no groups(), the child is in no
  // supplementary groups.
  Command& uid(::uid_t user);
  Command& gid(::gid_t group);
  Command& groups(std::span<const ::gid_t> groups);
  // Joins that process group; 0 is a new one with its own number, to which kill(2) can send to all
  // of its processes at once.
  Command& process_group(::pid_t group);

  // `hook`, a Result<void>(), runs in the child right before exec, after everything else, in the
  // order of registration; an error ends the child and is spawn's error. A child with hooks is
  // started by fork(2), which is slow in large processes. In a program with threads a hook may call
  // what is async-signal-safe and nothing else: no allocation, no lock, nothing of weft, no
  // exception. What it changes in memory is not seen by this process.
  Command& pre_exec(std::function<Result<void>()> hook);

  // How much output() and wait_with_output() keep of each stream. Without limit if not set.
  Command& max_output(std::size_t bytes, OutputOverflow overflow);

  // Starts it and waits until it has called exec, which blocks the thread, usually for a fraction
  // of a millisecond. Fails with what any step said: no_such_file_or_directory for what is not
  // there, permission_denied, argument_list_too_long, resource_unavailable_try_again at the limit
  // of processes, too_many_files_open; then there is no process. Fatal outside of a runtime with
  // I/O, before anything was started.
  Result<Child> spawn(Where where = Where::current());
  // The same on a thread of the blocking pool, with what the command has been told until now: for
  // programs on slow disks. Destroyed, it starts nothing, or leaves what it has started as a
  // destroyed Child would. Fails with runtime_shutdown, too.
  Task<Result<Child>> spawn_async(Where where = Where::current());

  // Starts it now, and yields how it ended. Pipes are closed at once. Destroying the task destroys
  // the Child.
  Task<Result<ExitStatus>> status(Where where = Where::current());
  // Starts it now, with standard output and error piped, and yields what it wrote and how it ended.
  // Fails as Child::wait_with_output(), as which it is cancelled.
  Task<Result<Output>> output(Where where = Where::current());

  // Has `start` start the process in whatever way, and takes on what it returns; kill_on_drop() and
  // max_output() hold for it. Fails as `start`, or if the process cannot be watched; then it is
  // killed.
  Result<Child> spawn_with(const std::function<Result<RawChild>(Command&)>& start,
                           Where where = Where::current());

 private:
  internal::CommandConfig config_;
};

}  // namespace weft::process

#endif  // WEFT_PROCESS_COMMAND_H_
