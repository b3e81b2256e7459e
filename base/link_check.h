// Link checks: objects that do not fit together fail to link, and the linker says why.
//
// Spec: docs/decisions/0021-packages.md.
//
// Design. Headers of one version, compiled against the library of another, link without a word and
// fail in a way that nobody can read: templates in the headers and code in the library disagree
// about a layout. So a header refers to a symbol whose name states what has to be true of the
// library, and the library defines the one symbol that states what is:
//
//   undefined reference to `weft_must_be_linked_in_version_0_2'
//
// The reference is a constant pointer that nobody reads, eight bytes in a program, since all of its
// objects share one. Its own name carries the symbol: two objects with different demands do not
// merge their pointers, so no demand is lost.
//
// What is asked: here, the version (major and minor: as the shared libraries' names say, a patch
// changes no layout); in runtime/seam_check.h, the types that shared memory is made of. What is
// not, because nothing in a header's layout depends on it: NDEBUG (WEFT_DCHECK adds code, never
// members) and the sanitizers, so that a program may be debugged with a library that is not.

#ifndef WEFT_BASE_LINK_CHECK_H_
#define WEFT_BASE_LINK_CHECK_H_

#include <weft/version.h>

// retain: also the linker's --gc-sections keeps it, where the compiler knows how to say so.
#if __has_cpp_attribute(gnu::retain)
#define WEFT_LINK_CHECK_KEPT [[gnu::visibility("hidden"), gnu::used, gnu::retain]]
#else
#define WEFT_LINK_CHECK_KEPT [[gnu::visibility("hidden"), gnu::used]]
#endif

// NOLINTBEGIN(bugprone-macro-parentheses): they are names.

// At namespace scope: whoever includes this can only be linked with a library that defines `symbol`
// by WEFT_LINK_CHECK_DEFINE(symbol).
#define WEFT_LINK_CHECK(symbol)                                                         \
  extern "C" [[gnu::visibility("default")]] const char symbol;                          \
  namespace weft::internal {                                                            \
  WEFT_LINK_CHECK_KEPT inline constinit const char* const symbol##_checked = &::symbol; \
  }                                                                                     \
  static_assert(true)

// In one source of the library, which includes the header with the check.
#define WEFT_LINK_CHECK_DEFINE(symbol) \
  extern "C" [[gnu::visibility("default")]] constinit const char symbol = 0

// NOLINTEND(bugprone-macro-parentheses)

// A parameter of its own makes the version's macros expand before they are pasted.
#define WEFT_VERSION_SYMBOL_OF(major, minor) weft_must_be_linked_in_version_##major##_##minor
#define WEFT_VERSION_SYMBOL_EXPANDED(major, minor) WEFT_VERSION_SYMBOL_OF(major, minor)
#define WEFT_VERSION_SYMBOL WEFT_VERSION_SYMBOL_EXPANDED(WEFT_VERSION_MAJOR, WEFT_VERSION_MINOR)
#define WEFT_LINK_CHECK_EXPANDED(symbol) WEFT_LINK_CHECK(symbol)
#define WEFT_LINK_CHECK_DEFINE_EXPANDED(symbol) WEFT_LINK_CHECK_DEFINE(symbol)

// NOLINTNEXTLINE(readability-identifier-naming): the name is what the linker says.
WEFT_LINK_CHECK_EXPANDED(WEFT_VERSION_SYMBOL);

#endif  // WEFT_BASE_LINK_CHECK_H_
