// Pipe: a combinator that waits for its stream: stream | map(f) is map(stream, f).
//
// Spec: api.md (pipe).
//
// Pipes can be put together before there is a stream: auto evens = filter(is_even) | take(3).

#ifndef WEFT_STREAM_INTERNAL_PIPE_H_
#define WEFT_STREAM_INTERNAL_PIPE_H_

#include <type_traits>
#include <utility>

#include <weft/stream/concepts.h>

namespace weft::stream::internal {

template <class Function>
class Pipe;

template <class T>
inline constexpr bool kIsPipe = false;
template <class Function>
inline constexpr bool kIsPipe<Pipe<Function>> = true;

// `Function` takes the stream, an rvalue or an lvalue. Used once.
template <class Function>
class [[nodiscard]] Pipe {
 public:
  explicit Pipe(Function function) : function_(std::move(function)) {}

  template <class S>
  auto apply(S&& stream) && {
    return std::move(function_)(std::forward<S>(stream));
  }

 private:
  Function function_;
};

template <class S, class Function>
[[nodiscard]] auto operator|(S&& left, Pipe<Function> right) {
  if constexpr (kIsPipe<std::remove_cvref_t<S>>) {
    return Pipe([first = std::forward<S>(left),
                 second = std::move(right)]<class From>(From&& from) mutable {
      return std::move(second).apply(std::move(first).apply(std::forward<From>(from)));
    });
  } else {
    static_assert(Stream<S>,
                  "weft::stream: what stands left of `|` is not a stream: it needs a member next() "
                  "whose co_await yields a std::optional");
    if constexpr (Stream<S>) return std::move(right).apply(std::forward<S>(left));
  }
}

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_PIPE_H_
