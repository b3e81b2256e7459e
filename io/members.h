// ReadMembers, WriteMembers, BufReadMembers, SeekMembers: the operations as members of a stream.
//
// Spec: api.md "I/O"; io.md sections 2, 3.
//
// A stream that derives from those that fit it, and names itself, has as members what else are free
// functions: stream.write_all("x") for io::write_all(stream, "x"). See read.h, read_to_end.h,
// write.h, buf_read.h, lines.h, numbers.h and seek.h for what each does. All streams of weft::io do
// so; a stream of a user's may.
//
//   class Ones : public io::ReadMembers<Ones> {
//    public:
//     Poll<Result<void>> poll_read(Context&, io::ReadBuf& buf) {
//       for (std::byte& byte : buf.initialize_unfilled()) byte = std::byte{1};
//       buf.advance(buf.remaining());
//       return Result<void>();
//     }
//   };
//
//   Task<Result<std::uint16_t>> two_ones() {
//     Ones ones;
//     co_return co_await ones.read_u16();
//   }

#ifndef WEFT_IO_MEMBERS_H_
#define WEFT_IO_MEMBERS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/io/buf.h>
#include <weft/io/buf_read.h>
#include <weft/io/io_slice.h>
#include <weft/io/lines.h>
#include <weft/io/numbers.h>
#include <weft/io/read.h>
#include <weft/io/read_to_end.h>
#include <weft/io/seek.h>
#include <weft/io/seek_from.h>
#include <weft/io/write.h>

namespace weft::io {

// Derived: an AsyncRead.
template <class Derived>
class ReadMembers {
 public:
  auto read(std::span<std::byte> room) { return io::read(self(), room); }
  auto read(std::span<char> room) { return io::read(self(), room); }
  auto read_vectored(std::span<IoSliceMut> slices) { return io::read_vectored(self(), slices); }
  auto read_exact(std::span<std::byte> room) { return io::read_exact(self(), room); }
  auto read_exact(std::span<char> room) { return io::read_exact(self(), room); }
  template <BufMut B>
  auto read_buf(B& buffer) {
    return io::read_buf(self(), buffer);
  }
  auto read_to_end(std::vector<std::byte>& vec) { return io::read_to_end(self(), vec); }
  auto read_to_string(std::string& text) { return io::read_to_string(self(), text); }

  auto read_u8() { return io::read_u8(self()); }
  auto read_i8() { return io::read_i8(self()); }
  auto read_u16() { return io::read_u16(self()); }
  auto read_u16_le() { return io::read_u16_le(self()); }
  auto read_i16() { return io::read_i16(self()); }
  auto read_i16_le() { return io::read_i16_le(self()); }
  auto read_u32() { return io::read_u32(self()); }
  auto read_u32_le() { return io::read_u32_le(self()); }
  auto read_i32() { return io::read_i32(self()); }
  auto read_i32_le() { return io::read_i32_le(self()); }
  auto read_u64() { return io::read_u64(self()); }
  auto read_u64_le() { return io::read_u64_le(self()); }
  auto read_i64() { return io::read_i64(self()); }
  auto read_i64_le() { return io::read_i64_le(self()); }
  auto read_u128() { return io::read_u128(self()); }
  auto read_u128_le() { return io::read_u128_le(self()); }
  auto read_i128() { return io::read_i128(self()); }
  auto read_i128_le() { return io::read_i128_le(self()); }
  auto read_f32() { return io::read_f32(self()); }
  auto read_f32_le() { return io::read_f32_le(self()); }
  auto read_f64() { return io::read_f64(self()); }
  auto read_f64_le() { return io::read_f64_le(self()); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

// Derived: an AsyncWrite.
template <class Derived>
class WriteMembers {
 public:
  auto write(std::span<const std::byte> data) { return io::write(self(), data); }
  auto write(std::string_view text) { return io::write(self(), text); }
  auto write_all(std::span<const std::byte> data) { return io::write_all(self(), data); }
  auto write_all(std::string_view text) { return io::write_all(self(), text); }
  auto write_vectored(std::span<const IoSlice> slices) {
    return io::write_vectored(self(), slices);
  }
  auto write_all_vectored(std::span<IoSlice> slices) {
    return io::write_all_vectored(self(), slices);
  }
  template <Buf B>
  auto write_buf(B& buffer) {
    return io::write_buf(self(), buffer);
  }
  template <Buf B>
  auto write_all_buf(B& buffer) {
    return io::write_all_buf(self(), buffer);
  }
  auto flush() { return io::flush(self()); }
  auto shutdown() { return io::shutdown(self()); }

  auto write_u8(std::uint8_t number) { return io::write_u8(self(), number); }
  auto write_i8(std::int8_t number) { return io::write_i8(self(), number); }
  auto write_u16(std::uint16_t number) { return io::write_u16(self(), number); }
  auto write_u16_le(std::uint16_t number) { return io::write_u16_le(self(), number); }
  auto write_i16(std::int16_t number) { return io::write_i16(self(), number); }
  auto write_i16_le(std::int16_t number) { return io::write_i16_le(self(), number); }
  auto write_u32(std::uint32_t number) { return io::write_u32(self(), number); }
  auto write_u32_le(std::uint32_t number) { return io::write_u32_le(self(), number); }
  auto write_i32(std::int32_t number) { return io::write_i32(self(), number); }
  auto write_i32_le(std::int32_t number) { return io::write_i32_le(self(), number); }
  auto write_u64(std::uint64_t number) { return io::write_u64(self(), number); }
  auto write_u64_le(std::uint64_t number) { return io::write_u64_le(self(), number); }
  auto write_i64(std::int64_t number) { return io::write_i64(self(), number); }
  auto write_i64_le(std::int64_t number) { return io::write_i64_le(self(), number); }
  auto write_u128(internal::UInt128 number) { return io::write_u128(self(), number); }
  auto write_u128_le(internal::UInt128 number) { return io::write_u128_le(self(), number); }
  auto write_i128(internal::Int128 number) { return io::write_i128(self(), number); }
  auto write_i128_le(internal::Int128 number) { return io::write_i128_le(self(), number); }
  auto write_f32(float number) { return io::write_f32(self(), number); }
  auto write_f32_le(float number) { return io::write_f32_le(self(), number); }
  auto write_f64(double number) { return io::write_f64(self(), number); }
  auto write_f64_le(double number) { return io::write_f64_le(self(), number); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

// Derived: an AsyncBufRead.
template <class Derived>
class BufReadMembers {
 public:
  auto fill_buf() { return io::fill_buf(self()); }
  auto read_until(std::byte delimiter, std::vector<std::byte>& vec) {
    return io::read_until(self(), delimiter, vec);
  }
  auto read_line(std::string& text) { return io::read_line(self(), text); }
  // Borrow the stream, or move it in.
  auto lines() & { return io::lines(self()); }
  auto lines() && { return io::lines(std::move(self())); }
  auto split(std::byte delimiter) & { return io::split(self(), delimiter); }
  auto split(std::byte delimiter) && { return io::split(std::move(self()), delimiter); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

// Derived: an AsyncSeek.
template <class Derived>
class SeekMembers {
 public:
  auto seek(SeekFrom where) { return io::seek(self(), where); }
  auto rewind() { return io::rewind(self()); }
  auto stream_position() { return io::stream_position(self()); }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace weft::io

#endif  // WEFT_IO_MEMBERS_H_
