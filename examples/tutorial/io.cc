// Tutorial, chapter I/O: the same echo, by a library function and by hand; and a file.
//
//   $ tutorial_io

#include <array>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <weft/weft.h>

namespace {

namespace fs = weft::fs;
namespace io = weft::io;

// Sends everything back: the short way.
template <class Stream>
weft::Task<weft::Result<void>> echo(Stream stream) {
  auto [reader, writer] = io::split(std::move(stream));
  co_await weft::ok(io::copy(reader, writer));
  co_return co_await writer.shutdown();
}

// The same by hand: a buffer, and a loop that ends with the stream.
template <class Stream>
weft::Task<weft::Result<void>> echo_by_hand(Stream stream) {
  std::array<char, 1024> buffer;
  while (true) {
    const std::size_t count = co_await weft::ok(io::read(stream, std::span<char>(buffer)));
    if (count == 0) break;  // the peer has ended its side
    co_await weft::ok(io::write_all(stream, std::string_view(buffer.data(), count)));
  }
  co_return co_await io::shutdown(stream);
}

// The peer of both: says something, and yields what comes back.
template <class Stream>
weft::Task<weft::Result<std::string>> say(Stream stream, std::string text) {
  co_await weft::ok(io::write_all(stream, text));
  co_await weft::ok(io::shutdown(stream));
  std::string answer;
  co_await weft::ok(io::read_to_string(stream, answer));
  co_return answer;
}

// Writes a file and reads it back.
weft::Task<weft::Result<std::string>> write_and_read(std::filesystem::path path) {
  fs::File file = co_await weft::ok(fs::File::create(path));
  co_await weft::ok(file.write_all("kept on disk"));
  co_await weft::ok(std::move(file).close());  // tells of what could not be written
  co_return co_await fs::read_to_string(path);
}

void print(const weft::Result<std::string>& text) {
  std::printf("%s\n", text ? text->c_str() : text.error().to_string().c_str());
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  // Two ends of a connection, in memory: no socket, no port.
  auto [client, server] = io::duplex(64);
  auto echoing = weft::spawn(echo(std::move(server)));
  print(co_await say(std::move(client), "by copy"));

  auto [second_client, second_server] = io::duplex(64);
  auto echoing_by_hand = weft::spawn(echo_by_hand(std::move(second_server)));
  print(co_await say(std::move(second_client), "by hand"));

  const auto path = std::filesystem::temp_directory_path() / "weft_tutorial_io.txt";
  print(co_await write_and_read(path));
  const auto removed = co_await fs::remove_file(path);
  co_return removed ? 0 : 1;
}
