// BufMutMembers: what every buffer to write to can do, made of its three functions.
//
// Spec: io.md V-4.
//
// A class that has remaining_mut(), chunk_mut() and advance_mut() derives from this and names
// itself. Numbers are big-endian; with _le little-endian, with _ne in the order of the machine.

#ifndef WEFT_IO_INTERNAL_BUF_MUT_MEMBERS_H_
#define WEFT_IO_INTERNAL_BUF_MUT_MEMBERS_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <span>
#include <string_view>
#include <utility>

#include <weft/base/check.h>
#include <weft/io/internal/byte_order.h>

namespace weft::io {

template <class B>
class BufMutLimit;

namespace internal {

// CRTP. One thread at a time. Fatal at the caller's line if what is put does not fit; a buffer that
// grows throws std::bad_alloc instead.
template <class Derived>
class BufMutMembers {
  using Where = std::source_location;

 public:
  bool has_remaining_mut() const noexcept { return self().remaining_mut() != 0; }

  void put_slice(std::span<const std::byte> bytes, Where where = Where::current()) {
    WEFT_CHECK(bytes.size() <= self().remaining_mut(), "BufMut::put: no room for as many bytes",
               where);
    while (!bytes.empty()) {
      const std::span<std::byte> room = self().chunk_mut();
      const std::size_t size = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), size);
      self().advance_mut(size);
      bytes = bytes.subspan(size);
    }
  }
  void put_slice(std::string_view text, Where where = Where::current()) {
    put_slice(std::as_bytes(std::span(text)), where);
  }
  // `value`, `count` times.
  void put_bytes(std::byte value, std::size_t count, Where where = Where::current()) {
    WEFT_CHECK(count <= self().remaining_mut(), "BufMut::put: no room for as many bytes", where);
    while (count > 0) {
      const std::span<std::byte> room = self().chunk_mut();
      const std::size_t size = std::min(room.size(), count);
      std::fill_n(room.begin(), size, value);
      self().advance_mut(size);
      count -= size;
    }
  }
  // All that remains in `source`, a Buf, which is used up.
  template <class Source>
  void put_buf(Source& source, Where where = Where::current()) {
    WEFT_CHECK(source.remaining() <= self().remaining_mut(),
               "BufMut::put: no room for as many bytes", where);
    while (source.remaining() > 0) {
      const std::span<const std::byte> chunk = source.chunk();
      const std::size_t size = chunk.size();
      self().put_slice(chunk, where);
      source.advance(size);
    }
  }

  // The same buffer, that takes at most `size` bytes; an lvalue is borrowed.
  BufMutLimit<Derived&> limit(std::size_t size) & noexcept;
  BufMutLimit<Derived> limit(std::size_t size) &&;

  void put_u8(std::uint8_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_i8(std::int8_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_u16(std::uint16_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_u16_le(std::uint16_t value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_u16_ne(std::uint16_t value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_i16(std::int16_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_i16_le(std::int16_t value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_i16_ne(std::int16_t value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_u32(std::uint32_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_u32_le(std::uint32_t value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_u32_ne(std::uint32_t value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_i32(std::int32_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_i32_le(std::int32_t value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_i32_ne(std::int32_t value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_u64(std::uint64_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_u64_le(std::uint64_t value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_u64_ne(std::uint64_t value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_i64(std::int64_t value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_i64_le(std::int64_t value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_i64_ne(std::int64_t value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_u128(unsigned __int128 value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_u128_le(unsigned __int128 value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_u128_ne(unsigned __int128 value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_i128(__int128 value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_i128_le(__int128 value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_i128_ne(__int128 value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_f32(float value, Where where = Where::current()) { put(value, std::endian::big, where); }
  void put_f32_le(float value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_f32_ne(float value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  void put_f64(double value, Where where = Where::current()) {
    put(value, std::endian::big, where);
  }
  void put_f64_le(double value, Where where = Where::current()) {
    put(value, std::endian::little, where);
  }
  void put_f64_ne(double value, Where where = Where::current()) {
    put(value, std::endian::native, where);
  }
  // The low `size` bytes, at most 8.
  void put_uint(std::uint64_t value, std::size_t size, Where where = Where::current()) {
    put_sized(value, size, std::endian::big, where);
  }
  void put_uint_le(std::uint64_t value, std::size_t size, Where where = Where::current()) {
    put_sized(value, size, std::endian::little, where);
  }
  void put_uint_ne(std::uint64_t value, std::size_t size, Where where = Where::current()) {
    put_sized(value, size, std::endian::native, where);
  }
  void put_int(std::int64_t value, std::size_t size, Where where = Where::current()) {
    put_sized(static_cast<std::uint64_t>(value), size, std::endian::big, where);
  }
  void put_int_le(std::int64_t value, std::size_t size, Where where = Where::current()) {
    put_sized(static_cast<std::uint64_t>(value), size, std::endian::little, where);
  }
  void put_int_ne(std::int64_t value, std::size_t size, Where where = Where::current()) {
    put_sized(static_cast<std::uint64_t>(value), size, std::endian::native, where);
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
  const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }

  template <class T>
  void put(T value, std::endian order, Where where) {
    std::array<std::byte, sizeof(T)> bytes;
    store_number(value, bytes.data(), order);
    self().put_slice(std::span<const std::byte>(bytes), where);
  }
  void put_sized(std::uint64_t value, std::size_t size, std::endian order, Where where) {
    WEFT_CHECK(size <= 8, "BufMut::put: a number of more than 8 bytes", where);
    std::array<std::byte, 8> bytes;
    store_unsigned(value, bytes.data(), size, order);
    self().put_slice(std::span<const std::byte>(bytes).first(size), where);
  }
};

}  // namespace internal
}  // namespace weft::io

#endif  // WEFT_IO_INTERNAL_BUF_MUT_MEMBERS_H_
