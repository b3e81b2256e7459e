// A pipe in memory. Interface: memory_pipe.h.

#include <weft/io/internal/memory_pipe.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

namespace weft::io::internal {
namespace {

// The waker of `cx` in `slot`; the one it replaces is returned, to be dropped without the lock.
Waker keep_waker(Waker& slot, Context& cx) noexcept {
  if (slot.will_wake(cx.waker())) return Waker();
  return std::exchange(slot, cx.clone_waker());
}

}  // namespace

Poll<Result<void>> MemoryPipe::poll_read(Context& cx, ReadBuf& buf) {
  if (buf.remaining() == 0) return Result<void>();
  if (!cx.has_budget()) return kPending;
  Waker replaced;
  Waker writer;
  {
    const std::lock_guard lock(mutex_);
    if (size_ == 0 && !closed_) {
      replaced = keep_waker(reader_, cx);
      return kPending;
    }
    while (size_ > 0 && buf.remaining() > 0) {
      const std::span<const std::byte> bytes = front();
      const std::size_t size = std::min(bytes.size(), buf.remaining());
      buf.put_slice(bytes.first(size));
      size_ -= size;
      begin_ = size_ == 0 ? 0 : (begin_ + size) % capacity_;
    }
    writer = std::exchange(writer_, Waker());
  }
  cx.spend_budget();
  std::move(writer).wake();
  return Result<void>();
}

Poll<Result<std::size_t>> MemoryPipe::poll_write(Context& cx, std::span<const std::byte> data) {
  const IoSlice slice(data);
  return poll_write_vectored(cx, std::span(&slice, 1));
}

Poll<Result<std::size_t>> MemoryPipe::poll_write_vectored(Context& cx,
                                                          std::span<const IoSlice> slices) {
  const bool is_empty =
      std::ranges::all_of(slices, [](const IoSlice& slice) { return slice.size() == 0; });
  if (!is_empty && !cx.has_budget()) return kPending;
  Waker replaced;
  Waker reader;
  std::size_t written = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Err(std::errc::broken_pipe);
    if (is_empty) return Result<std::size_t>(0);
    if (size_ == capacity_) {
      replaced = keep_waker(writer_, cx);
      return kPending;
    }
    if (ring_ == nullptr) ring_ = std::make_unique_for_overwrite<std::byte[]>(capacity_);
    for (const IoSlice& slice : slices) {
      const std::size_t size = std::min(slice.size(), capacity_ - size_);
      append(slice.bytes().first(size));
      written += size;
    }
    reader = std::exchange(reader_, Waker());
  }
  cx.spend_budget();
  std::move(reader).wake();
  return Result<std::size_t>(written);
}

void MemoryPipe::close() noexcept {
  Waker reader;
  Waker writer;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    reader = std::exchange(reader_, Waker());
    writer = std::exchange(writer_, Waker());
  }
  std::move(reader).wake();
  std::move(writer).wake();
}

bool MemoryPipe::is_closed() noexcept {
  const std::lock_guard lock(mutex_);
  return closed_;
}

// There is room for all of it.
void MemoryPipe::append(std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t end = (begin_ + size_) % capacity_;
    const std::size_t size = std::min(bytes.size(), capacity_ - end);
    std::memcpy(ring_.get() + end, bytes.data(), size);
    size_ += size;
    bytes = bytes.subspan(size);
  }
}

// The first bytes that stand together.
std::span<const std::byte> MemoryPipe::front() const noexcept {
  return {ring_.get() + begin_, std::min(size_, capacity_ - begin_)};
}

}  // namespace weft::io::internal
