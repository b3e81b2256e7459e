// The log: lines of all services, none torn.

#ifndef WEFT_EXAMPLES_SUPERVISOR_LOG_H_
#define WEFT_EXAMPLES_SUPERVISOR_LOG_H_

#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <weft/weft.h>

namespace examples {

// Prints a line, of one piece also if several tasks print at the same time.
inline void log_line(std::string line) {
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

// Prints what can be read from `pipe`, line by line, each with `prefix` before it.
template <class Pipe>
weft::Task<> log_lines(Pipe pipe, std::string prefix) {
  std::string rest;
  std::vector<char> room(4096);
  for (;;) {
    const weft::Result<std::size_t> n = co_await pipe.read(std::span<char>(room));
    if (!n || *n == 0) break;
    rest.append(room.data(), *n);
    std::size_t begin = 0;
    for (std::size_t end; (end = rest.find('\n', begin)) != rest.npos; begin = end + 1) {
      log_line(prefix + rest.substr(begin, end - begin));
    }
    rest.erase(0, begin);
  }
  if (!rest.empty()) log_line(prefix + rest);
}

}  // namespace examples

#endif  // WEFT_EXAMPLES_SUPERVISOR_LOG_H_
