// Tutorial, chapter Hello: a client that sets a key, asks for it, and prints the replies.
//
//   $ mini_redis_server --port 6380 &
//   $ tutorial_hello

#include <cstdio>
#include <string>
#include <utility>

#include <weft/weft.h>

namespace {

namespace net = weft::net;

// Sends `requests` to a server and yields all that it answers.
weft::Task<weft::Result<std::string>> ask(std::string server, std::string requests) {
  net::TcpStream stream = co_await weft::ok(net::TcpStream::connect(std::move(server)));
  co_await weft::ok(stream.write_all(requests));
  co_await weft::ok(stream.shutdown());  // we have nothing more to say
  std::string replies;
  co_await weft::ok(stream.read_to_string(replies));
  co_return replies;
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const std::string server = argc > 1 ? argv[1] : "127.0.0.1:6380";

  const weft::Result<std::string> replies =
      co_await ask(server, "SET hello world\r\nGET hello\r\n");
  if (!replies) {
    std::fprintf(stderr, "%s: %s\n", server.c_str(), replies.error().to_string().c_str());
    co_return 1;
  }
  std::printf("%s", replies->c_str());
  co_return 0;
}
