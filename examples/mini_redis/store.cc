// The keys and their values. Interface: store.h.

#include <examples/mini_redis/store.h>

#include <limits>
#include <utility>

#include <examples/mini_redis/wire.h>

namespace mini_redis {

using weft::Err;
using weft::Result;
using weft::time::Clock;

std::optional<Bytes> Store::get(std::string_view key) {
  Shard& its = shard(key);
  const std::lock_guard lock(its.mutex);
  const auto found = its.find(key);
  if (found == its.entries.end()) return std::nullopt;
  return found->second.value;
}

bool Store::set(std::string_view key, std::string_view value, std::optional<Milliseconds> lifetime,
                Only only) {
  Bytes copy = Bytes::copy_from(value);
  Shard& its = shard(key);
  bool is_earliest = false;
  {
    const std::lock_guard lock(its.mutex);
    auto found = its.find(key);
    const bool exists = found != its.entries.end();
    if (only != Only::kAlways && exists != (only == Only::kIfPresent)) return false;
    if (!exists) found = its.entries.emplace(std::string(key), Entry()).first;
    found->second.value.swap(copy);
    its.clear_deadline(found->second);
    if (lifetime) is_earliest = its.set_deadline(found, Clock::now() + *lifetime);
  }  // the old value, now in `copy`, is freed outside of the lock
  tell_purge(is_earliest);
  return true;
}

Result<std::int64_t, Store::NotIncremented> Store::increment(std::string_view key,
                                                             std::int64_t step) {
  Shard& its = shard(key);
  const std::lock_guard lock(its.mutex);
  auto found = its.find(key);
  std::int64_t number = 0;
  if (found != its.entries.end()) {
    const auto parsed = parse_number(found->second.value.as_string_view());
    if (!parsed) return Err(NotIncremented::kNoNumber);
    number = *parsed;
  }
  using Limits = std::numeric_limits<std::int64_t>;
  const bool overflows = step > 0 ? number > Limits::max() - step : number < Limits::min() - step;
  if (overflows) return Err(NotIncremented::kOverflow);
  number += step;
  if (found == its.entries.end()) {
    found = its.entries.emplace(std::string(key), Entry()).first;
  }
  found->second.value = Bytes(std::to_string(number));
  return number;
}

bool Store::erase(std::string_view key) {
  Shard& its = shard(key);
  const std::lock_guard lock(its.mutex);
  const auto found = its.find(key);
  if (found == its.entries.end()) return false;
  its.erase(found);
  return true;
}

bool Store::contains(std::string_view key) {
  Shard& its = shard(key);
  const std::lock_guard lock(its.mutex);
  return its.find(key) != its.entries.end();
}

bool Store::expire(std::string_view key, Milliseconds lifetime) {
  Shard& its = shard(key);
  bool is_earliest = false;
  {
    const std::lock_guard lock(its.mutex);
    const auto found = its.find(key);
    if (found == its.entries.end()) return false;
    its.clear_deadline(found->second);
    is_earliest = its.set_deadline(found, Clock::now() + lifetime);
  }
  tell_purge(is_earliest);
  return true;
}

std::optional<Store::Milliseconds> Store::lifetime(std::string_view key) {
  Shard& its = shard(key);
  const std::lock_guard lock(its.mutex);
  const auto found = its.find(key);
  if (found == its.entries.end()) return std::nullopt;
  if (!found->second.deadline) return Milliseconds::max();
  const auto left = (*found->second.deadline)->first - Clock::now();
  return std::chrono::duration_cast<Milliseconds>(left);
}

weft::Task<> Store::purge() {
  for (;;) {
    std::optional<Instant> next;
    for (Shard& its : shards_) {
      const std::lock_guard lock(its.mutex);
      const std::optional<Instant> earliest = its.erase_expired(Clock::now());
      if (earliest && (!next || *earliest < *next)) next = earliest;
    }
    // A deadline set since we looked has left a permit, so it is not missed.
    if (next) {
      co_await weft::select(earlier_deadline_.notified(), weft::time::sleep_until(*next));
    } else {
      co_await earlier_deadline_.notified();
    }
  }
}

// The end if there is none, or it has expired: then it is erased.
Store::Entries::iterator Store::Shard::find(std::string_view key) {
  const auto found = entries.find(key);
  if (found == entries.end() || !found->second.deadline) return found;
  if ((*found->second.deadline)->first > Clock::now()) return found;
  erase(found);
  return entries.end();
}

void Store::Shard::erase(Entries::iterator entry) {
  clear_deadline(entry->second);
  entries.erase(entry);
}

void Store::Shard::clear_deadline(Entry& entry) {
  if (entry.deadline) deadlines.erase(*entry.deadline);
  entry.deadline.reset();
}

// True: it is now the earliest of the shard.
bool Store::Shard::set_deadline(Entries::iterator entry, Instant deadline) {
  entry->second.deadline = deadlines.emplace(deadline, entry->first);
  return *entry->second.deadline == deadlines.begin();
}

// Returns the earliest deadline that is left.
std::optional<weft::time::Instant> Store::Shard::erase_expired(Instant now) {
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    const auto found = entries.find(deadlines.begin()->second);
    erase(found);
  }
  if (deadlines.empty()) return std::nullopt;
  return deadlines.begin()->first;
}

}  // namespace mini_redis
