// DelaySlab: where the entries of a DelayQueue lie, and how a key finds its entry.
//
// Spec: T-50.
//
// Entries lie in chunks of 64 that never move, because timer wheels link them where they are. Free
// places form a stack through the entries themselves. An entry is found by the index in its key;
// the key's serial number tells whether it is still the same entry.
//
// compact() moves entries from the end into free places further ahead, so that chunks at the end
// can be given back. An entry that was moved no longer lies where its key says: such keys, and only
// they, are looked up in moved_, from which they disappear with their entries.

#ifndef WEFT_TIME_INTERNAL_DELAY_SLAB_H_
#define WEFT_TIME_INTERNAL_DELAY_SLAB_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/time/delay_key.h>
#include <weft/time/internal/deadline_queue.h>

namespace weft::time::internal {

// Immovable where it matters: an entry stays where it is until it is erased or compact() moves it.
template <class T>
class DelaySlab {
 public:
  static constexpr std::size_t kMaxEntries = (std::size_t{1} << 30) - 1;

  // Free if its key has no serial number.
  class Entry : public DeadlineNode {
   public:
    DelayKey key() const noexcept { return key_; }
    T& value() noexcept { return *value_; }

   private:
    friend class DelaySlab;
    DelayKey key_;
    std::uint32_t index_ = 0;
    std::uint32_t next_free_ = 0;
    std::optional<T> value_;
  };

  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return chunks_.size() * kChunk; }

  // Room for `count` entries at least. Throws std::bad_alloc.
  void grow_to(std::size_t count) {
    if (count <= capacity()) return;
    while (capacity() < count) add_chunk();
    rebuild_free_list();  // so that the first places are taken first
  }

  // Throws std::bad_alloc, and then nothing has changed but `value`.
  Entry& insert(T&& value) {
    if (first_free_ == kNone) add_chunk();
    Entry& entry = at(first_free_);
    first_free_ = entry.next_free_;
    entry.value_.emplace(std::move(value));
    entry.key_ = DelayKey(++last_serial_, entry.index_);
    ++size_;
    return entry;
  }

  // Null if `key` names no entry that is here.
  Entry* find(DelayKey key) noexcept {
    if (key.serial_ == 0) return nullptr;
    if (key.index_ < capacity()) {
      Entry& entry = at(key.index_);
      if (entry.key_ == key) return &entry;
    }
    if (moved_.empty()) return nullptr;
    const auto found = moved_.find(key.serial_);
    return found != moved_.end() ? &at(found->second) : nullptr;
  }

  // Frees an entry, which is in no queue, and returns its value.
  T erase(Entry& entry) noexcept {
    forget_move(entry);
    T value = std::move(*entry.value_);
    entry.value_.reset();
    entry.key_ = DelayKey();
    entry.next_free_ = first_free_;
    first_free_ = entry.index_;
    --size_;
    return value;
  }

  // Calls `visit(Entry&)` for every entry; it may erase that one.
  template <class Visit>
  void for_each(Visit visit) {
    for (std::uint32_t index = 0; index < capacity(); ++index) {
      if (at(index).value_) visit(at(index));
    }
  }

  // Moves entries together, so that all lie in the first size() places, and gives back what is
  // behind. `relink(from, to)` is called for each that is moved. Throws std::bad_alloc; all entries
  // are then still there.
  template <class Relink>
  void compact(Relink relink) {
    std::uint32_t to = 0;
    for (auto from = static_cast<std::uint32_t>(size_); from < capacity(); ++from) {
      if (!at(from).value_) continue;
      while (at(to).value_) ++to;
      move_entry(at(from), at(to), relink);
    }
    shrink();
  }

  // Gives back free chunks at the end. Throws std::bad_alloc never: it only makes the list of
  // chunks shorter.
  void shrink() noexcept {
    while (!chunks_.empty() && is_free(*chunks_.back())) chunks_.pop_back();
    rebuild_free_list();
  }

 private:
  static constexpr std::size_t kChunk = 64;
  static constexpr std::uint32_t kNone = UINT32_MAX;
  using Chunk = std::array<Entry, kChunk>;

  Entry& at(std::uint32_t index) noexcept { return (*chunks_[index / kChunk])[index % kChunk]; }

  void add_chunk() {
    const auto first = static_cast<std::uint32_t>(capacity());
    chunks_.push_back(std::make_unique<Chunk>());
    link_free(first);
  }

  // Puts the free entries of the chunk that begins at `first` on the stack, the first on top.
  void link_free(std::uint32_t first) noexcept {
    for (std::uint32_t index = first + kChunk; index-- > first;) {
      Entry& entry = at(index);
      entry.index_ = index;
      if (entry.value_) continue;
      entry.next_free_ = first_free_;
      first_free_ = index;
    }
  }

  void rebuild_free_list() noexcept {
    first_free_ = kNone;
    for (std::size_t end = capacity(); end != 0; end -= kChunk) {
      link_free(static_cast<std::uint32_t>(end - kChunk));
    }
  }

  static bool is_free(const Chunk& chunk) noexcept {
    for (const Entry& entry : chunk) {
      if (entry.value_) return false;
    }
    return true;
  }

  template <class Relink>
  void move_entry(Entry& from, Entry& to, Relink& relink) {
    moved_[from.key_.serial_] = to.index_;  // first: it may throw
    relink(from, to);
    to.value_.emplace(std::move(*from.value_));
    to.key_ = std::exchange(from.key_, DelayKey());
    from.value_.reset();
    if (to.key_.index_ == to.index_) moved_.erase(to.key_.serial_);
  }

  void forget_move(Entry& entry) noexcept {
    if (entry.key_.index_ != entry.index_) moved_.erase(entry.key_.serial_);
  }

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
  std::uint32_t first_free_ = kNone;
  std::uint64_t last_serial_ = 0;
  // Where the entries of these serial numbers lie: those that compact() has moved.
  std::unordered_map<std::uint64_t, std::uint32_t> moved_;
};

}  // namespace weft::time::internal

#endif  // WEFT_TIME_INTERNAL_DELAY_SLAB_H_
