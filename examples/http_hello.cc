// http_hello: an HTTP/1.1 server that greets, with connections that stay open and pipelining.
//
//   $ http_hello --port 8080 &
//   $ curl http://127.0.0.1:8080/
//   Hello, world!
//   $ wrk -t2 -c64 -d5 http://127.0.0.1:8080/
//
// A client may send the next request before it has the last answer. All requests that have arrived
// are therefore answered in one go: their answers are collected and written with one call.

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <examples/support/arguments.h>
#include <examples/support/http_request.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;

// What all connections share.
struct Server {
  std::atomic<bool> is_stopping = false;
};

void append_answer(std::string& out, std::string_view status, std::string_view body, bool with_body,
                   bool close) {
  out += "HTTP/1.1 ";
  out += status;
  out += "\r\nContent-Type: text/plain\r\nContent-Length: ";
  out += std::to_string(body.size());
  out += close ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n";
  if (with_body) out += body;
}

// Appends the answer to `request`. False: the connection ends after it.
bool answer(const http::Request& request, const Server& server, std::string& out) {
  const bool is_head = request.method == "HEAD";
  const bool close = !request.keep_alive || request.has_body || server.is_stopping;
  if (request.method == "GET" || is_head) {
    append_answer(out, "200 OK", "Hello, world!\n", !is_head, close);
    return !close;
  }
  append_answer(out, "405 Method Not Allowed\r\nAllow: GET, HEAD", "only GET and HEAD\n", true,
                true);
  return false;
}

// Answers the complete requests at the beginning of `received` and removes them. False: the
// connection ends after these answers.
bool answer_all(std::string& received, const Server& server, std::string& out) {
  std::size_t done = 0;
  bool goes_on = true;
  while (goes_on) {
    const http::Parsed parsed = http::parse_request(std::string_view(received).substr(done));
    if (parsed.state == http::Parsed::State::kIncomplete) break;
    if (parsed.state == http::Parsed::State::kMalformed) {
      append_answer(out, "400 Bad Request", "this is no request\n", true, true);
      goes_on = false;
      break;
    }
    done += parsed.size;
    goes_on = answer(parsed.request, server, out);
  }
  received.erase(0, done);
  return goes_on;
}

// Ends our side and reads what the client may still be sending: closing a socket with unread bytes
// resets the connection, perhaps before the client has seen the last answer.
weft::Task<> finish(weft::net::TcpStream& stream, std::span<char> scratch) {
  [[maybe_unused]] const auto ended = co_await stream.shutdown();
  for (;;) {
    const auto count = co_await stream.read(scratch);
    if (!count || *count == 0) co_return;
  }
}

weft::Task<> serve(weft::net::TcpStream stream, std::shared_ptr<Server> server) {
  std::string received;
  std::string answers;
  std::array<char, 4096> bytes;
  for (bool goes_on = true; goes_on;) {
    const auto count = co_await stream.read(bytes);
    if (!count || *count == 0) co_return;
    received.append(bytes.data(), *count);
    answers.clear();
    goes_on = answer_all(received, *server, answers);
    const auto written = co_await stream.write_all(answers);
    if (!written) co_return;
  }
  [[maybe_unused]] const auto finished = co_await weft::time::timeout(1s, finish(stream, bytes));
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc, argv, {"--port"});
  if (!arguments.usable()) co_return 2;
  const auto server = std::make_shared<Server>();
  const auto connection = [server](weft::net::TcpStream stream) {
    return serve(std::move(stream), server);
  };
  // Connections that are in use learn of the end with their next answer; idle ones are cut off.
  const auto on_stop = [server] { server->is_stopping = true; };
  co_return co_await examples::run_tcp_server("http_hello", arguments.number("--port", 8080),
                                              connection, on_stop);
}
