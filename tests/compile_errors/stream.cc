// Mistakes with streams. ST-48: errors of type are told in words by the compiler.

#include <weft/stream/stream.h>

#include <vector>

namespace stream = weft::stream;

[[maybe_unused]] stream::AsyncGenerator<int> numbers() { co_yield 1; }

void program() {
// expect pipe_of_no_stream: what stands left of `|` is not a stream
#if defined(CASE_pipe_of_no_stream)
  auto s = std::vector{1} | stream::take(1);
#endif
// expect map_of_another_type: map: the function cannot be called with the stream's item
#if defined(CASE_map_of_another_type)
  auto s = numbers() | stream::map([](std::vector<int> v) { return v; });
#endif
// expect map_to_nothing: map: the function returns nothing, use for_each
#if defined(CASE_map_to_nothing)
  auto s = stream::map(numbers(), [](int) {});
#endif
// expect filter_without_bool: filter: the function has to take `const Item&` and return bool
#if defined(CASE_filter_without_bool)
  auto s = stream::filter(numbers(), [](int) { return std::vector{1}; });
#endif
// expect then_not_awaitable: then: what the function returns cannot be awaited, use map
#if defined(CASE_then_not_awaitable)
  auto s = stream::then(numbers(), [](int i) { return i; });
#endif
// expect for_each_of_a_task: for_each: what the function returns has to be awaited, use
#if defined(CASE_for_each_of_a_task)
  auto s = stream::for_each(numbers(), [](int) -> weft::Task<> { co_return; });
#endif
// expect buffered_values: buffered: the stream's items cannot be awaited
#if defined(CASE_buffered_values)
  auto s = stream::buffered(numbers(), 2);
#endif
// expect merge_of_two_types: merge: the two streams have items of different types
#if defined(CASE_merge_of_two_types)
  auto s = stream::merge(numbers(), stream::once(1.5));
#endif
// expect map_of_no_stream: Stream
#if defined(CASE_map_of_no_stream)
  auto s = stream::map(7, [](int i) { return i; });
#endif
}
