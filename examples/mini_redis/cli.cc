// mini_redis_cli: asks a server of Redis' protocol, one question or many.
//
//   $ mini_redis_cli --port 6380 set greeting hello
//   OK
//   $ mini_redis_cli --port 6380 subscribe news        (until Ctrl-C)
//   $ mini_redis_cli --port 6380 < commands
//
// With a command it prints the reply. Without, every line of standard input is a command; they are
// sent as fast as the server takes them, by one task, while another prints the replies: pipelining
// needs nothing but two halves of a stream. The exit code is 1 if there was an error among them.

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <examples/mini_redis/client_codec.h>
#include <examples/support/arguments.h>
#include <weft/weft.h>

namespace {

using mini_redis::Bytes;
using mini_redis::ClientCodec;
using mini_redis::Reply;
using mini_redis::Request;
using weft::Err;
using weft::Result;
using weft::Task;
using weft::io::codec::FramedRead;
using weft::io::codec::FramedWrite;

using Replies = FramedRead<weft::net::TcpReadHalf, ClientCodec>;
using Requests = FramedWrite<weft::net::TcpWriteHalf, ClientCodec>;

// As redis-cli does when nobody looks on. False if there is an error in it.
bool print(const Reply& reply) {
  const auto put_line = [](std::string_view before, std::string_view text) {
    std::printf("%.*s%.*s\n", static_cast<int>(before.size()), before.data(),
                static_cast<int>(text.size()), text.data());
  };
  switch (reply.kind()) {
    case Reply::Kind::kNone:
      put_line("", "");
      return true;
    case Reply::Kind::kStatus:
    case Reply::Kind::kText:
      put_line("", reply.bytes().as_string_view());
      return true;
    case Reply::Kind::kError:
      put_line("(error) ", reply.bytes().as_string_view());
      return false;
    case Reply::Kind::kInteger:
      put_line("", std::to_string(reply.number()));
      return true;
    case Reply::Kind::kArray:
      break;
  }
  bool is_good = true;
  for (const Reply& element : reply.elements()) is_good = print(element) && is_good;
  return is_good;
}

// Prints up to `most` replies. Yields whether there was no error among them.
Task<Result<bool>> print_replies(Replies replies, std::size_t most) {
  bool is_good = true;
  for (std::size_t count = 0; count < most; ++count) {
    const auto reply = co_await replies.next();
    if (!reply) break;
    if (!*reply) co_return Err(reply->error());
    is_good = print(**reply) && is_good;
    std::fflush(stdout);
  }
  co_return is_good;
}

// Sends every line as a command, and ends our side of the connection.
Task<Result<void>> send_lines(Requests requests) {
  auto lines = weft::io::BufReader(weft::io::stdin_()).lines();
  for (;;) {
    const auto line = co_await lines.next_line();
    if (!line) co_return Err(line.error());
    if (!*line) break;
    Request request;
    std::string_view rest = **line;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (end > 0) request.push_back(Bytes::copy_from(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (request.empty()) continue;
    const auto fed = co_await requests.feed(std::move(request));
    if (!fed) co_return fed;
  }
  co_return co_await requests.close();
}

Task<Result<bool>> run_lines(weft::net::TcpStream& stream) {
  auto [read_half, write_half] = stream.split();
  Requests requests(std::move(write_half), ClientCodec());
  Replies replies(std::move(read_half), ClientCodec());
  auto both = co_await weft::join(send_lines(std::move(requests)),
                                  print_replies(std::move(replies), SIZE_MAX));
  const Result<void>& sent = std::get<0>(both);
  if (!sent) co_return Err(sent.error());
  co_return std::get<1>(std::move(both));
}

Task<Result<bool>> run_command(weft::net::TcpStream& stream, Request request) {
  const std::string_view name = request[0].as_string_view();
  const bool listens = name == "subscribe" || name == "SUBSCRIBE";
  auto [read_half, write_half] = stream.split();
  Requests requests(std::move(write_half), ClientCodec());
  const Result<void> sent = co_await requests.send(std::move(request));
  if (!sent) co_return Err(sent.error());
  Replies replies(std::move(read_half), ClientCodec());
  co_return co_await print_replies(std::move(replies), listens ? SIZE_MAX : 1);
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const bool has_port = argc > 2 && std::string_view(argv[1]) == "--port";
  const int options = has_port ? 3 : 1;
  const examples::Arguments arguments(options, argv, {"--port"});
  if (!arguments.usable()) co_return 2;
  const std::string server = "127.0.0.1:" + std::to_string(arguments.number("--port", 6380));

  auto stream = co_await weft::net::TcpStream::connect(server);
  if (!stream) {
    std::fprintf(stderr, "mini_redis_cli: cannot connect to %s: %s\n", server.c_str(),
                 stream.error().to_string().c_str());
    co_return 1;
  }
  Request request;
  for (int i = options; i < argc; ++i)
    request.push_back(Bytes::copy_from(std::string_view(argv[i])));
  Result<bool> done(true);
  if (request.empty()) {
    done = co_await run_lines(*stream);
  } else {
    done = co_await run_command(*stream, std::move(request));
  }
  if (!done) {
    std::fprintf(stderr, "mini_redis_cli: %s\n", done.error().to_string().c_str());
    co_return 1;
  }
  co_return *done ? 0 : 1;
}
