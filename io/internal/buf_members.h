// BufMembers: what every buffer to read from can do, made of its three functions.
//
// Spec: io.md V-4.
//
// A class that has remaining(), chunk() and advance() derives from this and names itself:
//
//   class SpanBuf : public internal::BufMembers<SpanBuf> { ... };
//
// Numbers are big-endian; with _le little-endian, with _ne in the order of the machine. Where a
// number lies in one chunk, it is read there; otherwise it is put together first.

#ifndef WEFT_IO_INTERNAL_BUF_MEMBERS_H_
#define WEFT_IO_INTERNAL_BUF_MEMBERS_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/internal/byte_order.h>
#include <weft/io/io_slice.h>

namespace weft::io {

template <class B>
class BufTake;
template <class A, class B>
class BufChain;

namespace internal {

// CRTP. One thread at a time. get_* need the bytes to be there and are fatal at the caller's line
// if they are not; try_get_* fail with unexpected_eof then, and take nothing.
template <class Derived>
class BufMembers {
  using Where = std::source_location;

 public:
  bool has_remaining() const noexcept { return self().remaining() != 0; }

  // Fills `room` and moves on. Precondition: as many bytes remain.
  void copy_to_slice(std::span<std::byte> room, Where where = Where::current()) {
    WEFT_CHECK(room.size() <= self().remaining(), "Buf: fewer bytes remain than are asked for",
               where);
    copy_chunks(room);
  }
  Result<void> try_copy_to_slice(std::span<std::byte> room) {
    if (room.size() > self().remaining()) return Err(Errc::unexpected_eof);
    copy_chunks(room);
    return {};
  }

  // Puts the chunks that come next into `slices`, as many as fit, and returns how many; moves
  // nothing. Of a buffer that is one chunk, or does not say otherwise: that one.
  std::size_t chunks_vectored(std::span<IoSlice> slices) const {
    if (slices.empty() || !has_remaining()) return 0;
    slices[0] = IoSlice(self().chunk());
    return 1;
  }

  // The next `limit` bytes, or what there is, as a buffer; an lvalue is borrowed and moves along.
  BufTake<Derived&> take(std::size_t limit) & noexcept;
  BufTake<Derived> take(std::size_t limit) &&;
  // This and then `next`; lvalues are borrowed.
  template <class Next>
  BufChain<Derived&, Next> chain(Next&& next) &;
  template <class Next>
  BufChain<Derived, Next> chain(Next&& next) &&;

