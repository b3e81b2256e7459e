// Service. See service.h.

#include <examples/supervisor/service.h>

#include <algorithm>
#include <utility>

#include <examples/supervisor/log.h>

namespace examples {

namespace {

using namespace std::chrono_literals;
namespace process = weft::process;

// Who has run that long has not failed at the start: the delays begin anew.
constexpr auto kLongEnough = 10s;
constexpr auto kLongestDelay = 30'000ms;
// From SIGTERM to SIGKILL.
constexpr auto kGrace = 5s;

process::Command command_for(const std::string& text) {
  process::Command command("/bin/sh");
  command.arg("-c").arg(text);
  command.stdin_(process::Stdio::null());
  command.stdout_(process::Stdio::piped()).stderr_(process::Stdio::piped());
  // A group of its own: Ctrl-C in the terminal comes to us alone, and we decide what is passed on.
  command.process_group(0).kill_on_drop(true);
  return command;
}

}  // namespace

weft::Task<bool> Service::run(SignalReceiver signals, weft::CancellationToken stop) {
  for (;;) {
    const auto started = weft::time::Clock::now();
    const Status status = co_await run_once(signals, stop);
    const std::string how = status ? status->to_string() : status.error().to_string();
    if (stop.is_cancelled()) {
      say(how);
      co_return true;
    }
    const auto delay = next_delay(weft::time::Clock::now() - started);
    if (!delay) {
      say(how + "; given up");
      co_return false;
    }
    say(how + "; again in " + std::to_string(delay->count()) + " ms");
    const auto waited = co_await stop.run_until_cancelled(weft::time::sleep(*delay));
    if (!waited) co_return true;
  }
}

weft::Task<Service::Status> Service::run_once(SignalReceiver& signals,
                                              weft::CancellationToken stop) {
  auto command = command_for(command_);
  // Not spawn(): the program may be on a slow disk, and other services want this thread.
  weft::Result<process::Child> child = co_await command.spawn_async();
  if (!child) co_return weft::Err(child.error());
  auto out = weft::spawn(log_lines(*std::exchange(child->stdout_, std::nullopt), name_ + " | "));
  auto err = weft::spawn(log_lines(*std::exchange(child->stderr_, std::nullopt), name_ + " ! "));
  const Status status = co_await attend(*child, signals, stop);
  // What it has started itself may keep the pipes open; it is not waited for.
  const auto logged = co_await weft::time::timeout(1s, weft::join(out, err));
  if (!logged) {
    out.abort();
    err.abort();
  }
  co_return status;
}

weft::Task<Service::Status> Service::attend(process::Child& child, SignalReceiver& signals,
                                            weft::CancellationToken stop) {
  for (;;) {
    auto event = co_await weft::select_biased(child.wait(), stop.cancelled(), signals.recv());
    if (event.index() == 0) co_return std::get<0>(event);
    if (event.index() == 1) co_return co_await child.terminate(kGrace);
    // A service that misses signals, because very many have come, gets the later ones.
    const auto& kind = std::get<2>(event);
    if (kind) static_cast<void>(child.send_signal(*kind));
  }
}

std::optional<std::chrono::milliseconds> Service::next_delay(std::chrono::nanoseconds ran) {
  if (ran >= kLongEnough) restarts_ = 0;
  if (restarts_ == policy_.most_restarts) return std::nullopt;
  const auto factor = 1u << std::min(restarts_, 20u);
  ++restarts_;
  return std::min<std::chrono::milliseconds>(policy_.first_delay * factor, kLongestDelay);
}

void Service::say(const std::string& what) const { log_line(name_ + ": " + what); }

}  // namespace examples
