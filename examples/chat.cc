// chat: everybody who connects sees what the others write.
//
//   $ chat --port 7001 &
//   $ nc 127.0.0.1 7001          (and again, in other terminals)
//   your name?
//   ann
//   * ann has come; 2 here
//   bob: hello ann
//
// Each member has two tasks: one reads lines from the socket and gives them to the room, the other
// takes what the room has for this member out of a channel and writes it to the socket. So nobody
// waits for anybody else's slow connection; whoever falls too far behind misses lines.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <examples/support/arguments.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

namespace net = weft::net;
namespace mpsc = weft::sync::mpsc;

using namespace std::chrono_literals;

// What a member may be behind, in lines; and how long a line may be, in bytes.
constexpr std::size_t kLinesBehind = 256;
constexpr std::size_t kLineLength = 1024;
// How long a member who has gone may take to receive what is left for it.
constexpr auto kLastWords = 1s;

// The members, and what is needed to reach them. Shared by all connections.
class Room {
 public:
  using Outbox = mpsc::Sender<std::string>;

  // Adds a member, and tells everybody. Yields the number that the member is known by.
  weft::Task<std::uint64_t> enter(std::string name, Outbox outbox) {
    auto members = co_await members_.lock();
    const std::uint64_t number = ++last_number_;
    members->emplace(number, std::move(outbox));
    tell_others(*members, 0,
                "* " + name + " has come; " + std::to_string(members->size()) + " here\n");
    co_return number;
  }

  weft::Task<> leave(std::uint64_t number, std::string name) {
    auto members = co_await members_.lock();
    members->erase(number);
    tell_others(*members, number, "* " + name + " has gone\n");
  }

  // Gives `line` to all members but the one that wrote it.
  weft::Task<> say(std::uint64_t number, std::string line) {
    auto members = co_await members_.lock();
    tell_others(*members, number, line);
  }

 private:
  using Members = std::map<std::uint64_t, Outbox>;

  static void tell_others(Members& members, std::uint64_t author, const std::string& line) {
    for (auto& [number, outbox] : members) {
      if (number == author) continue;
      // Refused if the member is too far behind, or is about to leave.
      [[maybe_unused]] const auto sent = outbox.try_send(line);
    }
  }

  weft::sync::Mutex<Members> members_;
  std::uint64_t last_number_ = 0;  // guarded by members_
};

// Takes lines, without their ends, out of a stream of bytes.
class LineReader {
 public:
  explicit LineReader(net::TcpOwnedReadHalf socket) : socket_(std::move(socket)) {}

  // Nothing: the peer has finished, the connection has failed, or a line is too long.
  weft::Task<std::optional<std::string>> next() {
    std::array<char, 512> bytes;
    for (;;) {
      const std::size_t end = received_.find('\n');
      if (end != std::string::npos) co_return take_line(end);
      if (received_.size() > kLineLength) co_return std::nullopt;
      const auto count = co_await socket_.read(bytes);
      if (!count || *count == 0) co_return std::nullopt;
      received_.append(bytes.data(), *count);
    }
  }

 private:
  std::string take_line(std::size_t end) {
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

  net::TcpOwnedReadHalf socket_;
  std::string received_;
};

// Writes to the socket what comes into the outbox, until there can come no more.
weft::Task<> write_lines(mpsc::Receiver<std::string> outbox, net::TcpOwnedWriteHalf socket) {
  for (;;) {
    const auto line = co_await outbox.recv();
    if (!line) break;
    const auto written = co_await socket.write_all(*line);
    if (!written) co_return;
  }
  [[maybe_unused]] const auto ended = co_await socket.shutdown();
}

weft::Task<> serve(net::TcpStream stream, std::shared_ptr<Room> room) {
  auto [read_half, write_half] = std::move(stream).into_split();
  auto [outbox, lines] = mpsc::channel<std::string>(kLinesBehind);
  auto writer = weft::spawn(write_lines, std::move(lines), std::move(write_half));
  LineReader reader(std::move(read_half));

  [[maybe_unused]] const auto asked = outbox.try_send("your name?\n");
  std::optional<std::string> name = co_await reader.next();
  if (name && !name->empty()) {
    const std::uint64_t number = co_await room->enter(*name, outbox);
    for (;;) {
      const std::optional<std::string> line = co_await reader.next();
      if (!line) break;
      co_await room->say(number, *name + ": " + *line + "\n");
    }
    co_await room->leave(number, *name);
  }
  {
    const Room::Outbox last = std::move(outbox);
  }  // the writer sees the end of its channel
  const auto finished = co_await weft::time::timeout(kLastWords, writer);
  if (!finished) writer.abort();  // the peer does not read what we still have for it
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc, argv, {"--port"});
  if (!arguments.usable()) co_return 2;
  const auto room = std::make_shared<Room>();
  const auto connection = [room](net::TcpStream stream) { return serve(std::move(stream), room); };
  co_return co_await examples::run_tcp_server("chat", arguments.number("--port", 7001), connection);
}
