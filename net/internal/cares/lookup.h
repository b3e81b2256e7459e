// CaresLookup: one lookup by c-ares, and the sockets that it waits for.
//
// Spec: net.md L-2.
//
// c-ares does no waiting of its own: it opens sockets, says which of them it wants to read or write
// (on_socket), and is called when that is possible or its time is up, by the real clock
// (real_timer.h). Each lookup has a channel of
// its own, so that nothing is shared between tasks and destroying the lookup is cancelling it; the
// price is that resolv.conf(5) is read each time, as getaddrinfo(3) does too.
//
// Whether a socket is ready is asked of poll(2): c-ares does not say whether a call of its own
// would have blocked, so that readiness that is cached could not be trusted. The driver's news is
// only what wakes us to ask.
//
// Socket events come while c-ares is being called, that is on the task's thread.

#ifndef WEFT_NET_INTERNAL_CARES_LOOKUP_H_
#define WEFT_NET_INTERNAL_CARES_LOOKUP_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <poll.h>
#include <source_location>
#include <string>
#include <vector>

#include <weft/base/result.h>
#include <weft/io/async_fd.h>
#include <weft/net/internal/cares/real_timer.h>
#include <weft/net/socket_addr.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/task.h>

// Of <ares.h>.
struct ares_addrinfo;  // NOLINT(readability-identifier-naming)
struct ares_channeldata;

namespace weft::net::internal {

// What a lookup asks, and how patiently. What is left as it is comes from resolv.conf(5).
struct CaresOptions {
  std::string servers;                               // "127.0.0.1:5353,..."
  std::optional<std::chrono::milliseconds> timeout;  // of the first try at a server
  std::optional<int> tries;                          // at each server
};

// One task at a time. Immovable: c-ares refers to it.
class CaresLookup {
 public:
  using Addresses = Result<std::vector<SocketAddr>>;

  // Addresses get `port`.
  explicit CaresLookup(std::uint16_t port) noexcept : port_(port) {}
  CaresLookup(const CaresLookup&) = delete;
  CaresLookup& operator=(const CaresLookup&) = delete;
  // Closes the sockets.
  ~CaresLookup();

  // Begins; once. It may be done at once, as for names in hosts(5). Fatal at `where` without a
  // runtime that has I/O.
  Result<void> start(const std::string& host, const CaresOptions& options,
                     std::source_location where);

  bool is_done() const noexcept { return found_.has_value(); }
  // After is_done().
  Addresses take() { return *std::move(found_); }

  // Ready when there is something for process() to do: a socket, or what has taken too long.
  Poll<Result<void>> poll(Context& cx);
  // Lets c-ares read, write, and give up what has taken too long.
  void process();

 private:
  struct Watched {
    io::AsyncFd<int> socket;
    short events;  // as poll(2) wants them
  };

  static void on_socket(void* self, int fd, int wants_read, int wants_write) noexcept;
  static void on_found(void* self, int status, int timeouts, ::ares_addrinfo* found) noexcept;

  Poll<Result<void>> poll_sockets(Context& cx);
  // To when process() has to be called, whatever happens.
  void set_timer() noexcept;
  Result<void> watch(int fd, short events);
  void fail(Error error) noexcept { found_.emplace(Err(error)); }

  const std::uint16_t port_;
  std::source_location where_;
  ::ares_channeldata* channel_ = nullptr;
  std::optional<RealTimer> timer_;  // from start() on
  std::vector<Watched> watched_;
  std::vector<::pollfd> polled_;  // what poll_sockets() has asked for, with the answers
  std::optional<Addresses> found_;
};

// All of a lookup.
Task<Result<std::vector<SocketAddr>>> look_up_by_cares(
    std::string host, std::uint16_t port, CaresOptions options,
    std::source_location where = std::source_location::current());

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_CARES_LOOKUP_H_
