// Tutorial, chapter Shared state: the connections of the server share its keys.
//
//   $ tutorial_shared_state &
//   $ printf 'SET hello world\r\nGET hello\r\n' | nc -N 127.0.0.1 6380

#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include <examples/tutorial/store.h>
#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace net = weft::net;

using tutorial::Request;
using tutorial::Store;

Request words_of(const std::string& line) {
  Request words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

weft::Task<> serve(net::TcpStream stream, std::shared_ptr<Store> store) {
  auto [read_half, write_half] = std::move(stream).into_split();
  auto requests = io::BufReader(std::move(read_half)).lines();
  while (const auto request = co_await requests.next()) {
    if (!*request) co_return;
    const std::string reply = execute(words_of(**request), *store);
    const auto sent = co_await write_half.write_all(reply);
    if (!sent) co_return;
  }
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const std::string address = argc > 1 ? argv[1] : "127.0.0.1:6380";
  auto listener = co_await net::TcpListener::bind(address);
  if (!listener) {
    std::fprintf(stderr, "%s: %s\n", address.c_str(), listener.error().to_string().c_str());
    co_return 1;
  }
  std::printf("listening on %s\n", listener->local_addr()->to_string().c_str());
  std::fflush(stdout);

  const auto store = std::make_shared<Store>();
  while (true) {
    auto accepted = co_await net::accept_with_backoff(*listener);
    if (!accepted) co_return 1;
    weft::spawn(serve, std::move(accepted->first), store);
  }
}
