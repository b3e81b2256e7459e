// StreamMap: many streams as one, each under a key.
//
// Spec: ST-18..ST-21; ST-1.
//
// Design. A vector of entries, searched from its beginning: for small numbers of streams, or such
// that are busy, since a wake-up of any polls all. Polling begins at a random entry, so that none
// is favoured. A stream that has ended is removed by putting the last entry in its place; entries
// remember the round that they were polled in, so that the one that has moved is neither left out
// nor polled twice. Entries stand in blocks of their own: streams in the map do not move.
//
//   using Subscription = stream::ReceiverStream<std::string>;
//
//   // "room: message" for all rooms, until they are all closed.
//   Task<std::string> read_rooms(stream::StreamMap<std::string, Subscription> rooms) {
//     std::string log;
//     while (const auto found = co_await rooms.next()) {
//       const auto& [room, message] = *found;
//       log += room + ": " + message + "\n";
//     }
//     co_return log;
//   }

#ifndef WEFT_STREAM_STREAM_MAP_H_
#define WEFT_STREAM_STREAM_MAP_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/random.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// Move-only; one task at a time. K is copied into every item. While a next() or next_many() is
// awaited the map must not be changed.
template <std::equality_comparable K, Stream S>
class [[nodiscard]] StreamMap
    : public internal::StreamBase<StreamMap<K, S>, std::pair<K, Item<S>>> {
  using T = std::pair<K, Item<S>>;
  using Base = internal::StreamBase<StreamMap, T>;
  class NextManyNode;
  class NextMany;

 public:
  static constexpr bool kCancelDriven = internal::Source<S>::kCancelDriven;

  // Empty; the second form has room for `capacity` streams.
  StreamMap() noexcept = default;
  explicit StreamMap(std::size_t capacity) { reserve(capacity); }

  // Puts `stream` in, under `key`. Returns the one that it replaces.
  std::optional<S> insert(K key, S stream);
  // The same for each std::pair<K, S> of an rvalue range; the last of equal keys stays.
  template <std::ranges::input_range Range>
    requires(!std::is_lvalue_reference_v<Range>)
  void extend(Range&& range) {
    for (auto& [key, stream] : range) static_cast<void>(insert(std::move(key), std::move(stream)));
  }
  // Takes the stream of `key` out, wherever it stands.
  std::optional<S> remove(const K& key);
  bool contains(const K& key) const { return find(key) != entries_.size(); }
  // Destroys all streams.
  void clear() noexcept { entries_.clear(); }

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  std::size_t capacity() const noexcept { return entries_.capacity(); }
  void reserve(std::size_t capacity) { entries_.reserve(capacity); }

  // In no particular order, the same in all three.
  std::vector<K> keys() const;
  std::vector<std::reference_wrapper<S>> values();
  // Calls visit(const K&, S&).
  template <std::invocable<const K&, S&> F>
  void for_each(F visit) {
    for (const auto& entry : entries_) visit(std::as_const(entry->key), entry->source.stream());
  }

  // Yields std::pair<K, Item> of a stream that has an item; the end when the map is empty, though
  // not for ever: streams may be inserted then. Streams that end are removed. What a stream throws
  // comes out, and the stream stays. Cancel safe. See StreamBase: next(), poll_next(), size_hint().

  // Appends up to `limit` items to `out` and yields how many, as a std::size_t: at least one, and
  // more as long as streams are ready; 0 at once if `limit` is 0 or the map is empty. Cancel safe:
  // what it has taken is in `out`.
  [[nodiscard]] NextMany next_many(std::vector<T>& out, std::size_t limit) noexcept {
    return NextMany(*this, out, limit);
  }
  // One step of the same, for hand-written leaves.
  Poll<std::size_t> poll_next_many(Context& cx, std::vector<T>& out, std::size_t limit);

 private:
  friend class internal::StreamBase<StreamMap, T>;

  struct Entry {
    Entry(K name, S&& stream) : key(std::move(name)), source(std::move(stream)) {}
    K key;
    internal::Source<S> source;
    std::uint64_t polled_in = 0;  // the round
  };

  // Its index, or size().
  std::size_t find(const K& key) const {
    std::size_t i = 0;
    while (i < entries_.size() && !(entries_[i]->key == key)) ++i;
    return i;
  }
  std::unique_ptr<Entry> extract(std::size_t index) {
    std::swap(entries_[index], entries_.back());
    std::unique_ptr<Entry> entry = std::move(entries_.back());
    entries_.pop_back();
    return entry;
  }

  // Polls each stream at most once, from a random one on, and passes items to take(key, item) until
  // that answers false. Removes what has ended.
  template <class Take>
  void poll_round(Context& cx, Take take);
  Poll<std::optional<T>> poll_item(Context& cx);

  SizeHint hint() const {
    SizeHint sum = internal::exactly(0);
    for (const auto& entry : entries_) sum = internal::add(sum, entry->source.size_hint());
    return sum;
  }
  template <class End>
  bool end_parts(End end) noexcept {
    bool have_ended = true;
    for (const auto& entry : entries_) have_ended &= end(entry->source);
    return have_ended;
  }

  std::vector<std::unique_ptr<Entry>> entries_;
  std::uint64_t round_ = 0;
};

