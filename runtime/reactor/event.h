// Event: that a source is ready, as the kernel reported it.
//
// Spec: reactor.md E-2..E-5, section 3.
//
// One of the kernel's own records, read through predicates. Only readable and writable are
// portable; the others are hints that may be missing, so a program has to be right as well when it
// learns of an error or of the end from the I/O call itself. Events may be spurious.
//
//   // Whether an attempt to read is worth its while. The end is found by that attempt, too.
//   bool wants_read(const reactor::Event& event) {
//     return event.is_readable() || event.is_read_closed() || event.is_error();
//   }

#ifndef WEFT_RUNTIME_REACTOR_EVENT_H_
#define WEFT_RUNTIME_REACTOR_EVENT_H_

#include <type_traits>

#include <weft/runtime/reactor/internal/native_event.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor {

// Has the layout of the kernel's record, so that an array of those is an array of these.
class Event {
 public:
  Event() noexcept = default;
  // For tests and for code that keeps events of its own.
  explicit Event(const internal::NativeEvent& native) noexcept : native_(native) {}

  // What the source was registered with.
  Token token() const noexcept { return internal::token_of(native_); }

  bool is_readable() const noexcept { return internal::is_readable(native_); }
  bool is_writable() const noexcept { return internal::is_writable(native_); }
  bool is_error() const noexcept { return internal::is_error(native_); }
  // Nothing more will come in, once what is there has been read.
  bool is_read_closed() const noexcept { return internal::is_read_closed(native_); }
  // Whatever is written from now on is lost.
  bool is_write_closed() const noexcept { return internal::is_write_closed(native_); }
  bool is_priority() const noexcept { return internal::is_priority(native_); }
  bool is_aio() const noexcept { return internal::is_aio(native_); }
  bool is_lio() const noexcept { return internal::is_lio(native_); }

 private:
  internal::NativeEvent native_{};
};

static_assert(sizeof(Event) == sizeof(internal::NativeEvent) &&
              alignof(Event) == alignof(internal::NativeEvent) &&
              std::is_standard_layout_v<Event> && std::is_trivially_copyable_v<Event>);

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_EVENT_H_
