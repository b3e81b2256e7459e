// The example in io/bytes.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/bytes.h>

#include <string>

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(DocExample, IoBytes) {
  // [example]
  io::Bytes message(std::string("GET /index.html"));  // moved in
  io::Bytes method = message.split_to(3);
  io::Bytes path = message.slice(1, message.size());
  io::Bytes copy = path;  // the same memory
  // [end]
  EXPECT_EQ(method, "GET");
  EXPECT_EQ(path, "/index.html");
  EXPECT_EQ(copy.data(), path.data());
}

}  // namespace
}  // namespace weft
