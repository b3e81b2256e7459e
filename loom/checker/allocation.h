// Tracked memory: leaks, double frees and uses after free as failures of the model.
//
// Spec: TE-28.
//
// Freed memory stays put until the execution ends, poisoned for AddressSanitizer: nothing else
// comes to lie there, so a late access by another thread is found instead of overlooked. Outside of
// a model these are operator new and delete.
//
//   Node* node = checker::make<Node>(value);
//   checker::free(node);

#ifndef WEFT_LOOM_CHECKER_ALLOCATION_H_
#define WEFT_LOOM_CHECKER_ALLOCATION_H_

#include <cstddef>
#include <memory>
#include <new>
#include <source_location>
#include <utility>

namespace weft::loom::checker {

// Memory that has to be given back by deallocate() before the execution ends. Throws
// std::bad_alloc.
void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t),
               std::source_location where = std::source_location::current());
// Null is fine. Fails if it was freed already, or never came from allocate().
void deallocate(void* memory, std::size_t alignment = alignof(std::max_align_t),
                std::source_location where = std::source_location::current());

// A T in tracked memory.
template <class T, class... Args>
T* make(Args&&... args) {
  void* const memory = allocate(sizeof(T), alignof(T));
  // SAFETY(storage): of the size and alignment of a T, and nobody else's.
  return ::new (memory) T(std::forward<Args>(args)...);
}

// Destroys what make() made and gives its memory back.
template <class T>
void free(T* object, std::source_location where = std::source_location::current()) {
  if (object == nullptr) return;
  // SAFETY(lifetime): made by make(), by contract; a second free() ends in deallocate() or, where T
  // has checked members, in their destructors.
  std::destroy_at(object);
  deallocate(object, alignof(T), where);
}

namespace internal {
struct MemoryBlock;
// Ends what is left of a block when its execution has ended.
void release_memory(void* address, const MemoryBlock& block);
}  // namespace internal

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_ALLOCATION_H_
