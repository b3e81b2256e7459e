// Poll: making one, and one wait. Interface: poll.h.

#include <weft/runtime/reactor/poll.h>

#include <cstddef>

#include <weft/runtime/reactor/internal/selector.h>

namespace weft::runtime::reactor {

Result<Poll> Poll::create_with(internal::SelectorKind kind) {
  return internal::Selector::create(kind).transform(
      [](internal::Selector&& selector) { return Poll(Registry(std::move(selector))); });
}

Result<void> Poll::poll(Events& events, std::optional<std::chrono::nanoseconds> timeout) noexcept {
  events.clear();
  const Result<std::size_t> count = registry_.selector_.select(events.room(), timeout);
  if (!count) return Err(count.error());
  events.set_size(*count);
  return {};
}

}  // namespace weft::runtime::reactor
