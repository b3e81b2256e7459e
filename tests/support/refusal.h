// refused and refusal: whether a test has to be skipped on this machine, and what its report says.
//
//   const Result<void> set = socket.set_tcp_congestion("reno");
//   if (refused(set)) GTEST_SKIP() << refusal(set);
//
// A test that cannot be run is skipped, so that somebody sees it; it never passes instead.

#ifndef WEFT_TESTS_SUPPORT_REFUSAL_H_
#define WEFT_TESTS_SUPPORT_REFUSAL_H_

#include <cerrno>
#include <string>

#include <weft/base/error.h>
#include <weft/base/result.h>

namespace weft::test_support {

// Whether this machine, and not the library, is why it failed: the kernel is without the option, or
// the user without the right. The one reason to skip a test.
template <class T>
bool refused(const Result<T>& result) {
  if (result) return false;
  for (const int number : {EPERM, EACCES, ENOPROTOOPT, EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT,
                           EAFNOSUPPORT, ENOSYS}) {
    if (result.error() == Error::from_errno(number)) return true;
  }
  return false;
}

// Why the test is skipped.
template <class T>
std::string refusal(const Result<T>& result) {
  const Error error = result.error();
  return "refused by this system: errno " + std::to_string(error.raw_os_error().value_or(0)) +
         ", " + error.to_string();
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_REFUSAL_H_
