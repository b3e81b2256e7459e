// The modelled system calls. Interface and design: model_kernel.h.

#include <tests/loom/support/model_kernel.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <weft/base/rng.h>
#include <weft/base/sys_table.h>
#include <weft/loom/checker/region.h>
#include <weft/loom/checker/signals.h>
#include <weft/loom/global.h>
#include <weft/loom/steady_clock.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft::loom_test {
namespace {

using loom::checker::Signals;

// Above what a process has open: our numbers and the real ones do not meet.
constexpr int kFirst = 1'000'000;

struct Descriptor {
  enum class Kind : std::uint8_t { kEpoll, kEvent, kTimer };

  explicit Descriptor(Kind made_as) : kind(made_as) {}

  const Kind kind;
  bool is_open = true;

  // kEpoll: what has happened to the descriptors in it, and what each was registered with.
  Signals happened;
  std::vector<std::uint64_t> tokens;
  bool may_end_early = true;  // a wait with a timeout, before anything else can happen

  // Others: where they are registered, by which bit.
  struct Place {
    Descriptor* epoll;
    std::uint32_t bit;
  };
  std::vector<Place> places;
  Signals expired;  // kTimer
};

struct Kernel {
  std::vector<std::unique_ptr<Descriptor>> descriptors;
  Descriptor* timer = nullptr;  // a runtime has one at most
  Signals armed;                // for the Ticker
};
struct KernelTag;
Kernel& kernel() { return loom::Global<Kernel, KernelTag>::get(); }

constexpr std::uint32_t kArmed = 1;
constexpr std::uint32_t kStop = 2;
constexpr std::uint32_t kExpired = 1;

struct PollCount {
  unsigned count = 0;
};
struct PollCountTag;
using ThreadPolls = loom::ThreadLocal<PollCount, PollCountTag>;

int make(Descriptor::Kind kind) {
  auto& descriptors = kernel().descriptors;
  descriptors.push_back(std::make_unique<Descriptor>(kind));
  if (kind == Descriptor::Kind::kTimer) kernel().timer = descriptors.back().get();
  return kFirst + static_cast<int>(descriptors.size()) - 1;
}

Descriptor* find(int fd) {
  if (fd < kFirst) return nullptr;
  Descriptor* const found = kernel().descriptors.at(static_cast<std::size_t>(fd - kFirst)).get();
  expect(found->is_open, "a descriptor is used that was closed");
  return found;
}

int close_fd(int fd) {
  Descriptor* const descriptor = find(fd);
  // SAFETY(syscall): none of ours, so the caller's.
  if (descriptor == nullptr) return ::close(fd);
  descriptor->is_open = false;
  return 0;
}

ssize_t write_fd(int fd, const void* in, std::size_t size) {
  Descriptor* const event = find(fd);
  // SAFETY(syscall): none of ours, so as the caller says.
  if (event == nullptr) return ::write(fd, in, size);
  for (const Descriptor::Place& place : event->places) place.epoll->happened.raise(place.bit);
  return static_cast<ssize_t>(size);
}

ssize_t read_fd(int fd, void* out, std::size_t size) {
  Descriptor* const timer = find(fd);
  // SAFETY(syscall): none of ours, so as the caller says.
  if (timer == nullptr) return ::read(fd, out, size);
  if (timer->expired.take() == 0) {
    errno = EAGAIN;
    return -1;
  }
  const std::uint64_t expirations = 1;
  std::memcpy(out, &expirations, sizeof expirations);
  return sizeof expirations;
}

int add_to_epoll(int epoll_fd, int operation, int fd, ::epoll_event* event) {
  expect(operation == EPOLL_CTL_ADD, "the modelled kernel can only add to an epoll");
  Descriptor* const epoll = find(epoll_fd);
  const auto bit = std::uint32_t{1} << epoll->tokens.size();
  epoll->tokens.push_back(event->data.u64);
  find(fd)->places.push_back({epoll, bit});
  return 0;
}

int report(const Descriptor& epoll, std::uint32_t bits, ::epoll_event* events) {
  int count = 0;
  for (std::size_t i = 0; i < epoll.tokens.size(); ++i) {
    if ((bits & (std::uint32_t{1} << i)) == 0) continue;
    events[count].events = EPOLLIN;
    events[count].data.u64 = epoll.tokens[i];
    ++count;
  }
  return count;
}

int wait_for(int fd, ::epoll_event* events, std::optional<std::chrono::nanoseconds> timeout) {
  Descriptor& epoll = *find(fd);
  if (timeout == std::chrono::nanoseconds::zero()) {
    ++ThreadPolls::get()->count;
    return report(epoll, epoll.happened.take(), events);
  }
  auto limit = Signals::Limit::kNone;
  // Once: an execution in which time runs and nobody else does says nothing new.
  if (timeout.has_value()) {
    limit = std::exchange(epoll.may_end_early, false) ? Signals::Limit::kAnyTime
                                                      : Signals::Limit::kLate;
  }
  const std::uint32_t bits = epoll.happened.wait(limit);
  if (bits == 0) loom::SteadyClock::advance(*timeout);
  return report(epoll, bits, events);
}

int wait_milliseconds(int fd, ::epoll_event* events, int, int timeout) {
  if (timeout < 0) return wait_for(fd, events, std::nullopt);
  return wait_for(fd, events, std::chrono::milliseconds(timeout));
}

int wait_timespec(int fd, ::epoll_event* events, int, const ::timespec* timeout,
                  const ::sigset_t*) {
  if (timeout == nullptr) return wait_for(fd, events, std::nullopt);
  return wait_for(
      fd, events,
      std::chrono::seconds(timeout->tv_sec) + std::chrono::nanoseconds(timeout->tv_nsec));
}

// One processor: nobody spins before a wait.
int one_processor(::pid_t, std::size_t size, ::cpu_set_t* set) {
  CPU_ZERO_S(size, set);
  CPU_SET_S(0, size, set);
  return static_cast<int>(size);
}

sys::Table make_table() {
  sys::Table table;
  table.read = read_fd;
  table.write = write_fd;
  table.close = close_fd;
  table.eventfd = [](unsigned, int) { return make(Descriptor::Kind::kEvent); };
  table.epoll_create1 = [](int) { return make(Descriptor::Kind::kEpoll); };
  table.epoll_ctl = add_to_epoll;
  table.epoll_wait = wait_milliseconds;
  table.epoll_pwait2 = wait_timespec;
  table.timerfd_create = [](int, int) { return make(Descriptor::Kind::kTimer); };
  table.timerfd_settime = [](int, int, const ::itimerspec*, ::itimerspec*) {
    kernel().armed.raise(kArmed);
    return 0;
  };
  table.pthread_setname_np = [](::pthread_t, const char*) { return 0; };
  table.sched_getaffinity = one_processor;
  return table;
}

void expect_no_frames() {
  const loom::checker::Unexplored look;
  expect(weft::internal::live_frames() == 0, "a frame or a task was not freed");
}

void run_ticker() {
  Kernel& clock = kernel();
  // One tick may come early; each doubles what there is to explore.
  auto limit = Signals::Limit::kAnyTime;
  while ((clock.armed.wait() & kStop) == 0) {
    std::uint32_t set_anew = kArmed;
    while (set_anew == kArmed) set_anew = clock.armed.wait(limit);
    if (set_anew != 0) return;
    limit = Signals::Limit::kLate;
    loom::SteadyClock::advance(std::chrono::milliseconds(1));
    clock.timer->expired.raise(kExpired);
    // Exclusive: those in front get it to look at when they wait next, the first that waits now
    // gets it alone.
    for (const Descriptor::Place& place : clock.timer->places) {
      if (place.epoll->happened.raise(place.bit)) break;
    }
  }
}

runtime::Builder& fix(runtime::Builder& builder) {
  constexpr std::array<std::byte, 8> kSeed{std::byte{7}};
  return builder.rng_seed(runtime::RngSeed::from_bytes(kSeed))
      .adaptive_spin(false)
      .max_blocking_threads(2)
      .max_io_events_per_tick(2);
}

}  // namespace

void runtime_model(const Extent& extent, const std::function<void()>& body) {
  static const sys::Table table = make_table();
  const sys::TableScope scope(table);
  model(extent, [&body] {
    body();
    expect_no_frames();
  });
}

runtime::Builder workers(unsigned count) {
  runtime::Builder builder = runtime::Builder::new_multi_thread();
  builder.worker_threads(count).event_interval(2).global_queue_interval(3);
  return fix(builder);
}

runtime::Builder current_thread() {
  runtime::Builder builder = runtime::Builder::new_current_thread();
  builder.event_interval(4).global_queue_interval(3);
  return fix(builder);
}

runtime::Runtime make_runtime(const runtime::Builder& builder) {
  const loom::checker::Unexplored setup;
  Result<runtime::Runtime> made = builder.build();
  expect(made.has_value(), "the runtime could not be built");
  return *std::move(made);
}

unsigned zero_timeout_polls() { return ThreadPolls::get()->count; }

Ticker::Ticker() : thread_(start(run_ticker)) {}

Ticker::~Ticker() {
  kernel().armed.raise(kStop);
  thread_.join();
}

}  // namespace weft::loom_test
