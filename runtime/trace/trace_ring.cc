#include <weft/runtime/trace/trace_ring.h>

#include <algorithm>
#include <mutex>
#include <new>

namespace weft::internal {

void TraceRing::add(const TraceEvent& event) noexcept {
  // Only this thread writes count_ and pieces_, so it reads them without the lock.
  const std::size_t place = count_ % kCapacity;
  std::unique_ptr<Piece>& piece = pieces_[place / kPiece];
  std::unique_ptr<Piece> made;
  if (piece == nullptr) made.reset(new (std::nothrow) Piece);
  const std::lock_guard lock(mutex_);
  if (piece == nullptr) piece = std::move(made);
  if (piece == nullptr) {
    ++no_room_;
    return;
  }
  (*piece)[place % kPiece] = event;
  ++count_;
}

TraceRing::Contents TraceRing::read() const {
  Contents contents;
  std::array<TraceEvent, 16> some;
  std::uint64_t next = 0;
  // What is added from now on is left for another time, or this would never end.
  std::uint64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    end = count_;
    contents.lost = no_room_;
  }
  while (next < end) {
    std::size_t taken = 0;
    {
      // A few at a time: the ring's thread waits no longer than that.
      const std::lock_guard lock(mutex_);
      const std::uint64_t oldest = count_ > kCapacity ? count_ - kCapacity : 0;
      if (next < oldest) {
        contents.lost += std::min(oldest, end) - next;
        next = oldest;
      }
      for (; next < end && taken < some.size(); ++next, ++taken) {
        const std::size_t place = next % kCapacity;
        some[taken] = (*pieces_[place / kPiece])[place % kPiece];
      }
    }
    contents.events.insert(contents.events.end(), some.begin(),
                           some.begin() + static_cast<std::ptrdiff_t>(taken));
  }
  return contents;
}

}  // namespace weft::internal
