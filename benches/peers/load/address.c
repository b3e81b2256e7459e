// Interface: address.h.

#include "address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int connected_socket(int type, const struct sockaddr* address, socklen_t size) {
  const int fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
  // The server may be about to listen: a connection waits in its backlog.
  if (fd < 0 || connect(fd, address, size) != 0) {
    perror("connect");
    exit(1);
  }
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
    perror("fcntl");
    exit(1);
  }
  return fd;
}

static int connect_inet(int type, const char* port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_port = htons((uint16_t)atoi(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connected_socket(type, (const struct sockaddr*)&address, sizeof address);
}

static int connect_unix(const char* path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    fprintf(stderr, "load: the path '%s' is too long\n", path);
    exit(2);
  }
  strcpy(address.sun_path, path);
  return connected_socket(SOCK_STREAM, (const struct sockaddr*)&address, sizeof address);
}

int connect_to(const char* address) {
  if (strncmp(address, "tcp:", 4) == 0) {
    const int fd = connect_inet(SOCK_STREAM, address + 4);
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
  }
  if (strncmp(address, "udp:", 4) == 0) return connect_inet(SOCK_DGRAM, address + 4);
  if (strncmp(address, "unix:", 5) == 0) return connect_unix(address + 5);
  fprintf(stderr, "load: '%s' is no address: tcp:<port>, udp:<port> or unix:<path>\n", address);
  exit(2);
}
