// The frame of a program of rows. Interface: row.h.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

#include <benches/peers/support/row.h>

namespace peers {

void serve(const std::string& address) {
  std::printf("{\"address\": \"%s\"}\n", address.c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

std::string socket_path() { return "/tmp/weft-peers-" + std::to_string(getpid()) + ".socket"; }

std::size_t resident_bytes() {
  std::ifstream statistics("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statistics >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;  // it counts in KiB
}

void stall() {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::microseconds(10);
  while (Clock::now() < end) {
  }
}

void look_at(const volatile void*) {}

namespace {

int list_rows() {
  for (const Row* row = Row::first(); row != nullptr; row = row->next()) {
    std::printf("%.*s\n", static_cast<int>(row->name().size()), row->name().data());
  }
  return 0;
}

int run_row(std::string_view name, unsigned workers, double seconds) {
  for (const Row* row = Row::first(); row != nullptr; row = row->next()) {
    if (row->name() != name) continue;
    Run run{workers, Laps(seconds)};
    const Figure figure = row->run(run);
    std::printf("{\"value\": %.3f, \"cpu\": %.3f}\n", figure.value, figure.cpu);
    return 0;
  }
  std::fprintf(stderr, "there is no row '%s' here\n", std::string(name).c_str());
  return 2;
}

}  // namespace
}  // namespace peers

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "list") return peers::list_rows();
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s list | <row> <workers> <seconds>\n", argv[0]);
    return 2;
  }
  const auto workers = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  return peers::run_row(argv[1], workers, std::strtod(argv[3], nullptr));
}
