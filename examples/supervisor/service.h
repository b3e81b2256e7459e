// Service: a program that is kept running.

#ifndef WEFT_EXAMPLES_SUPERVISOR_SERVICE_H_
#define WEFT_EXAMPLES_SUPERVISOR_SERVICE_H_

#include <chrono>
#include <optional>
#include <string>

#include <weft/weft.h>

namespace examples {

// When a service that has ended is started again.
struct RestartPolicy {
  std::chrono::milliseconds first_delay;  // doubled each time
  unsigned most_restarts;                 // in a row
};

// Sends signals to all services.
using SignalSender = weft::sync::broadcast::Sender<weft::signal::SignalKind>;
using SignalReceiver = weft::sync::broadcast::Receiver<weft::signal::SignalKind>;

class Service {
 public:
  // `command` is for a shell.
  Service(std::string name, std::string command, RestartPolicy policy)
      : name_(std::move(name)), command_(std::move(command)), policy_(policy) {}

  // Starts it again and again until `stop` is cancelled or it has failed too often; passes on what
  // comes through `signals`. Yields whether it was stopped in order. The service outlives the task.
  weft::Task<bool> run(SignalReceiver signals, weft::CancellationToken stop);

 private:
  using Status = weft::Result<weft::process::ExitStatus>;

  // Once, until it ends or is stopped.
  weft::Task<Status> run_once(SignalReceiver& signals, weft::CancellationToken stop);
  weft::Task<Status> attend(weft::process::Child& child, SignalReceiver& signals,
                            weft::CancellationToken stop);
  // How long to wait before the next start; nothing: not any more.
  std::optional<std::chrono::milliseconds> next_delay(std::chrono::nanoseconds ran);
  void say(const std::string& what) const;

  const std::string name_;
  const std::string command_;
  const RestartPolicy policy_;
  unsigned restarts_ = 0;  // since it last ran for long enough
};

}  // namespace examples

#endif  // WEFT_EXAMPLES_SUPERVISOR_SERVICE_H_
