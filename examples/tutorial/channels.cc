// Tutorial, chapter Channels: many tasks use one connection, which a task of its own owns.
//
//   $ mini_redis_server --port 6380 &
//   $ tutorial_channels

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace mpsc = weft::sync::mpsc;
namespace net = weft::net;
namespace oneshot = weft::sync::oneshot;

using Reply = weft::Result<std::string>;

// What is sent to the task that owns the connection: a request, and where its reply goes.
struct Question {
  std::string request;
  oneshot::Sender<Reply> reply;
};

using Connection = io::BufReader<net::TcpStream>;

// One request and its reply: a line, and another one if the first says that a text follows.
weft::Task<Reply> round_trip(Connection& connection, std::string request) {
  co_await weft::ok(connection.write_all(request));
  std::string line;
  co_await weft::ok(connection.read_line(line));
  if (line.starts_with('$') && line != "$-1\r\n") {
    line.clear();
    co_await weft::ok(connection.read_line(line));
  }
  if (!line.ends_with("\r\n")) co_return weft::Err(weft::Errc::unexpected_eof);
  line.resize(line.size() - 2);
  co_return line;
}

// Owns the connection; ends when nobody can ask any more.
weft::Task<> manage(net::TcpStream stream, mpsc::Receiver<Question> questions) {
  Connection connection(std::move(stream));
  while (auto question = co_await questions.recv()) {
    Reply reply = co_await round_trip(connection, std::move(question->request));
    // An error here: whoever asked has gone meanwhile. That is its business.
    [[maybe_unused]] const auto sent = question->reply.send(std::move(reply));
  }
}

// Asks the manager, and waits for its answer.
weft::Task<Reply> ask(mpsc::Sender<Question> manager, std::string request) {
  auto [sender, receiver] = oneshot::channel<Reply>();
  Question question{std::move(request), std::move(sender)};
  const auto sent = co_await manager.send(std::move(question));
  if (!sent) co_return weft::Err(weft::Errc::closed);
  auto reply = co_await receiver;
  if (!reply) co_return weft::Err(weft::Errc::closed);  // the manager has ended
  co_return *std::move(reply);
}

// What each of the tasks does that share the connection.
weft::Task<std::string> set_and_get(mpsc::Sender<Question> manager, int number) {
  const std::string key = "key" + std::to_string(number);
  const Reply set = co_await ask(manager, "SET " + key + " " + std::to_string(number) + "\r\n");
  if (!set) co_return key + ": " + set.error().to_string();
  const Reply value = co_await ask(manager, "GET " + key + "\r\n");
  if (!value) co_return key + ": " + value.error().to_string();
  co_return key + ": " + *value;
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const std::string server = argc > 1 ? argv[1] : "127.0.0.1:6380";
  auto stream = co_await net::TcpStream::connect(server);
  if (!stream) {
    std::fprintf(stderr, "%s: %s\n", server.c_str(), stream.error().to_string().c_str());
    co_return 1;
  }

  auto [sender, receiver] = mpsc::channel<Question>(32);
  auto manager = weft::spawn(manage(*std::move(stream), std::move(receiver)));

  std::vector<weft::JoinHandle<std::string>> tasks;
  for (int number = 1; number <= 3; ++number) {
    tasks.push_back(weft::spawn(set_and_get(sender, number)));
  }
  {
    const auto last = std::move(sender);
  }  // ours is gone; the manager ends when the tasks' copies are, too

  for (auto& task : tasks) {
    const weft::JoinResult<std::string> line = co_await task;
    if (line) std::printf("%s\n", line->c_str());
  }
  const auto ended = co_await manager;
  co_return ended ? 0 : 1;
}
