// Dumps on a thread of their own, while what the leaves say of themselves changes: for the
// sanitizers, and for whoever would miss a wake-up.

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <weft/weft.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using test_support::scaled;

// Makes dumps of a runtime for as long as it lives.
class Dumper {
 public:
  explicit Dumper(runtime::Handle handle)
      : thread_([this, target = std::move(handle)] {
          do {
            const runtime::Dump dump = runtime::block_on_this_thread(target.dump());
            if (dump.to_string().empty()) std::abort();
            ++dumps_;
          } while (!is_over_);
        }) {}
  Dumper(const Dumper&) = delete;
  Dumper& operator=(const Dumper&) = delete;
  ~Dumper() {
    is_over_ = true;
    thread_.join();
    EXPECT_GE(dumps_, 1);
  }

 private:
  std::atomic<bool> is_over_{false};
  std::atomic<int> dumps_{0};
  std::thread thread_;
};

const int kRounds = scaled(300);

Task<int> after_yields(int count) {
  for (int i = 0; i < count; ++i) co_await yield_now();
  co_return count;
}

// The set grows while it is waited for, by a task that ends; the queue's first one changes.
Task<int> join_many() {
  int joined = 0;
  for (int round = 0; round < kRounds; ++round) {
    JoinSet<int> set;
    JoinQueue<int> queue;
    for (int i = 1; i <= 5; ++i) {
      set.spawn(after_yields(i));
      queue.spawn(after_yields(6 - i));
    }
    while (true) {
      const auto one = co_await set.join_next();
      if (!one) break;
      ++joined;
    }
    while (true) {
      const auto one = co_await queue.join_next();
      if (!one) break;
      ++joined;
    }
  }
  co_return joined;
}

Task<int> join_by_key() {
  int joined = 0;
  for (int round = 0; round < kRounds; ++round) {
    JoinMap<int, int> map;
    for (int key = 0; key < 5; ++key) map.spawn(key, after_yields(key));
    map.spawn(0, after_yields(1));  // the one before is aborted
    while (true) {
      const auto one = co_await map.join_next();
      if (!one) break;
      ++joined;
    }
  }
  co_return joined;
}

int code_of_a_fiber(int rounds) {
  int done = 0;
  for (int i = 0; i < rounds; ++i) {
    fiber::await(yield_now());
    const auto joined = fiber::await(spawn(after_yields(2)));
    done += joined.value() / 2;
  }
  return done;
}
Task<int> run_fibers() { co_return co_await fiber::run(code_of_a_fiber, kRounds); }

// Another task of the same thread inserts while this one waits.
Task<> insert_into(time::DelayQueue<int>& queue) {
  for (int round = 0; round < kRounds; ++round) {
    queue.insert(round, std::chrono::microseconds(round % 3));
    co_await yield_now();
  }
}
Task<int> expire(time::DelayQueue<int>& queue) {
  queue.insert(-1, 1h);  // so that it is never empty
  auto inserting = spawn(insert_into(queue));
  int expired = 0;
  for (; expired < kRounds; ++expired) static_cast<void>(co_await queue.next());
  static_cast<void>(co_await inserting);
  co_return expired;
}

Task<int> read_lines(net::TcpStream stream) {
  io::BufReader reader(stream);
  auto lines = std::move(reader).lines();
  int count = 0;
  while (true) {
    const auto line = co_await lines.next_line();
    if (!line || !*line) break;
    ++count;
  }
  co_return count;
}
Task<int> exchange_lines() {
  auto listener = co_await net::TcpListener::bind("127.0.0.1:0");
  auto sending = co_await net::TcpStream::connect(listener->local_addr().value());
  auto accepted = co_await listener->accept();
  auto reading = spawn(read_lines(std::move(accepted.value().first)));
  for (int i = 0; i < kRounds; ++i) {
    const auto sent = co_await sending->write_all("line\n");
    EXPECT_TRUE(sent);
  }
  EXPECT_TRUE(sending->close());
  const auto joined = co_await reading;
  co_return joined.value();
}

TEST(R150, WhatWaitsIsDescribedWhileItChanges) {
  for (const test_support::Kind kind : test_support::kKinds) {
    SCOPED_TRACE(test_support::name_of(kind));
    runtime::Runtime rt = test_support::make_runtime(kind);
    const Dumper first(rt.handle());
    const Dumper second(rt.handle());
    auto joins = rt.spawn(join_many());
    auto keyed = rt.spawn(join_by_key());
    auto fibers = rt.spawn(run_fibers());
    auto lines = rt.spawn(exchange_lines());
    EXPECT_EQ(rt.block_on(joins).value(), 10 * kRounds);
    EXPECT_EQ(rt.block_on(keyed).value(), 5 * kRounds);
    EXPECT_EQ(rt.block_on(fibers).value(), kRounds);
    EXPECT_EQ(rt.block_on(lines).value(), kRounds);
  }
}

TEST(R150, ADelayQueueIsDescribedWhileItsThreadFillsIt) {
  time::DelayQueue<int> queue;
  runtime::Runtime rt = test_support::current_thread();
  const Dumper dumper(rt.handle());
  auto expiring = rt.spawn(expire(queue));
  EXPECT_EQ(rt.block_on(expiring).value(), kRounds);
}

}  // namespace
}  // namespace weft
