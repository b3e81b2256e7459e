// supervisor: keeps programs running.
//
//   $ supervisor --restarts 5 'web=exec python3 -m http.server' 'clock=date; sleep 1'
//   clock | Sat Nov 21 08:00:00 UTC 2026
//   clock: exit status: 0; again in 100 ms
//   web ! 127.0.0.1 - - "GET / HTTP/1.1" 200 -
//
// A service that ends is started again, after a delay that doubles each time until the service has
// run for a while; after --restarts of them in a row it is given up. What it writes is printed,
// with its name: after "|" what it wrote to standard output, after "!" to standard error. SIGHUP,
// SIGUSR1 and SIGUSR2 are passed on to all services. SIGINT and SIGTERM end them: with SIGTERM, and
// SIGKILL for those that take too long.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <examples/supervisor/log.h>
#include <examples/supervisor/service.h>
#include <examples/support/arguments.h>
#include <weft/weft.h>

namespace {

using examples::RestartPolicy;
using examples::Service;
using examples::SignalSender;
using weft::signal::SignalKind;

using Services = std::vector<std::unique_ptr<Service>>;

// Options come first: how many of the arguments they are, the program's name included.
int count_options(int argc, char** argv) {
  int count = 1;
  while (count < argc && std::string_view(argv[count]).starts_with("--")) {
    const bool has_value = std::string_view(argv[count]).find('=') != std::string_view::npos;
    count += has_value ? 1 : 2;
  }
  return std::min(count, argc);
}

// Empty: one of them is not of the form name=command, or there are none.
Services make_services(int argc, char** argv, int first, RestartPolicy policy) {
  Services services;
  for (int i = first; i < argc; ++i) {
    const std::string text(argv[i]);
    const std::size_t separator = text.find('=');
    if (separator == 0 || separator == text.npos) return {};
    services.push_back(
        std::make_unique<Service>(text.substr(0, separator), text.substr(separator + 1), policy));
  }
  return services;
}

// Passes a signal on, for as long as the program runs.
weft::Task<> forward(weft::signal::Signal incoming, SignalKind kind, SignalSender services) {
  for (;;) {
    static_cast<void>(co_await incoming.recv());
    static_cast<void>(services.send(kind));
  }
}

weft::Task<> cancel_when_asked(weft::CancellationToken stop) {
  const weft::Result<SignalKind> asked = co_await weft::signal::shutdown_requested();
  if (asked) stop.cancel();
}

// True if all of them were stopped in order.
weft::Task<bool> supervise(Services services) {
  const weft::CancellationToken stop;
  auto channel = weft::sync::broadcast::channel<SignalKind>(16);
  auto& sender = channel.first;
  weft::JoinSet<void> helpers;
  for (const SignalKind kind :
       {SignalKind::hangup(), SignalKind::user_defined1(), SignalKind::user_defined2()}) {
    weft::Result<weft::signal::Signal> incoming = weft::signal::signal(kind);
    if (incoming) helpers.spawn(forward(*std::move(incoming), kind, sender));
  }
  helpers.spawn(cancel_when_asked(stop));

  weft::JoinSet<bool> running;
  for (const auto& service : services) running.spawn(service->run(sender.subscribe(), stop));
  bool all_stopped = true;
  for (;;) {
    const auto ended = co_await running.join_next();
    if (!ended) co_return all_stopped;
    all_stopped = all_stopped && ended->value();
  }
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const int options = count_options(argc, argv);
  const examples::Arguments arguments(options, argv, {"--restarts", "--delay"});
  if (!arguments.usable()) co_return 2;
  const RestartPolicy policy{std::chrono::milliseconds(arguments.number("--delay", 100)),
                             arguments.number("--restarts", 10)};
  Services services = make_services(argc, argv, options, policy);
  if (services.empty()) {
    std::fprintf(stderr, "usage: supervisor [--restarts N] [--delay MS] name=command...\n");
    co_return 2;
  }
  const bool all_stopped = co_await supervise(std::move(services));
  examples::log_line("supervisor: stopped");
  co_return all_stopped ? 0 : 1;
}
