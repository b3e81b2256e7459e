// RawEpollEcho: the least that an echo server can do, as a yardstick: one thread, one epoll, recv
// and send, and nothing in between.

#ifndef WEFT_BENCHES_SUPPORT_RAW_EPOLL_ECHO_H_
#define WEFT_BENCHES_SUPPORT_RAW_EPOLL_ECHO_H_

#include <cstdint>
#include <thread>

namespace bench {

class RawEpollEcho {
 public:
  // Listens on a free port of 127.0.0.1, or on a unix socket at a path where nothing is yet. Ends
  // the program if that is refused.
  RawEpollEcho();
  explicit RawEpollEcho(const char* unix_path);
  RawEpollEcho(const RawEpollEcho&) = delete;
  RawEpollEcho& operator=(const RawEpollEcho&) = delete;
  ~RawEpollEcho();

  // Not for a unix socket.
  std::uint16_t port() const;

 private:
  explicit RawEpollEcho(int bound_socket);

  void loop();
  void watch(int fd);
  // False: the connection has ended.
  static bool echo(int fd);

  int listener_;
  int stop_;  // eventfd
  int epoll_;
  std::thread thread_;
};

}  // namespace bench

#endif  // WEFT_BENCHES_SUPPORT_RAW_EPOLL_ECHO_H_
