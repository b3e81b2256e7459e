// The example in runtime/reactor/token.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/token.h>

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weft {
namespace {

using runtime::reactor::Token;

// [example]
std::vector<std::string> connections;

Token token_of(std::size_t index) { return Token{index}; }
std::string& connection_of(Token token) { return connections[token.value]; }
// [end]

TEST(DocExample, ReactorToken) {
  connections = {"first", "second"};
  EXPECT_EQ(connection_of(token_of(1)), "second");
}

}  // namespace
}  // namespace weft
