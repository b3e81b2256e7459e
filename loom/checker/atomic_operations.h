// The operations of an atomic, on bits: what checker::Atomic<T> translates to.
//
// Spec: TE-20..TE-26.
//
// Every function but the first is called inside a model, on a model thread. The value in the
// object's own memory is read once, when the execution first meets it. Functions that store return
// the newest value in modification order, to be kept in that memory.

#ifndef WEFT_LOOM_CHECKER_ATOMIC_OPERATIONS_H_
#define WEFT_LOOM_CHECKER_ATOMIC_OPERATIONS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>

#include <weft/loom/checker/trace.h>

namespace weft::loom::checker::internal {

struct AtomicObject {
  const void* address;
  std::size_t size;            // bytes of the value; the rest of a Word is zero
  std::source_location where;  // of the operation
};

// Whether the caller runs in a model. Outside of one, the checker's types are plain variables.
bool in_model() noexcept;

void construct(const AtomicObject& object);
void destroy(const AtomicObject& object);

Word load(const AtomicObject& object, std::memory_order order);
Word store(const AtomicObject& object, Word value, std::memory_order order);

enum class Update : std::uint8_t { kExchange, kAdd, kSubtract, kOr, kAnd, kXor };
// What `kind` makes of two words.
Word apply(Update kind, Word before, Word operand) noexcept;
struct UpdateResult {
  Word before;
  Word newest;
};
UpdateResult update(const AtomicObject& object, Update kind, Word operand, std::memory_order order);

struct CompareExchange {
  Word expected;
  Word desired;
  std::memory_order success;
  std::memory_order failure;
  bool weak;
};
struct CompareResult {
  bool exchanged;
  Word seen;
  Word newest;
};
CompareResult compare_exchange(const AtomicObject& object, const CompareExchange& wanted);

// Accesses without synchronisation, which must not race with anything.
Word unsync_read(const AtomicObject& object);
void unsync_write(const AtomicObject& object, Word value);

void fence(std::memory_order order, std::source_location where);

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_ATOMIC_OPERATIONS_H_
