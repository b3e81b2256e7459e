// Sink: takes everything that is written and forgets it.
//
// Spec: io.md Q-5, B-6; IO-17.
//
//   Task<Result<std::uint64_t>> size_of(io::DuplexStream stream) {
//     io::Sink nowhere = io::sink();
//     co_return co_await io::copy(stream, nowhere);
//   }

#ifndef WEFT_IO_SINK_H_
#define WEFT_IO_SINK_H_

#include <weft/io/internal/discards.h>
#include <weft/io/members.h>

namespace weft::io {

// Each of its operations takes a unit of the budget.
class Sink : public WriteMembers<Sink>, public internal::Discards {};

inline Sink sink() noexcept { return Sink(); }

}  // namespace weft::io

#endif  // WEFT_IO_SINK_H_
