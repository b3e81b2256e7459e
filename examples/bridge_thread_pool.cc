// bridge_thread_pool: weft beside a thread pool that the program has already.
//
//   $ bridge_thread_pool
//   the pool counted 9592 primes below 100000 in 8 parts
//   ...
//
// The pool (bridge_thread_pool/pool.h) is for work that keeps a processor busy, weft for what
// waits. Shown is each way from one to the other:
//
//   a task sends a piece of itself to the pool      on(pool_executor(pool), ...)
//   a task awaits a std::future of the pool's       from_future
//   a job of the pool spawns and awaits tasks       Handle::spawn, Handle::block_on
//
// Guide: docs/guide/thread-pools.md.

#include <chrono>
#include <cstdio>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include <examples/bridge_thread_pool/pool.h>
#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;
using examples::Pool;

constexpr int kLimit = 100'000;
constexpr int kParts = 8;

bool is_prime(int n) {
  for (int d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return n > 1;
}

int count_primes(int from, int to) {
  int count = 0;
  for (int n = from; n < to; ++n) count += is_prime(n) ? 1 : 0;
  return count;
}

// Keeps a thread busy, and tells how far it is.
weft::Task<int> count_part(int from, int to, weft::sync::mpsc::Sender<int> progress) {
  const int count = count_primes(from, to);
  // Waits, if it has to, without a thread of the pool.
  static_cast<void>(co_await progress.send(to - from));
  co_return count;
}

weft::Task<int> count_there(Pool& pool, int from, int to, weft::sync::mpsc::Sender<int> progress) {
  co_return co_await weft::on(weft::runtime::pool_executor(pool),
                              count_part(from, to, std::move(progress)));
}

// Not on the pool: sees the parts end, one by one.
weft::Task<int> watch(weft::sync::mpsc::Receiver<int> parts_done) {
  int done = 0;
  while (done < kLimit) {
    const std::optional<int> part = co_await parts_done.recv();
    done += part.value_or(kLimit);
  }
  co_return done;
}

// All parts at once, on as many threads as the pool has.
weft::Task<int> count_on(Pool& pool) {
  auto [progress, parts_done] = weft::sync::mpsc::channel<int>(1);
  auto watched = weft::spawn(watch(std::move(parts_done)));
  std::vector<weft::Task<int>> parts;
  for (int part = 0; part < kParts; ++part) {
    const int from = kLimit / kParts * part;
    parts.push_back(count_there(pool, from, from + kLimit / kParts, progress));
  }
  int sum = 0;
  for (const int count : co_await weft::join_all(std::move(parts))) sum += count;
  const weft::JoinResult<int> all = co_await watched;
  co_return all.value_or(0) == kLimit ? sum : -1;
}

// The pool's own interface, as it is.
weft::Task<int> count_by_future(Pool& pool) {
  co_return co_await weft::from_future(pool.compute([] { return count_primes(0, kLimit); }));
}

// A job of the pool that needs the network, a timer, a task: it uses weft by a Handle.
int ask_weft(const weft::runtime::Handle& runtime) {
  auto slow = runtime.spawn([]() -> weft::Task<int> {
    co_await weft::time::sleep(5ms);
    co_return 40;
  });
  // Blocks this thread, which is the pool's.
  return runtime.block_on(slow).value_or(0) +
         runtime.block_on([]() -> weft::Task<int> { co_return 2; }());
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  Pool pool(4);
  const int primes = co_await count_on(pool);
  std::printf("the pool counted %d primes below %d in %d parts\n", primes, kLimit, kParts);

  const int same = co_await count_by_future(pool);
  std::printf("its future says %d\n", same);

  const weft::runtime::Handle runtime = weft::runtime::Handle::current();
  // A statement of its own: g++ 12 destroys twice what a lambda captures beside a co_await.
  std::future<int> asked = pool.compute([runtime] { return ask_weft(runtime); });
  const int answer = co_await weft::from_future(std::move(asked));
  std::printf("a job of the pool asked weft: %d\n", answer);
  co_return primes == 9592 && same == primes&& answer == 42 ? 0 : 1;
}
