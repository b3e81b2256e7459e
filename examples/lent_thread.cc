// lent_thread: the main thread works for the runtime instead of waiting for it.
//
//   $ lent_thread
//   9592 primes below 100000
//
// One worker and the main thread share the parts. When the task that waits for all of them is done
// it requests the stop, and the main thread has itself back.

#include <cstdio>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include <weft/weft.h>

namespace {

constexpr int kLimit = 100'000;
constexpr int kParts = 20;

bool is_prime(int number) {
  for (int divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return number > 1;
}

weft::Task<int> count_primes(int from, int to) {
  int count = 0;
  for (int number = from; number < to; ++number) {
    if (is_prime(number)) ++count;
  }
  co_return count;
}

weft::Task<int> count_all(std::stop_source done) {
  std::vector<weft::JoinHandle<int>> parts;
  constexpr int kSize = kLimit / kParts;
  for (int part = 0; part < kParts; ++part) {
    parts.push_back(weft::spawn(count_primes, part * kSize, (part + 1) * kSize));
  }
  int sum = 0;
  for (weft::JoinHandle<int>& part : parts) {
    const weft::JoinResult<int> count = co_await part;
    sum += count.value();
  }
  done.request_stop();
  co_return sum;
}

}  // namespace

int main() {
  auto rt = weft::runtime::Builder::new_multi_thread().worker_threads(1).build();
  if (!rt) return 1;

  std::stop_source done;
  weft::JoinHandle<int> primes = rt->spawn(count_all, done);
  if (std::optional<weft::Error> error = rt->attach_current_thread(done.get_token())) {
    // No descriptor was left for it: the worker does everything.
    std::fprintf(stderr, "not attached: %s\n", error->to_string().c_str());
  }

  std::printf("%d primes below %d\n", rt->block_on(std::move(primes)).value(), kLimit);
  return 0;
}
