// load_number, store_number: numbers as bytes in a given order.
//
// Spec: io.md V-4.
//
// Written as shifts, which both compilers turn into one move, with a byte swap where one is needed;
// so there is neither an alignment to care about nor an order of the machine.

#ifndef WEFT_IO_INTERNAL_BYTE_ORDER_H_
#define WEFT_IO_INTERNAL_BYTE_ORDER_H_

#include <bit>
#include <cstddef>
#include <cstdint>

namespace weft::io::internal {

template <std::size_t kSize>
struct UnsignedOf;
template <>
struct UnsignedOf<1> {
  using type = std::uint8_t;
};
template <>
struct UnsignedOf<2> {
  using type = std::uint16_t;
};
template <>
struct UnsignedOf<4> {
  using type = std::uint32_t;
};
template <>
struct UnsignedOf<8> {
  using type = std::uint64_t;
};
template <>
struct UnsignedOf<16> {
  using type = unsigned __int128;
};

// The number in the `size` bytes at `from`.
template <class U>
U load_unsigned(const std::byte* from, std::size_t size, std::endian order) noexcept {
  U value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t shift = 8 * (order == std::endian::big ? size - 1 - i : i);
    value = static_cast<U>(value | static_cast<U>(static_cast<U>(from[i]) << shift));
  }
  return value;
}
// Writes the low `size` bytes of `value` to `to`.
template <class U>
void store_unsigned(U value, std::byte* to, std::size_t size, std::endian order) noexcept {
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t shift = 8 * (order == std::endian::big ? size - 1 - i : i);
    to[i] = static_cast<std::byte>(static_cast<std::uint8_t>(value >> shift));
  }
}

// T: an integer or floating point type of 1 to 16 bytes.
template <class T>
T load_number(const std::byte* from, std::endian order) noexcept {
  using U = typename UnsignedOf<sizeof(T)>::type;
  return std::bit_cast<T>(load_unsigned<U>(from, sizeof(T), order));
}
template <class T>
void store_number(T value, std::byte* to, std::endian order) noexcept {
  using U = typename UnsignedOf<sizeof(T)>::type;
  store_unsigned(std::bit_cast<U>(value), to, sizeof(T), order);
}

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_BYTE_ORDER_H_
