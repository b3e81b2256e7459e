// bridge_asio: weft inside a program that is built on Boost.Asio.
//
//   $ bridge_asio
//   order 1: 3 of 3 pieces
//   ...
//
// The program is an ordinary Asio program: one io_context, run by the main thread, and a stock that
// only handlers on that thread touch, so that it needs no lock. Orders arrive as handlers. Filling
// one takes several steps with waits in between, which reads better as a weft task; weft brings its
// own threads, and the two meet in three places:
//
//   a handler spawns a task           Handle::spawn, from any thread
//   a task visits the io_context      on(asio_executor(io), ...)
//   a task awaits an Asio operation   from_callback
//
// Guide: docs/guide/asio.md.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include <boost/asio.hpp>

#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using boost::system::error_code;

// Used on the io_context's thread alone.
class Stock {
 public:
  explicit Stock(int pieces) : pieces_(pieces) {}

  // As many as there are, up to `wanted`.
  int take(int wanted) {
    const int taken = std::min(wanted, pieces_);
    pieces_ -= taken;
    return taken;
  }
  void add(int pieces) { pieces_ += pieces; }

 private:
  int pieces_;
};

struct Order {
  int number;
  int pieces;
};

// An Asio operation as an awaitable. Destroyed while it waits, it cancels the timer.
weft::Task<error_code> wait(asio::steady_timer& timer) {
  const auto start = [&timer](weft::Completion<error_code> done) {
    timer.async_wait(std::move(done));
  };
  const auto cancel = [&timer] { timer.cancel(); };
  const weft::Result<error_code> fired = co_await weft::from_callback<error_code>(start, cancel);
  co_return fired.value_or(asio::error::operation_aborted);
}

weft::Task<int> take(Stock& stock, int wanted) { co_return stock.take(wanted); }
weft::Task<> add(Stock& stock, int pieces) {
  stock.add(pieces);
  co_return;
}

// Runs on weft's threads, but for what it awaits on `there`.
weft::Task<int> fill(asio::io_context& io, Stock& stock, Order order) {
  const auto there = weft::runtime::asio_executor(io);
  int filled = co_await weft::on(there, take(stock, order.pieces));
  for (int delivery = 0; filled < order.pieces && delivery < 2; ++delivery) {
    asio::steady_timer truck(io, 20ms);
    if (const error_code failed = co_await wait(truck); failed) break;
    co_await weft::on(there, add(stock, 2));
    filled += co_await weft::on(there, take(stock, order.pieces - filled));
  }
  co_return filled;
}

// What the program does with an order: called on the io_context's thread, and returns at once.
void on_order(asio::io_context& io, Stock& stock, Order order, const weft::runtime::Handle& runtime,
              const auto& report) {
  runtime.spawn([&io, &stock, order, report]() -> weft::Task<> {
    const int filled = co_await fill(io, stock, order);
    asio::post(io, [report, order, filled] { report(order, filled); });
  });
}

}  // namespace

int main() {
  asio::io_context io;
  Stock stock(4);
  // Made after what its tasks use, so that it ends before.
  const weft::Result<weft::runtime::Runtime> runtime = weft::runtime::Runtime::create();
  if (!runtime) return 1;

  // Keeps run() from returning while only tasks of weft have something to do.
  auto work = asio::make_work_guard(io);
  int open = 3;
  int filled = 0;
  const auto report = [&](Order order, int pieces) {
    std::printf("order %d: %d of %d pieces\n", order.number, pieces, order.pieces);
    filled += pieces;
    if (--open == 0) work.reset();
  };
  for (const Order order : {Order{1, 3}, Order{2, 3}, Order{3, 2}}) {
    asio::post(io, [&, order] { on_order(io, stock, order, runtime->handle(), report); });
  }
  io.run();
  std::printf("%d pieces in all\n", filled);
  return filled == 8 ? 0 : 1;
}
