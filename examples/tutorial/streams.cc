// Tutorial, chapter Streams: the messages of a channel as a stream, and what can be made of it.
//
//   $ mini_redis_server --port 6380 &
//   $ tutorial_streams

#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace net = weft::net;
namespace stream = weft::stream;

using Lines = io::codec::Framed<net::TcpStream, io::codec::LinesCodec>;

// Reads `count` lines and yields the last one; nothing if the connection ends before.
weft::Task<std::optional<std::string>> last_of(Lines& lines, int count) {
  std::optional<std::string> last;
  for (int i = 0; i < count; ++i) {
    auto line = co_await lines.next();
    if (!line || !*line) co_return std::nullopt;
    last = **std::move(line);
  }
  co_return last;
}

// A connection that is subscribed to `channel`.
weft::Task<weft::Result<Lines>> subscribe(std::string server, std::string channel) {
  net::TcpStream connection = co_await weft::ok(net::TcpStream::connect(std::move(server)));
  Lines lines(std::move(connection), io::codec::LinesCodec::with_max_length(1024));
  co_await weft::ok(lines.send("SUBSCRIBE " + channel));
  // The reply: *3, $9, subscribe, the size of the name, the name, how many subscriptions there are.
  const auto subscribed = co_await last_of(lines, 6);
  if (!subscribed) co_return weft::Err(weft::Errc::unexpected_eof);
  co_return std::move(lines);
}

// The texts that are published, as long as the connection lasts.
stream::AsyncGenerator<std::string> messages(Lines lines) {
  while (true) {
    // A message: *3, $7, message, the size of the name, the name, the size of the text, the text.
    auto text = co_await last_of(lines, 7);
    if (!text) co_return;
    co_yield *std::move(text);
  }
}

std::optional<int> number_in(const std::string& text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// Publishes 1, 2, divisible, 4, 5, divisible, ...
weft::Task<weft::Result<void>> publish(std::string server, std::string channel) {
  net::TcpStream connection = co_await weft::ok(net::TcpStream::connect(std::move(server)));
  Lines lines(std::move(connection), io::codec::LinesCodec::with_max_length(1024));
  for (int number = 1; number <= 10; ++number) {
    const std::string text = number % 3 == 0 ? "divisible" : std::to_string(number);
    co_await weft::ok(lines.send("PUBLISH " + channel + " " + text));
    const auto listeners = co_await lines.next();
    if (!listeners || !*listeners) co_return weft::Err(weft::Errc::unexpected_eof);
  }
  co_return {};
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const std::string server = argc > 1 ? argv[1] : "127.0.0.1:6380";
  auto subscription = co_await subscribe(server, "numbers");
  if (!subscription) {
    std::fprintf(stderr, "%s: %s\n", server.c_str(), subscription.error().to_string().c_str());
    co_return 1;
  }
  auto publishing = weft::spawn(publish(server, "numbers"));

  const auto is_even = [](int number) { return number % 2 == 0; };
  auto even_numbers = messages(*std::move(subscription)) | stream::filter_map(number_in) |
                      stream::filter(is_even) | stream::take(3);
  while (const auto number = co_await even_numbers.next()) std::printf("%d\n", *number);

  const auto published = co_await publishing;
  co_return published && *published ? 0 : 1;
}