template <std::equality_comparable K, Stream S>
std::optional<S> StreamMap<K, S>::insert(K key, S stream) {
  std::optional<S> replaced = remove(key);
  entries_.push_back(std::make_unique<Entry>(std::move(key), std::move(stream)));
  return replaced;
}

template <std::equality_comparable K, Stream S>
std::optional<S> StreamMap<K, S>::remove(const K& key) {
  const std::size_t index = find(key);
  if (index == entries_.size()) return std::nullopt;
  return std::optional<S>(std::move(extract(index)->source).release());
}

template <std::equality_comparable K, Stream S>
std::vector<K> StreamMap<K, S>::keys() const {
  std::vector<K> keys;
  keys.reserve(size());
  for (const auto& entry : entries_) keys.push_back(entry->key);
  return keys;
}

template <std::equality_comparable K, Stream S>
std::vector<std::reference_wrapper<S>> StreamMap<K, S>::values() {
  std::vector<std::reference_wrapper<S>> values;
  values.reserve(size());
  for (const auto& entry : entries_) values.push_back(entry->source.stream());
  return values;
}

template <std::equality_comparable K, Stream S>
template <class Take>
void StreamMap<K, S>::poll_round(Context& cx, Take take) {
  ++round_;
  std::size_t left = entries_.size();
  std::size_t index =
      weft::internal::thread_random_below(static_cast<std::uint32_t>(entries_.size()));
  while (left > 0) {
    if (index >= entries_.size()) index = 0;
    Entry& entry = *entries_[index];
    if (entry.polled_in == round_) {  // it was the last, and came here
      ++index;
      continue;
    }
    entry.polled_in = round_;
    --left;
    Poll<std::optional<Item<S>>> polled = entry.source.poll_next(cx);
    if (polled.is_ready() && !*polled) {
      extract(index);
      continue;
    }
    if (polled.is_ready() && !take(entry.key, **std::move(polled))) return;
    ++index;
  }
}

template <std::equality_comparable K, Stream S>
Poll<std::optional<std::pair<K, Item<S>>>> StreamMap<K, S>::poll_item(Context& cx) {
  std::optional<T> found;
  poll_round(cx, [&found](const K& key, Item<S>&& item) {
    found.emplace(key, std::move(item));
    return false;
  });
  if (!found && !empty()) return kPending;
  return found;
}

template <std::equality_comparable K, Stream S>
Poll<std::size_t> StreamMap<K, S>::poll_next_many(Context& cx, std::vector<T>& out,
                                                  std::size_t limit) {
  if (limit == 0) return std::size_t{0};
  std::size_t count = 0;
  const auto take = [&](const K& key, Item<S>&& item) {
    out.emplace_back(key, std::move(item));
    return ++count < limit;
  };
  for (std::size_t before = SIZE_MAX; count < limit && count != before;) {
    before = count;
    poll_round(cx, take);
  }
  if (count == 0 && !empty()) return kPending;
  return count;
}

template <std::equality_comparable K, Stream S>
class StreamMap<K, S>::NextManyNode : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "stream map";

  NextManyNode(StreamMap& map, std::vector<T>& out, std::size_t limit) noexcept
      : map_(map), out_(out), limit_(limit) {}
  bool poll(Context& cx) noexcept {
    try {
      const Poll<std::size_t> polled = map_.poll_next_many(cx, out_, limit_);
      if (polled.is_pending()) return false;
      count_ = *polled;
    } catch (...) {
      thrown_ = std::current_exception();
    }
    return true;
  }
  bool poll_cancel(Context& cx) noexcept
    requires StreamMap::kCancelDriven
  {
    return map_.poll_cancel(cx);
  }
  bool poll_abandon(Context&) noexcept
    requires StreamMap::kCancelDriven
  {
    return true;
  }
  std::size_t take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return count_;
  }

 private:
  StreamMap& map_;
  std::vector<T>& out_;
  const std::size_t limit_;
  std::size_t count_ = 0;
  std::exception_ptr thrown_;
};

template <std::equality_comparable K, Stream S>
class [[nodiscard]] StreamMap<K, S>::NextMany {
 public:
  NextMany(StreamMap& map, std::vector<T>& out, std::size_t limit) noexcept
      : map_(&map), out_(&out), limit_(limit) {}
  LeafAwaiter<NextManyNode> operator co_await() const noexcept {
    return LeafAwaiter<NextManyNode>(*map_, *out_, limit_);
  }

 private:
  StreamMap* map_;
  std::vector<T>* out_;
  std::size_t limit_;
};

}  // namespace weft::stream

#endif  // WEFT_STREAM_STREAM_MAP_H_
