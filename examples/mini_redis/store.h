// Store: the keys, their values, and when they expire.
//
// Keys are spread over shards, each behind a mutex of its own, so that tasks on different threads
// seldom meet. It is a std::mutex: held for a look-up and never across a co_await, it has nothing
// to gain from one that suspends tasks. A command on one key is atomic; one on several keys goes
// from key to key.
//
// A key that has expired is gone for everybody at once, because every look-up checks. Its memory is
// freed by a task, run purge(), which sleeps until the next deadline and is told when there is an
// earlier one.

#ifndef WEFT_EXAMPLES_MINI_REDIS_STORE_H_
#define WEFT_EXAMPLES_MINI_REDIS_STORE_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <weft/weft.h>

namespace mini_redis {

using weft::io::Bytes;

// Thread-safe.
class Store {
 public:
  using Milliseconds = std::chrono::milliseconds;
  enum class Only : std::uint8_t { kAlways, kIfAbsent, kIfPresent };
  // Why increment() has done nothing.
  enum class NotIncremented : std::uint8_t { kNoNumber, kOverflow };

  std::optional<Bytes> get(std::string_view key);
  // Copies the value. Without `lifetime` it stays until it is deleted. False: `only` forbids it.
  bool set(std::string_view key, std::string_view value, std::optional<Milliseconds> lifetime,
           Only only = Only::kAlways);
  // Adds `step` to a decimal number, 0 if there is none, and returns the sum.
  weft::Result<std::int64_t, NotIncremented> increment(std::string_view key, std::int64_t step);
  // These return whether there was such a key.
  bool erase(std::string_view key);
  bool contains(std::string_view key);
  // Not above zero: expires at once.
  bool expire(std::string_view key, Milliseconds lifetime);
  // How long the key will exist: nothing if there is none, and Milliseconds::max() for ever.
  std::optional<Milliseconds> lifetime(std::string_view key);

  // Frees what has expired, as long as it is not cancelled. One task at a time.
  weft::Task<> purge();

 private:
  using Instant = weft::time::Instant;
  using Deadlines = std::multimap<Instant, std::string>;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  struct Entry {
    Bytes value;
    std::optional<Deadlines::iterator> deadline;
  };
  using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  struct Shard {
    std::mutex mutex;
    Entries entries;      // guarded by mutex
    Deadlines deadlines;  // guarded by mutex; the keys of the entries that have one

    Entries::iterator find(std::string_view key);
    void erase(Entries::iterator entry);
    void clear_deadline(Entry& entry);
    bool set_deadline(Entries::iterator entry, Instant deadline);
    std::optional<Instant> erase_expired(Instant now);
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard(std::string_view key) {
    // The low bits choose the bucket within the shard.
    return shards_[Hash()(key) >> 32 & (kShards - 1)];
  }
  void tell_purge(bool is_earliest) {
    if (is_earliest) earlier_deadline_.notify_one();
  }

  std::array<Shard, kShards> shards_;
  weft::sync::Notify earlier_deadline_;
};

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_STORE_H_
