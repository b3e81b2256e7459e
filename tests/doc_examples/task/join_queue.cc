// The example in task/join_queue.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/join_queue.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<std::string> fetch(std::string url) { co_return "<" + url + ">"; }

// [example]
Task<std::string> concatenate(std::vector<std::string> urls) {
  JoinQueue<std::string> pages;
  for (const std::string& url : urls) pages.spawn(fetch, url);  // all at once
  std::string all;
  for (;;) {
    const auto page = co_await pages.join_next();  // in the order of the urls
    if (!page) co_return all;
    all += page->value();
  }
}
// [end]

TEST(DocExample, TaskJoinQueue) { EXPECT_EQ(test::block_on(concatenate({"a", "b"})), "<a><b>"); }

}  // namespace
}  // namespace weft
