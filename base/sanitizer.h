// What weft tells the sanitizers about memory that it manages itself.
//
// AddressSanitizer cannot see a use after free inside a slab that is recycled by hand. Poisoning a
// free block's body makes it see one. Its search for leaks does not look into mappings. Nothing
// here does anything in a build without sanitizers.

#ifndef WEFT_BASE_SANITIZER_H_
#define WEFT_BASE_SANITIZER_H_

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_CORO_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_CORO_HAS_ASAN 1
#endif
#endif

#ifdef WEFT_CORO_HAS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace weft::internal {

// Reading or writing [start, start + size) is an error until it is unpoisoned.
inline void poison_memory([[maybe_unused]] const void* start,
                          [[maybe_unused]] std::size_t size) noexcept {
#ifdef WEFT_CORO_HAS_ASAN
  __asan_poison_memory_region(start, size);
#endif
}

inline void unpoison_memory([[maybe_unused]] const void* start,
                            [[maybe_unused]] std::size_t size) noexcept {
#ifdef WEFT_CORO_HAS_ASAN
  __asan_unpoison_memory_region(start, size);
#endif
}

// Memory that is referred to from [start, start + size), a mapping of our own, is no leak. Until
// stop_looking_for_leaks_from() of the same.
inline void look_for_leaks_from([[maybe_unused]] const void* start,
                                [[maybe_unused]] std::size_t size) noexcept {
#ifdef WEFT_CORO_HAS_ASAN
  __lsan_register_root_region(start, size);
#endif
}

inline void stop_looking_for_leaks_from([[maybe_unused]] const void* start,
                                        [[maybe_unused]] std::size_t size) noexcept {
#ifdef WEFT_CORO_HAS_ASAN
  __lsan_unregister_root_region(start, size);
#endif
}

}  // namespace weft::internal

#endif  // WEFT_BASE_SANITIZER_H_
