// The example in net/unix_listener.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/unix_listener.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/accept_backoff.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Takes the place of a server that is gone: its file is still there, but nobody answers.
Task<Result<net::UnixListener>> listen_at(std::filesystem::path path) {
  const Result<net::UnixStream> other = co_await net::UnixStream::connect(path);
  if (other) co_return Err(std::errc::address_in_use);
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  co_return net::UnixListener::bind(path);
}
// [end]

TEST(DocExample, NetUnixListener) {
  const std::string name = "weft_example_" + std::to_string(::getpid());
  const std::filesystem::path path = std::filesystem::temp_directory_path() / name;
  test::block_on([](std::filesystem::path at) -> Task<> {
    auto first = (co_await listen_at(at)).value();
    EXPECT_EQ((co_await listen_at(at)).error(), std::errc::address_in_use);
    EXPECT_TRUE(first.close());
    EXPECT_TRUE(co_await listen_at(at));
  }(path));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace weft
