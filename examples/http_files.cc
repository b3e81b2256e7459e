// http_files: an HTTP/1.1 server of the files in a directory.
//
//   $ http_files --port 8081 docs &
//   $ curl http://127.0.0.1:8081/style.md
//   $ curl -r 100-199 http://127.0.0.1:8081/style.md       (bytes 100 to 199)
//   $ wrk -t2 -c64 -d5 http://127.0.0.1:8081/style.md
//
// GET and HEAD, connections that stay open, pipelining, ranges. Where to look:
// http_files/responder.h for how files get to the client, target.h for how a request is kept from
// leaving the directory. A client may neither take its time with a request nor with the answer: a
// connection on which nothing goes on is closed.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <examples/http_files/responder.h>
#include <examples/support/arguments.h>
#include <examples/support/http_request.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;

// How long a client may take for a request, and a connection may be idle; how long for its end.
constexpr auto kPatience = 30s;
constexpr auto kLastWords = 1s;

// What all connections share.
struct Server {
  std::filesystem::path root;
  weft::CancellationToken stop;
};

// Takes requests out of a stream of bytes.
class RequestReader {
 public:
  enum class State : std::uint8_t { kRequest, kMalformed, kEnd };

  explicit RequestReader(weft::net::TcpStream& stream) : stream_(stream) {}

  // kRequest: request() is valid until the next call.
  weft::Task<State> next() {
    received_.erase(0, done_);
    done_ = 0;
    std::array<char, 4096> bytes;
    for (;;) {
      const http::Parsed parsed = http::parse_request(received_);
      if (parsed.state == http::Parsed::State::kMalformed) co_return State::kMalformed;
      if (parsed.state == http::Parsed::State::kComplete) {
        request_ = parsed.request;
        done_ = parsed.size;
        co_return State::kRequest;
      }
      const auto count = co_await stream_.read(bytes);
      if (!count || *count == 0) co_return State::kEnd;
      received_.append(bytes.data(), *count);
    }
  }
  const http::Request& request() const { return request_; }

  // Throws away what the client still sends: closing a socket with unread bytes resets the
  // connection, perhaps before the client has seen the last answer.
  weft::Task<> drain() {
    std::array<char, 4096> bytes;
    for (;;) {
      const auto count = co_await stream_.read(bytes);
      if (!count || *count == 0) co_return;
    }
  }

 private:
  weft::net::TcpStream& stream_;
  std::string received_;
  std::size_t done_ = 0;   // of it; this much was request_
  http::Request request_;  // refers to received_
};

weft::Task<> serve(weft::net::TcpStream stream, std::shared_ptr<Server> server) {
  // An answer goes out when it is complete: the system need not wait for more.
  [[maybe_unused]] const auto set = stream.set_nodelay(true);
  const weft::CancellationToken stop = server->stop.child_token();
  RequestReader reader(stream);
  http_files::Responder responder(stream, server->root);
  for (bool goes_on = true; goes_on;) {
    const auto next =
        co_await stop.run_until_cancelled(weft::time::timeout(kPatience, reader.next()));
    if (!next || !*next || **next == RequestReader::State::kEnd) break;
    if (**next == RequestReader::State::kMalformed) {
      co_await responder.answer_status("400 Bad Request", true);
      break;
    }
    const http::Request& request = reader.request();
    // What follows a head we do not read, so nobody knows where the next request begins.
    goes_on = request.keep_alive && !request.has_body && !stop.is_cancelled();
    const bool answered = co_await responder.answer(request, !goes_on);
    if (!answered) co_return;
  }
  [[maybe_unused]] const auto ended = co_await stream.shutdown();
  [[maybe_unused]] const auto drained = co_await weft::time::timeout(kLastWords, reader.drain());
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc - 1, argv, {"--port"});
  if (argc < 2 || !arguments.usable()) {
    std::fprintf(stderr, "usage: http_files [--port N] DIRECTORY\n");
    co_return 2;
  }
  const auto server = std::make_shared<Server>();
  const auto root = co_await weft::fs::canonicalize(argv[argc - 1]);
  if (!root) {
    std::fprintf(stderr, "http_files: %s: %s\n", argv[argc - 1], root.error().to_string().c_str());
    co_return 1;
  }
  server->root = *root;
  const auto connection = [server](weft::net::TcpStream stream) {
    return serve(std::move(stream), server);
  };
  // Connections that are in use learn of the end with their answer, idle ones are closed.
  const auto on_stop = [server] { server->stop.cancel(); };
  co_return co_await examples::run_tcp_server("http_files", arguments.number("--port", 8081),
                                              connection, on_stop);
}
