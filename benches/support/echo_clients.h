// EchoClients: the load for echo servers: connections that each send 64 bytes, wait until they have
// come back, and send again, from the calling thread, by one epoll loop without any library.

#ifndef WEFT_BENCHES_SUPPORT_ECHO_CLIENTS_H_
#define WEFT_BENCHES_SUPPORT_ECHO_CLIENTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class EchoClients {
 public:
  static constexpr std::size_t kMessageSize = 64;

  // Connects to 127.0.0.1:`port`. Ends the program if that is refused.
  EchoClients(std::uint16_t port, std::size_t connections);
  EchoClients(const EchoClients&) = delete;
  EchoClients& operator=(const EchoClients&) = delete;
  ~EchoClients();

  // Lets each connection send `rounds` requests, one after the other, and returns when all have
  // been answered.
  void run(std::size_t rounds);

  std::size_t connections() const { return connections_.size(); }

  // From now on keeps how long each round trip takes.
  void record_round_trips() { is_recording_ = true; }
  const std::vector<std::chrono::nanoseconds>& round_trips() const { return round_trips_; }

 private:
  struct Connection {
    int fd;
    std::size_t answered_bytes = 0;  // of the request under way
    std::size_t rounds_left = 0;
    std::chrono::steady_clock::time_point sent_at{};  // if it is recorded
  };

  void send_request(Connection& connection);
  // Takes what has come; true: the last round of this connection is over.
  bool receive(Connection& connection);

  int epoll_;
  std::vector<Connection> connections_;
  bool is_recording_ = false;
  std::vector<std::chrono::nanoseconds> round_trips_;
};

// Processor time of this process without the calling thread's: what everything but the load costs.
std::chrono::nanoseconds processor_time_of_others();

}  // namespace bench

#endif  // WEFT_BENCHES_SUPPORT_ECHO_CLIENTS_H_
