// What Asio's rows share: an io_context that several threads run.

#ifndef WEFT_BENCHES_PEERS_ASIO_SUPPORT_H_
#define WEFT_BENCHES_PEERS_ASIO_SUPPORT_H_

#include <asio.hpp>
#include <thread>
#include <vector>

#include <benches/peers/support/row.h>

namespace peers {

// Its threads run until it is destroyed.
class AsioPool {
 public:
  explicit AsioPool(unsigned workers)
      : context_(static_cast<int>(workers)), work_(asio::make_work_guard(context_)) {
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { context_.run(); });
  }
  AsioPool(const AsioPool&) = delete;
  AsioPool& operator=(const AsioPool&) = delete;
  ~AsioPool() {
    context_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

  asio::io_context& context() { return context_; }

  // Runs the coroutine in the pool and waits for it.
  void run(asio::awaitable<void> body) {
    asio::co_spawn(context_, std::move(body), asio::use_future).get();
  }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
};

// Runs `body(laps)`, whose laps are of `operations` each, in a coroutine.
inline Figure in_coroutine(Run& run, double operations, asio::awaitable<void> (*body)(Laps&)) {
  AsioPool pool(run.workers);
  pool.run(body(run.laps));
  return run.laps.per_operation(operations);
}

}  // namespace peers

#endif  // WEFT_BENCHES_PEERS_ASIO_SUPPORT_H_