  std::uint8_t get_u8(Where where = Where::current()) {
    return get<std::uint8_t>(std::endian::big, where);
  }
  std::int8_t get_i8(Where where = Where::current()) {
    return get<std::int8_t>(std::endian::big, where);
  }
  std::uint16_t get_u16(Where where = Where::current()) {
    return get<std::uint16_t>(std::endian::big, where);
  }
  std::uint16_t get_u16_le(Where where = Where::current()) {
    return get<std::uint16_t>(std::endian::little, where);
  }
  std::uint16_t get_u16_ne(Where where = Where::current()) {
    return get<std::uint16_t>(std::endian::native, where);
  }
  std::int16_t get_i16(Where where = Where::current()) {
    return get<std::int16_t>(std::endian::big, where);
  }
  std::int16_t get_i16_le(Where where = Where::current()) {
    return get<std::int16_t>(std::endian::little, where);
  }
  std::int16_t get_i16_ne(Where where = Where::current()) {
    return get<std::int16_t>(std::endian::native, where);
  }
  std::uint32_t get_u32(Where where = Where::current()) {
    return get<std::uint32_t>(std::endian::big, where);
  }
  std::uint32_t get_u32_le(Where where = Where::current()) {
    return get<std::uint32_t>(std::endian::little, where);
  }
  std::uint32_t get_u32_ne(Where where = Where::current()) {
    return get<std::uint32_t>(std::endian::native, where);
  }
  std::int32_t get_i32(Where where = Where::current()) {
    return get<std::int32_t>(std::endian::big, where);
  }
  std::int32_t get_i32_le(Where where = Where::current()) {
    return get<std::int32_t>(std::endian::little, where);
  }
  std::int32_t get_i32_ne(Where where = Where::current()) {
    return get<std::int32_t>(std::endian::native, where);
  }
  std::uint64_t get_u64(Where where = Where::current()) {
    return get<std::uint64_t>(std::endian::big, where);
  }
  std::uint64_t get_u64_le(Where where = Where::current()) {
    return get<std::uint64_t>(std::endian::little, where);
  }
  std::uint64_t get_u64_ne(Where where = Where::current()) {
    return get<std::uint64_t>(std::endian::native, where);
  }
  std::int64_t get_i64(Where where = Where::current()) {
    return get<std::int64_t>(std::endian::big, where);
  }
  std::int64_t get_i64_le(Where where = Where::current()) {
    return get<std::int64_t>(std::endian::little, where);
  }
  std::int64_t get_i64_ne(Where where = Where::current()) {
    return get<std::int64_t>(std::endian::native, where);
  }
  unsigned __int128 get_u128(Where where = Where::current()) {
    return get<unsigned __int128>(std::endian::big, where);
  }
  unsigned __int128 get_u128_le(Where where = Where::current()) {
    return get<unsigned __int128>(std::endian::little, where);
  }
  unsigned __int128 get_u128_ne(Where where = Where::current()) {
    return get<unsigned __int128>(std::endian::native, where);
  }
  __int128 get_i128(Where where = Where::current()) {
    return get<__int128>(std::endian::big, where);
  }
  __int128 get_i128_le(Where where = Where::current()) {
    return get<__int128>(std::endian::little, where);
  }
  __int128 get_i128_ne(Where where = Where::current()) {
    return get<__int128>(std::endian::native, where);
  }
  float get_f32(Where where = Where::current()) { return get<float>(std::endian::big, where); }
  float get_f32_le(Where where = Where::current()) {
    return get<float>(std::endian::little, where);
  }
  float get_f32_ne(Where where = Where::current()) {
    return get<float>(std::endian::native, where);
  }
  double get_f64(Where where = Where::current()) { return get<double>(std::endian::big, where); }
  double get_f64_le(Where where = Where::current()) {
    return get<double>(std::endian::little, where);
  }
  double get_f64_ne(Where where = Where::current()) {
    return get<double>(std::endian::native, where);
  }
  // Of `size` bytes, at most 8; get_int takes the highest bit as the sign.
  std::uint64_t get_uint(std::size_t size, Where where = Where::current()) {
    return get_sized(size, std::endian::big, where);
  }
  std::uint64_t get_uint_le(std::size_t size, Where where = Where::current()) {
    return get_sized(size, std::endian::little, where);
  }
  std::uint64_t get_uint_ne(std::size_t size, Where where = Where::current()) {
    return get_sized(size, std::endian::native, where);
  }
  std::int64_t get_int(std::size_t size, Where where = Where::current()) {
    return sign_extended(get_sized(size, std::endian::big, where), size);
  }
  std::int64_t get_int_le(std::size_t size, Where where = Where::current()) {
    return sign_extended(get_sized(size, std::endian::little, where), size);
  }
  std::int64_t get_int_ne(std::size_t size, Where where = Where::current()) {
    return sign_extended(get_sized(size, std::endian::native, where), size);
  }

  Result<std::uint8_t> try_get_u8() { return try_get<std::uint8_t>(std::endian::big); }
  Result<std::int8_t> try_get_i8() { return try_get<std::int8_t>(std::endian::big); }
  Result<std::uint16_t> try_get_u16() { return try_get<std::uint16_t>(std::endian::big); }
  Result<std::uint16_t> try_get_u16_le() { return try_get<std::uint16_t>(std::endian::little); }
  Result<std::uint16_t> try_get_u16_ne() { return try_get<std::uint16_t>(std::endian::native); }
  Result<std::int16_t> try_get_i16() { return try_get<std::int16_t>(std::endian::big); }
  Result<std::int16_t> try_get_i16_le() { return try_get<std::int16_t>(std::endian::little); }
  Result<std::int16_t> try_get_i16_ne() { return try_get<std::int16_t>(std::endian::native); }
  Result<std::uint32_t> try_get_u32() { return try_get<std::uint32_t>(std::endian::big); }
  Result<std::uint32_t> try_get_u32_le() { return try_get<std::uint32_t>(std::endian::little); }
  Result<std::uint32_t> try_get_u32_ne() { return try_get<std::uint32_t>(std::endian::native); }
  Result<std::int32_t> try_get_i32() { return try_get<std::int32_t>(std::endian::big); }
  Result<std::int32_t> try_get_i32_le() { return try_get<std::int32_t>(std::endian::little); }
  Result<std::int32_t> try_get_i32_ne() { return try_get<std::int32_t>(std::endian::native); }
  Result<std::uint64_t> try_get_u64() { return try_get<std::uint64_t>(std::endian::big); }
  Result<std::uint64_t> try_get_u64_le() { return try_get<std::uint64_t>(std::endian::little); }
  Result<std::uint64_t> try_get_u64_ne() { return try_get<std::uint64_t>(std::endian::native); }
  Result<std::int64_t> try_get_i64() { return try_get<std::int64_t>(std::endian::big); }
  Result<std::int64_t> try_get_i64_le() { return try_get<std::int64_t>(std::endian::little); }
  Result<std::int64_t> try_get_i64_ne() { return try_get<std::int64_t>(std::endian::native); }
  Result<unsigned __int128> try_get_u128() { return try_get<unsigned __int128>(std::endian::big); }
  Result<unsigned __int128> try_get_u128_le() {
    return try_get<unsigned __int128>(std::endian::little);
  }
  Result<unsigned __int128> try_get_u128_ne() {
    return try_get<unsigned __int128>(std::endian::native);
  }
  Result<__int128> try_get_i128() { return try_get<__int128>(std::endian::big); }
  Result<__int128> try_get_i128_le() { return try_get<__int128>(std::endian::little); }
  Result<__int128> try_get_i128_ne() { return try_get<__int128>(std::endian::native); }
  Result<float> try_get_f32() { return try_get<float>(std::endian::big); }
  Result<float> try_get_f32_le() { return try_get<float>(std::endian::little); }
  Result<float> try_get_f32_ne() { return try_get<float>(std::endian::native); }
  Result<double> try_get_f64() { return try_get<double>(std::endian::big); }
  Result<double> try_get_f64_le() { return try_get<double>(std::endian::little); }
  Result<double> try_get_f64_ne() { return try_get<double>(std::endian::native); }
  Result<std::uint64_t> try_get_uint(std::size_t size, Where where = Where::current()) {
    return try_get_sized(size, std::endian::big, where);
  }
  Result<std::uint64_t> try_get_uint_le(std::size_t size, Where where = Where::current()) {
    return try_get_sized(size, std::endian::little, where);
  }
  Result<std::uint64_t> try_get_uint_ne(std::size_t size, Where where = Where::current()) {
    return try_get_sized(size, std::endian::native, where);
  }
  Result<std::int64_t> try_get_int(std::size_t size, Where where = Where::current()) {
    return try_get_sized(size, std::endian::big, where).transform([size](std::uint64_t value) {
      return sign_extended(value, size);
    });
  }
  Result<std::int64_t> try_get_int_le(std::size_t size, Where where = Where::current()) {
    return try_get_sized(size, std::endian::little, where).transform([size](std::uint64_t value) {
      return sign_extended(value, size);
    });
  }
  Result<std::int64_t> try_get_int_ne(std::size_t size, Where where = Where::current()) {
    return try_get_sized(size, std::endian::native, where).transform([size](std::uint64_t value) {
      return sign_extended(value, size);
    });
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
  const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }

