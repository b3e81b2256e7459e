// Topic: weft beside code that knows nothing of it. A program with a main of its own.
//
//   $ topic_bridging

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <sys/timerfd.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace oneshot = weft::sync::oneshot;
namespace runtime = weft::runtime;
namespace time = weft::time;

using namespace std::chrono_literals;

// A library of blocking functions, as its users see it. Inside, it uses weft.
class PriceService {
 public:
  PriceService()
      : runtime_(
            runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().value()) {}

  // Blocks the calling thread until the answer is there. Thread-safe.
  int price_of(std::string article) { return runtime_.block_on(look_up(std::move(article))); }

  // Starts it and returns; `done` is called on a thread of the service.
  void price_of(std::string article, std::function<void(int)> done) {
    runtime_.spawn(look_up_and_tell, std::move(article), std::move(done));
  }

 private:
  static weft::Task<int> look_up(std::string article) {
    co_await time::sleep(1ms);  // stands for a request to a server
    co_return static_cast<int>(article.size());
  }
  static weft::Task<> look_up_and_tell(std::string article, std::function<void(int)> done) {
    const int price = co_await look_up(std::move(article));
    done(price);
  }

  runtime::Runtime runtime_;
};

// A library with callbacks, on threads of its own. It calls back once, or drops the callback.
class Sensor {
 public:
  using Callback = std::function<void(double)>;

  ~Sensor() {
    if (thread_.joinable()) thread_.join();
  }
  void measure(Callback callback) {
    thread_ = std::thread([callback = std::move(callback)] { callback(21.5); });
  }

 private:
  std::thread thread_;
};

// The same as something to await. The callback owns the sender: it stays valid when the task that
// waits is cancelled, and sending then does nothing.
weft::Task<weft::Result<double>> measure(Sensor& sensor) {
  auto [sender, receiver] = oneshot::channel<double>();
  // std::function wants to copy what it holds.
  auto shared = std::make_shared<oneshot::Sender<double>>(std::move(sender));
  Sensor::Callback tell = [shared](double value) {
    [[maybe_unused]] const auto sent = shared->send(value);
  };
  shared.reset();
  sensor.measure(std::move(tell));
  const auto value = co_await receiver;
  if (!value) co_return weft::Err(weft::Errc::cancelled);  // it dropped the callback
  co_return *value;
}

// Any function that blocks: it gets a thread that may.
std::string hash_slowly(std::string text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return std::to_string(hash);
}
weft::Task<std::string> hash_of(std::string text) {
  auto job = weft::spawn_blocking(hash_slowly, std::move(text));
  const auto hash = co_await job;
  co_return hash.value();
}

// A parser that wants to read from something that blocks, and a stream that does not.
std::size_t count_bytes(io::SyncIoBridge<io::DuplexStream> input) {
  std::string text;
  return input.read_to_string(text).value_or(0);
}
weft::Task<std::size_t> parse(io::DuplexStream stream) {
  io::SyncIoBridge bridge(std::move(stream));
  auto job = weft::spawn_blocking(count_bytes, std::move(bridge));
  const auto count = co_await job;
  co_return count.value();
}

// A descriptor that weft has no class for. The function makes one call that does not block.
weft::Result<std::uint64_t> read_ticks(const weft::OwnedFd& timer) {
  std::uint64_t ticks = 0;
  // SAFETY(syscall): `timer` is open and `ticks` has the eight bytes that are asked for.
  const ssize_t count = ::read(timer.raw(), &ticks, sizeof ticks);
  if (count < 0) return weft::Err(weft::Error::from_errno(errno));
  return ticks;
}
weft::Task<weft::Result<std::uint64_t>> next_tick(weft::OwnedFd timer) {
  auto watched = io::AsyncFd<weft::OwnedFd>::create(std::move(timer), io::Interest::kReadable);
  if (!watched) co_return weft::Err(watched.error());
  const auto read = [&watched] { return read_ticks(watched->get()); };
  co_return co_await watched->async_io(io::Interest::kReadable, read);
}

weft::OwnedFd timer_of_a_millisecond() {
  // SAFETY(syscall): makes a descriptor, which the OwnedFd owns, or -1, for which it is empty.
  const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  const itimerspec once = {{0, 0}, {0, 1'000'000}};
  // SAFETY(syscall): reads one itimerspec; a wrong descriptor is an error that the reader meets.
  ::timerfd_settime(fd, 0, &once, nullptr);
  return weft::OwnedFd(fd);
}

// Stops with the std::jthread that runs it.
void worker(std::stop_token stop, runtime::Handle handle) {
  const auto token = weft::CancellationToken::from_stop_token(std::move(stop));
  const auto slept = handle.block_on(token.run_until_cancelled(time::sleep(1h)));
  std::printf("worker: %s\n", slept ? "slept for an hour" : "stopped");
}

weft::Task<> show_all() {
  Sensor sensor;
  const auto degrees = co_await measure(sensor);
  std::printf("sensor: %.1f\n", degrees.value());
  const std::string hash = co_await hash_of("weft");
  std::printf("hash: %s\n", hash.c_str());

  auto [near, far] = io::duplex(64);
  auto parsing = weft::spawn(parse(std::move(far)));
  static_cast<void>(co_await near.write_all("twelve bytes"));
  static_cast<void>(co_await near.shutdown());
  const auto count = co_await parsing;
  std::printf("parsed: %zu bytes\n", count.value());

  const auto ticks = co_await next_tick(timer_of_a_millisecond());
  std::printf("ticks: %d\n", ticks ? static_cast<int>(*ticks) : -1);
}

}  // namespace

int main() {
  PriceService service;
  std::printf("price: %d\n", service.price_of("apple"));
  std::promise<int> told;
  service.price_of("pear", [&told](int price) { told.set_value(price); });
  std::printf("price: %d\n", told.get_future().get());

  runtime::Runtime rt = runtime::Runtime::create().value();
  rt.block_on(show_all());
  {
    const std::jthread thread(worker, rt.handle());
  }  // requests the stop, and joins
  return 0;
}
