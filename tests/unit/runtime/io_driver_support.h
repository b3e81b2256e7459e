// What the I/O driver's tests have in common: a driver turned by hand, and operations that count.

#ifndef WEFT_TESTS_UNIT_RUNTIME_IO_DRIVER_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_IO_DRIVER_SUPPORT_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <tests/support/mock_task.h>
#include <tests/support/raw_sockets.h>
#include <weft/base/sys.h>
#include <weft/runtime/driver/io_driver.h>
#include <weft/runtime/driver/io_registration.h>

namespace weft::internal {

using runtime::Interest;
using runtime::Ready;
using test_support::MockTask;
using test_support::Polled;

// A driver that is shut down in the end, as its runtime would.
struct TestDriver {
  RefPtr<IoDriver> driver = IoDriver::create(64).value();
  ~TestDriver() { driver->shutdown(); }

  // What sockets and pipes of this process caused has reached the kernel's queue when the call that
  // caused it returned, so that one turn without waiting hands it out.
  void turn() { driver->turn(std::chrono::nanoseconds::zero()); }

  IoRegistration watch(OwnedFd fd, IoKind kind = IoKind::kStream,
                       Interest interest = Interest::kReadable | Interest::kWritable) {
    return IoRegistration::create(*driver, std::move(fd), kind, interest).value();
  }
};

// Reads up to `room` bytes, and counts its tries.
struct CountedRead {
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  Ready wanted() const noexcept { return Ready::kReadable | Ready::kReadClosed; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    ++*tries;
    return sys::read(fd, room);
  }
  bool is_short(std::size_t n) const noexcept { return n > 0 && n < room.size(); }

  std::span<std::byte> room;
  int* tries;
};

// The same without the guess.
struct PatientRead : CountedRead {
  static constexpr bool kTryFirst = false;
};

struct CountedWrite {
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  Ready wanted() const noexcept { return Ready::kWritable | Ready::kWriteClosed; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    ++*tries;
    return sys::send(fd, data, 0);
  }
  bool is_short(std::size_t n) const noexcept { return n > 0 && n < data.size(); }

  std::span<const std::byte> data;
  int* tries;
};

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Room for what the operations of a test read, and their count.
struct Reading {
  std::array<std::byte, 16> buffer{};
  int tries = 0;

  CountedRead read() { return {buffer, &tries}; }
  PatientRead patient_read() { return {{buffer, &tries}}; }
  CountedRead read(std::size_t most) { return {std::span(buffer).first(most), &tries}; }
};

}  // namespace weft::internal

#endif  // WEFT_TESTS_UNIT_RUNTIME_IO_DRIVER_SUPPORT_H_
