// The example in runtime/reactor/interest.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/interest.h>

#include <optional>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
using runtime::reactor::Interest;

// What is left to watch for when everything has been sent; nothing if that was all.
std::optional<Interest> when_sent(Interest interest) {
  return interest.remove(Interest::kWritable);
}
// [end]

TEST(DocExample, ReactorInterest) {
  EXPECT_EQ(when_sent(Interest::kReadable | Interest::kWritable), Interest::kReadable);
  EXPECT_EQ(when_sent(Interest::kWritable), std::nullopt);
  EXPECT_EQ((Interest::kReadable | Interest::kWritable).to_string(), "READABLE | WRITABLE");
}

}  // namespace
}  // namespace weft
