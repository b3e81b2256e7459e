// The example in stream/fuse.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/fuse.h>

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/sources.h>
#include <weft/stream/stream_map.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> first_to_close() {
  const auto numbers = [](int count) { return std::vector<int>(std::size_t(count)); };
  stream::StreamMap<std::string, decltype(stream::notify_close(stream::iter(numbers(0))))> map;
  static_cast<void>(map.insert("long", stream::notify_close(stream::iter(numbers(100)))));
  static_cast<void>(map.insert("empty", stream::notify_close(stream::iter(numbers(0)))));
  while (auto found = co_await map.next()) {
    auto& [key, item] = *found;
    if (!item) co_return key;
  }
  co_return "";
}
// [end]

TEST(DocExample, StreamFuse) { EXPECT_EQ(test::block_on(first_to_close()), "empty"); }

}  // namespace
}  // namespace weft
