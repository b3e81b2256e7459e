// read_u8 .. read_f64, write_u8 .. write_f64: numbers in a stream.
//
// Spec: io.md sections 2, 3, 5; IO-24.
//
// Big-endian, or with _le little-endian. Reading yields Result<T> and fails with unexpected_eof if
// the stream ends before; writing yields Result<void> and fails with write_zero if the writer takes
// no more. Those of one byte are cancel safe, the others are not: destroyed, they may have read or
// written a part.
//
//   // A message: its size, then its bytes.
//   Task<Result<void>> send(io::DuplexStream& stream, std::string_view message) {
//     const auto size = static_cast<std::uint32_t>(message.size());
//     const Result<void> written = co_await io::write_u32(stream, size);
//     if (!written) co_return written;
//     co_return co_await stream.write_all(message);
//   }

#ifndef WEFT_IO_NUMBERS_H_
#define WEFT_IO_NUMBERS_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/read.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

// A number as it stands in the stream. float and double have the representation of IEEE 754.
template <class T>
std::array<std::byte, sizeof(T)> to_bytes(T number, std::endian order) noexcept {
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(number);
  if (order != std::endian::native) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}
template <class T>
T from_bytes(std::array<std::byte, sizeof(T)> bytes, std::endian order) noexcept {
  if (order != std::endian::native) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <class T, std::endian kOrder, AsyncRead R>
class ReadNumber {
 public:
  explicit ReadNumber(R& reader) noexcept : reader_(&reader) {}
  Poll<Result<T>> operator()(Context& cx) {
    while (read_ < sizeof(T)) {
      const Poll<Result<std::size_t>> read =
          poll_read_into(*reader_, cx, std::span(bytes_).subspan(read_));
      if (read.is_pending()) return kPending;
      if (!*read) return Err(read->error());
      if (**read == 0) return Err(Errc::unexpected_eof);
      read_ += static_cast<std::uint8_t>(**read);
    }
    return Result<T>(from_bytes<T>(bytes_, kOrder));
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read of a number";

 private:
  R* reader_;
  std::array<std::byte, sizeof(T)> bytes_{};
  std::uint8_t read_ = 0;
};

template <class T, std::endian kOrder, AsyncWrite W>
class WriteNumber {
 public:
  WriteNumber(W& writer, T number) noexcept : writer_(&writer), bytes_(to_bytes(number, kOrder)) {}
  Poll<Result<void>> operator()(Context& cx) {
    while (written_ < sizeof(T)) {
      const Poll<Result<std::size_t>> written =
          model(*writer_).poll_write(cx, std::span(bytes_).subspan(written_));
      if (written.is_pending()) return kPending;
      if (!*written) return Err(written->error());
      if (**written == 0) return Err(Errc::write_zero);
      written_ += static_cast<std::uint8_t>(**written);
    }
    return Result<void>();
  }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "write of a number";

 private:
  W* writer_;
  std::array<std::byte, sizeof(T)> bytes_;
  std::uint8_t written_ = 0;
};

template <class T, std::endian kOrder, AsyncRead R>
auto read_number(R& reader) {
  return operation(ReadNumber<T, kOrder, R>(reader));
}
template <class T, std::endian kOrder, AsyncWrite W>
auto write_number(W& writer, T number) {
  return operation(WriteNumber<T, kOrder, W>(writer, number));
}

}  // namespace internal

template <AsyncRead R>
auto read_u8(R& reader) {
  return internal::read_number<std::uint8_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_i8(R& reader) {
  return internal::read_number<std::int8_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_u16(R& reader) {
  return internal::read_number<std::uint16_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_u16_le(R& reader) {
  return internal::read_number<std::uint16_t, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_i16(R& reader) {
  return internal::read_number<std::int16_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_i16_le(R& reader) {
  return internal::read_number<std::int16_t, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_u32(R& reader) {
  return internal::read_number<std::uint32_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_u32_le(R& reader) {
  return internal::read_number<std::uint32_t, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_i32(R& reader) {
  return internal::read_number<std::int32_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_i32_le(R& reader) {
  return internal::read_number<std::int32_t, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_u64(R& reader) {
  return internal::read_number<std::uint64_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_u64_le(R& reader) {
  return internal::read_number<std::uint64_t, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_i64(R& reader) {
  return internal::read_number<std::int64_t, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_i64_le(R& reader) {
  return internal::read_number<std::int64_t, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_u128(R& reader) {
  return internal::read_number<internal::UInt128, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_u128_le(R& reader) {
  return internal::read_number<internal::UInt128, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_i128(R& reader) {
  return internal::read_number<internal::Int128, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_i128_le(R& reader) {
  return internal::read_number<internal::Int128, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_f32(R& reader) {
  return internal::read_number<float, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_f32_le(R& reader) {
  return internal::read_number<float, std::endian::little>(reader);
}
template <AsyncRead R>
auto read_f64(R& reader) {
  return internal::read_number<double, std::endian::big>(reader);
}
template <AsyncRead R>
auto read_f64_le(R& reader) {
  return internal::read_number<double, std::endian::little>(reader);
}

template <AsyncWrite W>
auto write_u8(W& writer, std::uint8_t number) {
  return internal::write_number<std::uint8_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_i8(W& writer, std::int8_t number) {
  return internal::write_number<std::int8_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_u16(W& writer, std::uint16_t number) {
  return internal::write_number<std::uint16_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_u16_le(W& writer, std::uint16_t number) {
  return internal::write_number<std::uint16_t, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_i16(W& writer, std::int16_t number) {
  return internal::write_number<std::int16_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_i16_le(W& writer, std::int16_t number) {
  return internal::write_number<std::int16_t, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_u32(W& writer, std::uint32_t number) {
  return internal::write_number<std::uint32_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_u32_le(W& writer, std::uint32_t number) {
  return internal::write_number<std::uint32_t, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_i32(W& writer, std::int32_t number) {
  return internal::write_number<std::int32_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_i32_le(W& writer, std::int32_t number) {
  return internal::write_number<std::int32_t, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_u64(W& writer, std::uint64_t number) {
  return internal::write_number<std::uint64_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_u64_le(W& writer, std::uint64_t number) {
  return internal::write_number<std::uint64_t, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_i64(W& writer, std::int64_t number) {
  return internal::write_number<std::int64_t, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_i64_le(W& writer, std::int64_t number) {
  return internal::write_number<std::int64_t, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_u128(W& writer, internal::UInt128 number) {
  return internal::write_number<internal::UInt128, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_u128_le(W& writer, internal::UInt128 number) {
  return internal::write_number<internal::UInt128, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_i128(W& writer, internal::Int128 number) {
  return internal::write_number<internal::Int128, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_i128_le(W& writer, internal::Int128 number) {
  return internal::write_number<internal::Int128, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_f32(W& writer, float number) {
  return internal::write_number<float, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_f32_le(W& writer, float number) {
  return internal::write_number<float, std::endian::little>(writer, number);
}
template <AsyncWrite W>
auto write_f64(W& writer, double number) {
  return internal::write_number<double, std::endian::big>(writer, number);
}
template <AsyncWrite W>
auto write_f64_le(W& writer, double number) {
  return internal::write_number<double, std::endian::little>(writer, number);
}

}  // namespace weft::io

#endif  // WEFT_IO_NUMBERS_H_
