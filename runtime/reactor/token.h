// Token: what a program calls one of its sources when it registers it.
//
// Spec: reactor.md section 1.
//
// An opaque number: an index, an address, whatever finds the source again. It comes back untouched
// with every event of that source.
//
//   std::vector<std::string> connections;
//
//   Token token_of(std::size_t index) { return Token{index}; }
//   std::string& connection_of(Token token) { return connections[token.value]; }

#ifndef WEFT_RUNTIME_REACTOR_TOKEN_H_
#define WEFT_RUNTIME_REACTOR_TOKEN_H_

#include <compare>
#include <cstddef>
#include <type_traits>

namespace weft::runtime::reactor {

struct Token {
  std::size_t value;

  friend constexpr auto operator<=>(Token, Token) noexcept = default;
};

static_assert(std::is_trivially_copyable_v<Token>);

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_TOKEN_H_
