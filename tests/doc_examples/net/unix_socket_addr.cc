// The example in net/unix_socket_addr.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/unix_socket_addr.h>

#include <gtest/gtest.h>

#include <weft/base/result.h>

namespace weft {
namespace {

TEST(DocExample, NetUnixSocketAddr) {
  // [example]
  Result<net::UnixSocketAddr> file = net::UnixSocketAddr::from_pathname("/run/service.sock");
  Result<net::UnixSocketAddr> hidden = net::UnixSocketAddr::from_abstract_name("service");
  bool is_file = file->as_pathname() == "/run/service.sock";  // true
  bool is_nameless = hidden->is_unnamed();                    // false
  // [end]
  EXPECT_TRUE(is_file);
  EXPECT_FALSE(is_nameless);
}

}  // namespace
}  // namespace weft
