// ObjectTable: what the checker knows of each object, by the object's address.
//
// Design. Looked up at every operation and emptied after every execution, a hundred thousand times
// a second: so it is a hash table that is emptied by counting its generation up, and whose states
// are made once and used again. A reference to a state stays valid until clear(), also when another
// object has taken the address: pending steps refer to what they were declared on.
//
// A State has reset(), which makes it as new and may keep its memory.

#ifndef WEFT_LOOM_CHECKER_OBJECT_TABLE_H_
#define WEFT_LOOM_CHECKER_OBJECT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace weft::loom::checker::internal {

template <class State>
class ObjectTable {
 public:
  // Null if there is none.
  State* find(const void* address) noexcept {
    const Slot& slot = slots_[index_of(address)];
    return slot.generation == generation_ ? slot.state : nullptr;
  }

  // A fresh state for `address`, in place of any that it had.
  State& renew(const void* address) {
    if (2 * (occupied_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[index_of(address)];
    if (slot.generation != generation_) {
      slot.address = address;
      slot.generation = generation_;
      ++occupied_;
    }
    if (used_ == pool_.size()) pool_.emplace_back();
    slot.state = &pool_[used_++];
    slot.state->reset();
    return *slot.state;
  }

  // `address` has no state any more. The state itself stays as it is.
  void forget(const void* address) noexcept {
    Slot& slot = slots_[index_of(address)];
    if (slot.generation == generation_) slot.state = nullptr;
  }

  // The same for all in `size` bytes from `begin` on. Looks at every object that there is.
  void forget_within(const void* begin, std::size_t size) noexcept {
    // SAFETY(cast): only compared, as numbers.
    const auto first = reinterpret_cast<std::uintptr_t>(begin);
    for (Slot& slot : slots_) {
      if (slot.generation != generation_) continue;
      // SAFETY(cast): as above.
      if (reinterpret_cast<std::uintptr_t>(slot.address) - first < size) slot.state = nullptr;
    }
  }

  void clear() noexcept {
    ++generation_;
    occupied_ = used_ = 0;
  }

 private:
  struct Slot {
    const void* address = nullptr;
    State* state = nullptr;
    std::uint64_t generation = 0;  // of other generations: free
  };

  // Where `address` is, or would be.
  std::size_t index_of(const void* address) const noexcept {
    // SAFETY(cast): only its bits are used.
    const auto bits = reinterpret_cast<std::uintptr_t>(address);
    // Multiplicative hashing; the upper half is the mixed one.
    std::size_t index = static_cast<std::size_t>((bits * 0x9e3779b97f4a7c15u) >> 32);
    for (;; ++index) {
      const Slot& slot = slots_[index & (slots_.size() - 1)];
      if (slot.generation != generation_ || slot.address == address) break;
    }
    return index & (slots_.size() - 1);
  }

  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.generation == generation_) slots_[index_of(slot.address)] = slot;
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(64);  // a power of two, at most half full
  std::uint64_t generation_ = 1;
  std::size_t occupied_ = 0;  // slots of this generation, also those of forgotten objects
  std::deque<State> pool_;
  std::size_t used_ = 0;  // states of this generation
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_OBJECT_TABLE_H_
