// Command. Interface: command.h.

#include <weft/process/command.h>

#include <unistd.h>
#include <utility>

#include <weft/process/internal/collect_output.h>
#include <weft/process/internal/spawner.h>
#include <weft/runtime/driver/current_io.h>

namespace weft::process {

namespace {

Task<Result<ExitStatus>> status_of(Result<Child> child) {
  if (!child) co_return Err(child.error());
  co_return co_await child->wait();
}

Task<Result<Output>> output_of(Result<Child> child) {
  if (!child) co_return Err(child.error());
  co_return co_await (*std::move(child)).wait_with_output();
}

}  // namespace

Command& Command::arg(std::string argument) {
  config_.arguments.push_back(std::move(argument));
  return *this;
}

Command& Command::args(std::span<const std::string> arguments) {
  config_.arguments.insert(config_.arguments.end(), arguments.begin(), arguments.end());
  return *this;
}

Command& Command::arg0(std::string name) {
  config_.name = std::move(name);
  return *this;
}

Command& Command::env(std::string key, std::string value) {
  config_.environment[std::move(key)] = std::move(value);
  return *this;
}

Command& Command::envs(std::span<const std::pair<std::string, std::string>> variables) {
  for (const auto& [key, value] : variables) env(key, value);
  return *this;
}

Command& Command::env_remove(std::string key) {
  config_.environment[std::move(key)] = std::nullopt;
  return *this;
}

Command& Command::env_clear() {
  config_.clears_environment = true;
  config_.environment.clear();
  return *this;
}

// By value, as all paths of weft.  NOLINTNEXTLINE(performance-unnecessary-value-param)
Command& Command::current_dir(std::filesystem::path directory) {
  config_.directory = directory.string();
  return *this;
}

Command& Command::stdin_(Stdio source) {
  config_.stdio[STDIN_FILENO] = std::move(source).into_source();
  return *this;
}

Command& Command::stdout_(Stdio source) {
  config_.stdio[STDOUT_FILENO] = std::move(source).into_source();
  return *this;
}

Command& Command::stderr_(Stdio source) {
  config_.stdio[STDERR_FILENO] = std::move(source).into_source();
  return *this;
}

Command& Command::kill_on_drop(bool value) {
  config_.kill_on_drop = value;
  return *this;
}

Command& Command::uid(::uid_t user) {
  config_.user = user;
  return *this;
}

Command& Command::gid(::gid_t group) {
  config_.group = group;
  return *this;
}

Command& Command::groups(std::span<const ::gid_t> groups) {
  config_.groups.emplace(groups.begin(), groups.end());
  return *this;
}

Command& Command::process_group(::pid_t group) {
  config_.process_group = group;
  return *this;
}

Command& Command::pre_exec(std::function<Result<void>()> hook) {
  config_.hooks.push_back(std::move(hook));
  return *this;
}

Command& Command::max_output(std::size_t bytes, OutputOverflow overflow) {
  config_.output_limit = {bytes, overflow};
  return *this;
}

Result<Child> Command::spawn(Where where) { return internal::Spawner::spawn(config_, where); }

Task<Result<Child>> Command::spawn_async(Where where) {
  return internal::Spawner::spawn_on_pool(config_, where);
}

Task<Result<ExitStatus>> Command::status(Where where) {
  Result<Child> child = spawn(where);
  if (child) {
    // A child that reads its input sees its end; what it writes nobody would read.
    child->stdin_.reset();
    child->stdout_.reset();
    child->stderr_.reset();
  }
  return status_of(std::move(child));
}

Task<Result<Output>> Command::output(Where where) {
  stdout_(Stdio::piped());
  stderr_(Stdio::piped());
  return output_of(spawn(where));
}

Result<Child> Command::spawn_with(const std::function<Result<RawChild>(Command&)>& start,
                                  Where where) {
  static_cast<void>(weft::internal::current_io_driver(where));
  Result<RawChild> raw = start(*this);
  if (!raw) return Err(raw.error());
  return internal::Spawner::adopt(*std::move(raw), config_, where);
}

}  // namespace weft::process
