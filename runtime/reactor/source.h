// Source: what can be registered.
//
// Spec: reactor.md section 1, M-15, M-16.
//
// A type says itself how it is registered. Most pass the call on to a SourceFd for a descriptor
// that they own; IoSource does that for any type with as_fd(). An error of theirs comes out of the
// registry's function unchanged.
//
//   struct Mine {
//     OwnedFd fd;
//     Result<void> register_with(Registry& r, Token t, Interest i) {
//       SourceFd source(fd.borrow());
//       return r.register_source(source, t, i);
//     }
//     ...
//   };

#ifndef WEFT_RUNTIME_REACTOR_SOURCE_H_
#define WEFT_RUNTIME_REACTOR_SOURCE_H_

#include <concepts>

#include <weft/base/result.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor {

class Registry;

template <class S>
concept Source = requires(S& source, Registry& registry, Token token, Interest interest) {
  { source.register_with(registry, token, interest) } -> std::same_as<Result<void>>;
  { source.reregister_with(registry, token, interest) } -> std::same_as<Result<void>>;
  { source.deregister_from(registry) } -> std::same_as<Result<void>>;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_SOURCE_H_
