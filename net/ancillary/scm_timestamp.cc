// ScmTimestamp. Interface: scm_timestamp.h.

#include <weft/net/ancillary/scm_timestamp.h>

#include <cstdint>
#include <ctime>
#include <limits>
#include <sys/socket.h>
#include <sys/time.h>

#include <weft/net/ancillary/internal/plain_payload.h>

namespace weft::net {
namespace {

using std::chrono::nanoseconds;

// The bytes may be anyone's, so nothing is taken for granted of the numbers in them.
nanoseconds clamped(std::int64_t seconds, std::int64_t nanos) noexcept {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kPerSecond - 1;
  if (seconds > kMost) return nanoseconds::max();
  if (seconds < -kMost) return nanoseconds::min();
  if (nanos < 0 || nanos >= kPerSecond) nanos = 0;
  return nanoseconds(seconds * kPerSecond + nanos);
}

}  // namespace

bool ScmTimestamp::matches(const ControlMessage& message) noexcept {
  return internal::is_payload<::timeval>(message, SOL_SOCKET, SCM_TIMESTAMP) ||
         internal::is_payload<::timespec>(message, SOL_SOCKET, SCM_TIMESTAMPNS);
}

std::optional<ScmTimestamp> ScmTimestamp::from(const ControlMessage& message) noexcept {
  if (const auto time = internal::payload<::timespec>(message, SOL_SOCKET, SCM_TIMESTAMPNS)) {
    return ScmTimestamp{clamped(time->tv_sec, time->tv_nsec)};
  }
  if (const auto time = internal::payload<::timeval>(message, SOL_SOCKET, SCM_TIMESTAMP)) {
    const bool valid = time->tv_usec >= 0 && time->tv_usec < 1'000'000;
    return ScmTimestamp{clamped(time->tv_sec, valid ? time->tv_usec * 1000 : 0)};
  }
  return std::nullopt;
}

}  // namespace weft::net