  void copy_chunks(std::span<std::byte> room) {
    while (!room.empty()) {
      const std::span<const std::byte> chunk = self().chunk();
      const std::size_t size = std::min(chunk.size(), room.size());
      std::memcpy(room.data(), chunk.data(), size);
      self().advance(size);
      room = room.subspan(size);
    }
  }

  // Calls use(pointer to the next `size` bytes), which remain, and moves on.
  template <class Use>
  auto consume_bytes(std::size_t size, Use use) {
    const std::span<const std::byte> chunk = self().chunk();
    if (chunk.size() >= size) [[likely]] {
      const auto value = use(chunk.data());
      self().advance(size);
      return value;
    }
    std::array<std::byte, 16> gathered;
    copy_chunks(std::span(gathered).first(size));
    return use(gathered.data());
  }
  template <class T>
  T next_number(std::endian order) {
    return consume_bytes(sizeof(T),
                         [order](const std::byte* from) { return load_number<T>(from, order); });
  }
  std::uint64_t next_sized(std::size_t size, std::endian order) {
    return consume_bytes(size, [size, order](const std::byte* from) {
      return load_unsigned<std::uint64_t>(from, size, order);
    });
  }

  template <class T>
  T get(std::endian order, Where where) {
    WEFT_CHECK(sizeof(T) <= self().remaining(), "Buf::get: fewer bytes remain than the number has",
               where);
    return next_number<T>(order);
  }
  template <class T>
  Result<T> try_get(std::endian order) {
    if (sizeof(T) > self().remaining()) return Err(Errc::unexpected_eof);
    return next_number<T>(order);
  }
  std::uint64_t get_sized(std::size_t size, std::endian order, Where where) {
    check_size(size, where);
    WEFT_CHECK(size <= self().remaining(), "Buf::get: fewer bytes remain than the number has",
               where);
    return next_sized(size, order);
  }
  Result<std::uint64_t> try_get_sized(std::size_t size, std::endian order, Where where) {
    check_size(size, where);
    if (size > self().remaining()) return Err(Errc::unexpected_eof);
    return next_sized(size, order);
  }
  static void check_size(std::size_t size, Where where) {
    WEFT_CHECK(size <= 8, "Buf::get: a number of more than 8 bytes", where);
  }
  static std::int64_t sign_extended(std::uint64_t value, std::size_t size) noexcept {
    if (size == 0) return 0;
    const std::size_t unused = 64 - 8 * size;
    return std::bit_cast<std::int64_t>(value << unused) >> unused;
  }
};

}  // namespace internal
}  // namespace weft::io

#endif  // WEFT_IO_INTERNAL_BUF_MEMBERS_H_
