// scaled: how many of something a large test uses; fewer under sanitizers, which make everything
// several times slower and larger.
//
//   constexpr int kTasks = scaled(1'000'000);

#ifndef WEFT_TESTS_SUPPORT_SCALE_H_
#define WEFT_TESTS_SUPPORT_SCALE_H_

namespace weft::test_support {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kScaleDown = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr int kScaleDown = 10;
#else
inline constexpr int kScaleDown = 1;
#endif
#else
inline constexpr int kScaleDown = 1;
#endif

constexpr int scaled(int count) noexcept { return count / kScaleDown; }

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_SCALE_H_
