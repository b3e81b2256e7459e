// The load for echo servers: on each of several connections, 64 bytes there and back, and again, for
// a fixed time. One thread, one epoll, the same for every server.
//
//   load <address> <connections> <seconds> <process id of the server>
//
// prints requests, the quantiles of the round trips in nanoseconds, and the server's processor time
// for each request. A tenth of the time, at the beginning, warms up and does not count.
//
// The server's processor time is read from its clock (clock_getcpuclockid), which is what
// /proc/<pid>/stat shows, in nanoseconds instead of hundredths of a second.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "address.h"
#include "histogram.h"

enum { kMessageSize = 64, kEvents = 256, kNanosecondsPerSecond = 1000000000 };

struct connection {
  int fd;
  size_t answered;  // bytes of the request under way
  uint64_t sent_at;
};

struct load {
  int epoll;
  int connection_count;
  struct connection* connections;
  clockid_t server_clock;
  int is_measuring;
  struct histogram histogram;
};

static void fail(const char* call) {
  fprintf(stderr, "load: %s: %s\n", call, strerror(errno));
  exit(1);
}

static uint64_t read_clock(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) fail("clock_gettime");
  return (uint64_t)now.tv_sec * kNanosecondsPerSecond + (uint64_t)now.tv_nsec;
}

static void send_request(struct connection* connection) {
  static const char message[kMessageSize];
  connection->answered = 0;
  connection->sent_at = read_clock(CLOCK_MONOTONIC);
  // One message at most is under way on a connection, so there is room for it.
  if (send(connection->fd, message, kMessageSize, MSG_NOSIGNAL) != kMessageSize) fail("send");
}

static void receive(struct load* load, struct connection* connection) {
  char answer[kMessageSize];
  const ssize_t received = recv(connection->fd, answer, sizeof answer, 0);
  if (received < 0 && errno == EAGAIN) return;
  if (received <= 0) fail("recv");
  connection->answered += (size_t)received;
  if (connection->answered < kMessageSize) return;
  if (load->is_measuring) {
    histogram_add(&load->histogram, read_clock(CLOCK_MONOTONIC) - connection->sent_at);
  }
  send_request(connection);
}

static void open_connections(struct load* load, const char* address) {
  load->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (load->epoll < 0) fail("epoll_create1");
  load->connections = calloc((size_t)load->connection_count, sizeof *load->connections);
  if (load->connections == NULL) fail("calloc");
  for (int i = 0; i < load->connection_count; ++i) {
    struct connection* const connection = &load->connections[i];
    connection->fd = connect_to(address);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) fail("epoll_ctl");
  }
}

static void run_until(struct load* load, uint64_t end) {
  struct epoll_event events[kEvents];
  while (read_clock(CLOCK_MONOTONIC) < end) {
    // A server that answers nothing any more is noticed at the next round of the loop.
    const int count = epoll_wait(load->epoll, events, kEvents, 100);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; ++i) receive(load, events[i].data.ptr);
  }
}

static void measure(struct load* load, double seconds) {
  const uint64_t begin = read_clock(CLOCK_MONOTONIC);
  const uint64_t duration = (uint64_t)(seconds * kNanosecondsPerSecond);
  for (int i = 0; i < load->connection_count; ++i) send_request(&load->connections[i]);
  run_until(load, begin + duration / 10);

  load->is_measuring = 1;
  const uint64_t server_before = read_clock(load->server_clock);
  run_until(load, begin + duration / 10 + duration);
  const uint64_t server_used = read_clock(load->server_clock) - server_before;

  const struct histogram* const histogram = &load->histogram;
  if (histogram->count == 0) {
    fprintf(stderr, "load: not a single answer\n");
    exit(1);
  }
  printf("{\"requests\": %llu, \"p50\": %llu, \"p99\": %llu, \"max\": %llu, \"server_cpu\": %.1f}\n",
         (unsigned long long)histogram->count,
         (unsigned long long)histogram_quantile(histogram, 0.50),
         (unsigned long long)histogram_quantile(histogram, 0.99),
         (unsigned long long)histogram->largest, (double)server_used / (double)histogram->count);
}

int main(int argc, char** argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s <address> <connections> <seconds> <server's pid>\n", argv[0]);
    return 2;
  }
  static struct load load;
  load.connection_count = atoi(argv[2]);
  if (clock_getcpuclockid((pid_t)atoi(argv[4]), &load.server_clock) != 0) {
    fprintf(stderr, "load: there is no process %s\n", argv[4]);
    return 1;
  }
  open_connections(&load, argv[1]);
  measure(&load, atof(argv[3]));
  return 0;
}
