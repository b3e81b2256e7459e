// IoSlice, IoSliceMut, UninitSlice: the pieces of a gathering write and of a scattering read.
//
// Spec: socket.md T-8; conformance/io.cc.
//
// Each is a span with the layout of an iovec, so that an array of them goes to the kernel as it is.
//
//   Task<Result<void>> send(io::DuplexStream& to, std::string_view head, std::string_view body) {
//     std::array<io::IoSlice, 2> slices{io::IoSlice(head), io::IoSlice(body)};
//     co_return co_await to.write_all_vectored(slices);  // in one write, if there is room
//   }

#ifndef WEFT_IO_IO_SLICE_H_
#define WEFT_IO_IO_SLICE_H_

#include <cstddef>
#include <cstring>
#include <source_location>
#include <span>
#include <string_view>
#include <sys/uio.h>
#include <type_traits>

#include <weft/base/check.h>

namespace weft::io {

// Bytes to be written. Borrows them.
class IoSlice {
 public:
  IoSlice() noexcept = default;
  // SAFETY(cast): an iovec has no const form; nothing writes through a slice that is written from.
  // NOLINTNEXTLINE(google-explicit-constructor): a slice is how bytes are passed
  IoSlice(std::span<const std::byte> bytes) noexcept
      : native_{const_cast<std::byte*>(bytes.data()), bytes.size()} {}
  IoSlice(std::string_view text) noexcept  // NOLINT(google-explicit-constructor)
      : IoSlice(std::as_bytes(std::span(text))) {}

  std::span<const std::byte> bytes() const noexcept {
    return {static_cast<const std::byte*>(native_.iov_base), native_.iov_len};
  }
  std::size_t size() const noexcept { return native_.iov_len; }

  // Drops the first `size` bytes, which have been written. Fatal if there are fewer.
  void advance(std::size_t size,
               std::source_location where = std::source_location::current()) noexcept {
    WEFT_CHECK(size <= native_.iov_len, "IoSlice::advance: beyond its end", where);
    *this = IoSlice(bytes().subspan(size));
  }

 private:
  ::iovec native_{};
};

// Room to be read into. Borrows it.
class IoSliceMut {
 public:
  IoSliceMut() noexcept = default;
  IoSliceMut(std::span<std::byte> room) noexcept  // NOLINT(google-explicit-constructor)
      : native_{room.data(), room.size()} {}
  IoSliceMut(std::span<char> room) noexcept  // NOLINT(google-explicit-constructor)
      : IoSliceMut(std::as_writable_bytes(room)) {}

  std::span<std::byte> bytes() const noexcept {
    return {static_cast<std::byte*>(native_.iov_base), native_.iov_len};
  }
  std::size_t size() const noexcept { return native_.iov_len; }

  // Drops the first `size` bytes, which have been filled. Fatal if there are fewer.
  void advance(std::size_t size,
               std::source_location where = std::source_location::current()) noexcept {
    WEFT_CHECK(size <= native_.iov_len, "IoSliceMut::advance: beyond its end", where);
    *this = IoSliceMut(bytes().subspan(size));
  }

 private:
  ::iovec native_{};
};

// Room that was perhaps never written to: it can be, and hands out nothing to read. Borrows it.
class UninitSlice {
 public:
  UninitSlice() noexcept = default;
  UninitSlice(std::span<std::byte> room) noexcept  // NOLINT(google-explicit-constructor)
      : native_{room.data(), room.size()} {}

  std::size_t size() const noexcept { return native_.iov_len; }

  // Writes one byte; all of `bytes` at the beginning. Fatal at `where` beyond the end.
  void write(std::size_t index, std::byte value,
             std::source_location where = std::source_location::current()) noexcept {
    WEFT_CHECK(index < size(), "UninitSlice::write: beyond its end", where);
    data()[index] = value;
  }
  void copy_from(std::span<const std::byte> bytes,
                 std::source_location where = std::source_location::current()) noexcept {
    WEFT_CHECK(bytes.size() <= size(), "UninitSlice::copy_from: longer than the slice", where);
    if (!bytes.empty()) std::memcpy(data(), bytes.data(), bytes.size());
  }

  // Where it is, for system calls, which only write.
  std::byte* data() const noexcept { return static_cast<std::byte*>(native_.iov_base); }

 private:
  ::iovec native_{};
};

static_assert(sizeof(IoSlice) == sizeof(::iovec) && alignof(IoSlice) == alignof(::iovec) &&
              std::is_standard_layout_v<IoSlice> && std::is_trivially_copyable_v<IoSlice>);
static_assert(sizeof(IoSliceMut) == sizeof(::iovec) && alignof(IoSliceMut) == alignof(::iovec) &&
              std::is_standard_layout_v<IoSliceMut> && std::is_trivially_copyable_v<IoSliceMut>);
static_assert(sizeof(UninitSlice) == sizeof(::iovec) && alignof(UninitSlice) == alignof(::iovec) &&
              std::is_standard_layout_v<UninitSlice> && std::is_trivially_copyable_v<UninitSlice>);

// The same memory, as system calls want it.
inline std::span<const ::iovec> as_iovecs(std::span<const IoSlice> slices) noexcept {
  // SAFETY(cast): an IoSlice is an iovec and nothing else, as asserted above.
  return {reinterpret_cast<const ::iovec*>(slices.data()), slices.size()};
}
inline std::span<const ::iovec> as_iovecs(std::span<const IoSliceMut> slices) noexcept {
  // SAFETY(cast): an IoSliceMut is an iovec and nothing else, as asserted above.
  return {reinterpret_cast<const ::iovec*>(slices.data()), slices.size()};
}

// How many bytes there are in all of them.
template <class Slice>
std::size_t total_size(std::span<Slice> slices) noexcept {
  std::size_t total = 0;
  for (const auto& slice : slices) total += slice.size();
  return total;
}

}  // namespace weft::io

#endif  // WEFT_IO_IO_SLICE_H_
