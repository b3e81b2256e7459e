// Showing the progress. Interface: progress.h.

#include <examples/search_tree/progress.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace search {

using namespace std::chrono_literals;

bool is_progress_visible() {
  // SAFETY(syscall): asks about a descriptor, and says no if there is none.
  return ::isatty(STDERR_FILENO) == 1;
}

weft::Task<> show_progress(const Counters& counters) {
  weft::time::Interval ticks = weft::time::interval(100ms);
  for (;;) {
    co_await ticks.tick();
    constexpr double kMebibyte = 1024.0 * 1024.0;
    std::fprintf(stderr, "\r%llu files, %.0f MiB, %llu matches",
                 static_cast<unsigned long long>(counters.files.load()),
                 static_cast<double>(counters.bytes.load()) / kMebibyte,
                 static_cast<unsigned long long>(counters.matches.load()));
  }
}

void print_lines(const std::string& lines, bool is_progress_shown) {
  if (lines.empty()) return;
  if (is_progress_shown) remove_progress();
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  if (is_progress_shown) std::fflush(stdout);
}

void remove_progress() { std::fputs("\r\033[K", stderr); }

}  // namespace search
