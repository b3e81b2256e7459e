#include <weft/runtime/scheduler/idle.h>

#include <algorithm>
#include <mutex>

namespace weft::internal {

std::optional<unsigned> Idle::claim_sleeper() noexcept {
  std::uint64_t word = word_.load(std::memory_order_seq_cst);  // [Q1]
  do {
    if (searching(word) != 0 || sleeping(word) == 0) return std::nullopt;
  } while (!word_.compare_exchange_weak(word, word + 1, std::memory_order_seq_cst));  // [Q1]
  const std::lock_guard lock(mutex_);
  if (sleepers_.empty()) {
    word_.fetch_sub(1, std::memory_order_seq_cst);  // [Q1]
    return std::nullopt;
  }
  const unsigned worker = sleepers_.back();
  sleepers_.pop_back();
  word_.fetch_sub(kSleeper, std::memory_order_seq_cst);  // [Q1]
  return worker;
}

bool Idle::try_start_search() noexcept {
  // relaxed: a rule of thumb.
  const unsigned workers = workers_.load(std::memory_order_relaxed);
  std::uint64_t word = word_.load(std::memory_order_seq_cst);
  do {
    if (2 * searching(word) + sleeping(word) >= workers) return false;
  } while (!word_.compare_exchange_weak(word, word + 1, std::memory_order_seq_cst));
  return true;
}

bool Idle::stop_search() noexcept {
  return searching(word_.fetch_sub(1, std::memory_order_seq_cst)) == 1;  // [Q1]
}

void Idle::go_to_sleep(unsigned worker, bool was_searching) noexcept {
  const std::lock_guard lock(mutex_);
  sleepers_.push_back(worker);
  word_.fetch_add(kSleeper - (was_searching ? 1 : 0), std::memory_order_seq_cst);  // [Q1]
}

bool Idle::wake_up(unsigned worker, bool to_search) noexcept {
  const std::lock_guard lock(mutex_);
  if (!remove(worker)) return false;
  word_.fetch_add((to_search ? 1 : 0) - kSleeper, std::memory_order_seq_cst);  // [Q1]
  return true;
}

bool Idle::is_sleeping(unsigned worker) noexcept {
  const std::lock_guard lock(mutex_);
  return std::find(sleepers_.begin(), sleepers_.end(), worker) != sleepers_.end();
}

bool Idle::remove(unsigned worker) noexcept {
  const auto found = std::find(sleepers_.begin(), sleepers_.end(), worker);
  if (found == sleepers_.end()) return false;
  sleepers_.erase(found);
  return true;
}

}  // namespace weft::internal
