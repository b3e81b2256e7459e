// The example in stream/buffered.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/buffered.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/collect.h>
#include <weft/stream/sources.h>
#include <weft/testing/paused_runtime.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

Task<std::string> fetch(std::string name) {
  co_await time::sleep(1s);
  co_return name + "!";
}

// [example]
// Three at a time: five take two seconds and not five.
Task<std::vector<std::string>> fetch_all(std::vector<std::string> names) {
  auto pages = stream::iter(std::move(names)) | stream::map(fetch) | stream::buffered(3);
  co_return co_await stream::collect(std::move(pages));
}
// [end]

TEST(DocExample, StreamBuffered) {
  test::PausedRuntime runtime;
  EXPECT_EQ(runtime.block_on(fetch_all({"a", "b", "c", "d", "e"})).back(), "e!");
  EXPECT_EQ(runtime.elapsed(), 2s);
}

}  // namespace
}  // namespace weft
