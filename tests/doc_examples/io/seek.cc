// The example in io/seek.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/seek.h>

#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// A stream with positions and nothing else.
struct Tape {
  Result<void> start_seek(io::SeekFrom to) {
    at = to.origin() == io::SeekFrom::Origin::kStart ? to.position() : 100 + to.offset();
    return {};
  }
  Poll<Result<std::uint64_t>> poll_complete(Context&) { return Result<std::uint64_t>(at); }
  std::uint64_t at = 0;
};

// [example]
Task<Result<std::uint64_t>> size_of(Tape& tape) {
  const Result<std::uint64_t> end = co_await io::seek(tape, io::SeekFrom::end(0));
  const Result<void> back = co_await io::rewind(tape);
  if (!back) co_return Err(back.error());
  co_return end;
}
// [end]

TEST(DocExample, IoSeek) {
  Tape tape;
  EXPECT_EQ(test::block_on(size_of(tape)), 100U);
  EXPECT_EQ(tape.at, 0U);
}

}  // namespace
}  // namespace weft
