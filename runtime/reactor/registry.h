// Registry: adds sources to a Poll, changes them, takes them out.
//
// Spec: reactor.md section 1, R-1..R-6.
//
// Registrations are edge-triggered: after an event the program repeats its operation until it would
// block, or no further event is promised. All functions may be called from any thread, also while
// another one is inside Poll::poll().
//
//   // Watches `fd` for reading first, then for writing, then no more.
//   Result<void> take_turns(reactor::Registry& registry, BorrowedFd fd) {
//     reactor::SourceFd source(fd);
//     const reactor::Token token{1};
//     Result<void> done = registry.register_source(source, token, reactor::Interest::kReadable);
//     if (done) done = registry.reregister(source, token, reactor::Interest::kWritable);
//     if (done) done = registry.deregister(source);
//     return done;
//   }

#ifndef WEFT_RUNTIME_REACTOR_REGISTRY_H_
#define WEFT_RUNTIME_REACTOR_REGISTRY_H_

#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/internal/selector.h>
#include <weft/runtime/reactor/source.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor {

class Registry {
 public:
  // file_exists if the source is registered already, with this Poll or another; what the source
  // itself refuses with comes back unchanged.
  template <Source S>
  Result<void> register_source(S& source, Token token, Interest interest) {
    return source.register_with(*this, token, interest);
  }

  // Replaces token and interest entirely, and reports anew what is ready. no_such_file_or_directory
  // if the source is not registered.
  template <Source S>
  Result<void> reregister(S& source, Token token, Interest interest) {
    return source.reregister_with(*this, token, interest);
  }

  // A poll that begins after this has returned brings no event of the source; events fetched before
  // may still name it. no_such_file_or_directory if the source is not registered. Do it before
  // closing a descriptor that has, or ever had, a duplicate: the registration lives as long as the
  // last of them.
  template <Source S>
  Result<void> deregister(S& source) {
    return source.deregister_from(*this);
  }

  // A second registry for the same Poll, which may outlive it. Fails with too_many_files_open.
  Result<Registry> try_clone() const;

  // For the sources and the waker of this library.
  internal::Selector& selector() noexcept { return selector_; }

 private:
  friend class Poll;
  explicit Registry(internal::Selector selector) noexcept : selector_(std::move(selector)) {}

  internal::Selector selector_;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_REGISTRY_H_
