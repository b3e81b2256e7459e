// fiber_parser: a parser that was written to block, in a server that does not.
//
//   $ fiber_parser --port 7007 &
//   $ nc 127.0.0.1 7007
//   {"fruit": ["apple", "pear"], "weight": 3.5}
//   5 values, 2 keys, sum 3.5
//   [1, 2
//   , 3]
//   4 values, 0 keys, sum 6
//
// The parser in fiber_parser/ pulls its input through a function, in the middle of nested calls. As
// it is, it would keep a thread for each connection. On a fiber it keeps a stack: where its `read`
// waits, the task is suspended, and the parser, which has not been changed, does not notice.

#include <functional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <examples/fiber_parser/sax_parser.h>
#include <examples/support/arguments.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

// Counts what is in a document.
class Summary : public fiber_parser::SaxHandler {
 public:
  void begin_object() override { ++values_; }
  void end_object() override {}
  void begin_array() override { ++values_; }
  void end_array() override {}
  void key(std::string_view) override { ++keys_; }
  void string(std::string_view) override { ++values_; }
  void number(double value) override {
    ++values_;
    sum_ += value;
  }
  void literal(std::string_view) override { ++values_; }

  // What has been counted since the last call.
  std::string take_line() {
    std::ostringstream line;
    line << std::exchange(values_, 0) << " values, " << std::exchange(keys_, 0) << " keys, sum "
         << std::exchange(sum_, 0) << '\n';
    return line.str();
  }

 private:
  int values_ = 0;
  int keys_ = 0;
  double sum_ = 0;
};

// Ordinary code. That it runs on a fiber shows where it waits.
void answer_documents(weft::net::TcpStream& stream) {
  const auto read = [&stream](std::span<char> room) -> std::size_t {
    const auto received = weft::fiber::await(stream.read(room));
    return received ? *received : 0;  // a connection that fails ends the input
  };
  const auto write = [&stream](std::string_view line) {
    return weft::fiber::await(stream.write_all(line)).has_value();
  };
  Summary summary;
  fiber_parser::SaxParser parser(read, summary);
  try {
    while (parser.parse_document() && write(summary.take_line())) {
    }
  } catch (const fiber_parser::SyntaxError& error) {
    write("error " + std::string(error.what()) + "\n");
  }
}

weft::Task<> serve(weft::net::TcpStream stream) {
  co_await weft::fiber::run(answer_documents, std::ref(stream));
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc, argv, {"--port"});
  if (!arguments.usable()) co_return 2;
  co_return co_await examples::run_tcp_server("fiber_parser", arguments.number("--port", 7007),
                                              serve);
}
