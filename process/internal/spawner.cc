// Spawner. See spawner.h.

#include <weft/process/internal/spawner.h>

#include <exception>
#include <fcntl.h>
#include <iterator>
#include <span>
#include <unistd.h>
#include <utility>

#include <weft/base/sys.h>
#include <weft/base/sys_process.h>
#include <weft/process/internal/orphans.h>
#include <weft/process/internal/start_child.h>
#include <weft/runtime/driver/current_io.h>
#include <weft/runtime/spawn.h>

namespace weft::process::internal {

Result<Child> Spawner::spawn(const CommandConfig& config, std::source_location where) {
  // First of all, as it may be fatal: there must be no process then.
  static_cast<void>(weft::internal::current_io_driver(where));
  Orphans::get().move_to_current_runtime();
  const Result<ExecImage> image = ExecImage::create(config);
  if (!image) return Err(image.error());
  Spawner spawner(where);
  if (const Result<void> ready = spawner.prepare_stdio(config); !ready) return Err(ready.error());
  const Result<::pid_t> started = start_child(spawner.plan_for(config, *image));
  if (!started) return Err(started.error());
  return spawner.take_on(*started, config);
}

Result<void> Spawner::prepare_stdio(const CommandConfig& config) {
  for (std::size_t number = 0; number < config.stdio.size(); ++number) {
    const StdioSource& source = config.stdio[number];
    switch (source.kind) {
      case StdioSource::Kind::kInherit:
        break;
      case StdioSource::Kind::kNull:
        stdio_[number] = kOpenNull;
        break;
      case StdioSource::Kind::kDescriptor:
        stdio_[number] = source.descriptor->borrow().raw();
        break;
      case StdioSource::Kind::kPiped:
        if (Result<void> made = make_pipe(number); !made) return made;
        break;
    }
  }
  return {};
}

Result<void> Spawner::make_pipe(std::size_t number) {
  Result<sys::Ends> ends = sys::pipe2(O_CLOEXEC);
  if (!ends) return Err(ends.error());
  auto& [reader, writer] = *ends;
  const bool is_input = number == STDIN_FILENO;
  child_ends_[number] = std::move(is_input ? reader : writer);
  stdio_[number] = child_ends_[number].raw();
  return keep_parent_end(number, std::move(is_input ? writer : reader));
}

Result<void> Spawner::keep_parent_end(std::size_t number, OwnedFd fd) {
  const auto into = [](auto& member) {
    return [&member](auto&& pipe) { member = std::forward<decltype(pipe)>(pipe); };
  };
  switch (number) {
    case STDIN_FILENO:
      return ChildStdin::from_fd(std::move(fd), where_).transform(into(stdin_));
    case STDOUT_FILENO:
      return ChildStdout::from_fd(std::move(fd), where_).transform(into(stdout_));
    default:
      return ChildStderr::from_fd(std::move(fd), where_).transform(into(stderr_));
  }
}

ChildPlan Spawner::plan_for(const CommandConfig& config, const ExecImage& image) const noexcept {
  ChildPlan plan;
  plan.stdio = stdio_;
  if (config.groups) plan.groups = *config.groups;
  // Who gives up root gives up the groups that came with it, too.
  if (!config.groups && config.user && sys::effective_user() == 0) {
    plan.groups = std::span<const ::gid_t>();
  }
  plan.group = config.group;
  plan.user = config.user;
  plan.directory = config.directory ? config.directory->c_str() : nullptr;
  plan.process_group = config.process_group;
  plan.hooks = config.hooks;
  plan.paths = image.paths();
  plan.arguments = image.arguments();
  plan.environment = image.environment();
  return plan;
}

Result<Child> Spawner::take_on(::pid_t id, const CommandConfig& config) {
  const Result<void> adopted = process_->adopt(id, where_);
  if (!adopted) {
    ChildProcess::abandon(std::move(process_), /*kills=*/false);
    return Err(adopted.error());
  }
  Child child(std::move(process_), config.kill_on_drop, config.output_limit);
  child.stdin_ = std::move(stdin_);
  child.stdout_ = std::move(stdout_);
  child.stderr_ = std::move(stderr_);
  return child;
}

Result<Child> Spawner::adopt(RawChild raw, const CommandConfig& config,
                             std::source_location where) {
  Spawner spawner(where);
  OwnedFd* const ends[] = {&raw.stdin_, &raw.stdout_, &raw.stderr_};
  Result<void> kept;
  for (std::size_t number = 0; number < std::size(ends) && kept; ++number) {
    if (*ends[number]) kept = spawner.keep_parent_end(number, std::move(*ends[number]));
  }
  Result<Child> child = spawner.take_on(raw.id, config);
  // It is ours now in any case; without its pipes it is of no use to anybody.
  if (child && !kept) {
    static_cast<void>(child->start_kill());
    return Err(kept.error());
  }
  return child;
}

Task<Result<Child>> Spawner::spawn_on_pool(CommandConfig config, std::source_location where) {
  static_cast<void>(weft::internal::current_io_driver(where));
  auto job = [config = std::move(config), where] { return spawn(config, where); };
  JoinHandle<Result<Child>> running = spawn_blocking(std::move(job), where);
  struct AbortAtEnd {
    JoinHandle<Result<Child>>& job;
    ~AbortAtEnd() { job.abort(); }
  };
  const AbortAtEnd abort_at_end{running};
  JoinResult<Result<Child>> joined = co_await running;
  if (joined) co_return *std::move(joined);
  if (joined.error().is_exception()) std::rethrow_exception(joined.error().exception());
  co_return Err(Errc::runtime_shutdown);
}

}  // namespace weft::process::internal
