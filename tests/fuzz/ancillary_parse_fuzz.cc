// The parser of control messages on any bytes: the first says at what alignment.

#include <cstddef>
#include <cstdint>
#include <span>

#include <tests/fuzz/ancillary_checks.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::size_t misalignment = std::to_integer<std::size_t>(bytes[0]) % 16;
  weft::test_support::MisalignedCopy control(bytes.subspan(1), misalignment);
  weft::test_support::check_parser(control.bytes());
  return 0;
}
