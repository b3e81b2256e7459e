// Source: what can be registered.
//
// Spec: reactor.md section 1, M-15, M-16.
//
// A type says itself how it is registered. Most pass the call on to a SourceFd for a descriptor
// that they own; IoSource does that for any type with as_fd(). An error of theirs comes out of the
// registry's function unchanged.
//
//   class Bell {
//    public:
//     explicit Bell(OwnedFd fd) : fd_(std::move(fd)) {}
//
//     Result<void> register_with(reactor::Registry& r, reactor::Token t, reactor::Interest i) {
//       reactor::SourceFd source(fd_.borrow());
//       return r.register_source(source, t, i);
//     }
//     Result<void> reregister_with(reactor::Registry& r, reactor::Token t, reactor::Interest i) {
//       reactor::SourceFd source(fd_.borrow());
//       return r.reregister(source, t, i);
//     }
//     Result<void> deregister_from(reactor::Registry& r) {
//       reactor::SourceFd source(fd_.borrow());
//       return r.deregister(source);
//     }
//
//    private:
//     OwnedFd fd_;
//   };
//   static_assert(reactor::Source<Bell>);

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
