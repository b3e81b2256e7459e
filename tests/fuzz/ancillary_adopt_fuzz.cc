// Taking ownership of what a kernel would have written: of the bytes, the first says at what
// alignment, the second how many descriptors are taken out; the others are the control messages, in
// which open descriptors take the places of the numbers.

#include <cstddef>
#include <cstdint>
#include <span>

#include <tests/fuzz/ancillary_checks.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::size_t misalignment = std::to_integer<std::size_t>(bytes[0]) % 16;
  const std::size_t take = std::to_integer<std::size_t>(bytes[1]);
  weft::test_support::check_adoption(bytes.subspan(2), misalignment, take);
  return 0;
}
