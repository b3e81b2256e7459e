// connect_happy_eyeballs. Interface: happy_eyeballs.h.

#include <weft/net/happy_eyeballs.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <weft/runtime/select.h>
#include <weft/task/join_set.h>
#include <weft/time/sleep.h>

namespace weft::net {

namespace {

using Attempts = JoinSet<Result<TcpStream>>;
using Ended = std::optional<JoinResult<Result<TcpStream>>>;

// The families by turns, beginning with the first address's; else in their order.
std::vector<SocketAddr> interleaved(const std::vector<SocketAddr>& addresses) {
  std::vector<SocketAddr> first;
  std::vector<SocketAddr> second;
  for (const SocketAddr& address : addresses) {
    const bool as_first = address.is_ipv4() == addresses.front().is_ipv4();
    (as_first ? first : second).push_back(address);
  }
  std::vector<SocketAddr> mixed;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) mixed.push_back(first[i]);
    if (i < second.size()) mixed.push_back(second[i]);
  }
  return mixed;
}

// The next attempt that ends; nothing if `delay` passes before.
Task<Ended> ended_within(Attempts& attempts, std::chrono::nanoseconds delay) {
  auto first = co_await select_biased(attempts.join_next(), time::sleep(delay));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return Ended();
}

Task<Ended> ended(Attempts& attempts) {
  Ended next = co_await attempts.join_next();
  co_return next;
}

}  // namespace

Task<Result<TcpStream>> connect_happy_eyeballs(ToSocketAddrs to, std::chrono::nanoseconds delay,
                                               std::source_location where) {
  const Result<std::vector<SocketAddr>> found = co_await std::move(to).resolve();
  if (!found) co_return Err(found.error());
  const std::vector<SocketAddr> addresses = interleaved(*found);
  Attempts attempts;  // destroyed, it ends what still goes on
  Error last = std::errc::invalid_argument;
  for (std::size_t next = 0;;) {
    if (next < addresses.size()) attempts.spawn(TcpStream::connect(addresses[next++], where));
    if (attempts.empty()) co_return Err(last);
    Ended end;
    if (next < addresses.size()) {
      end = co_await ended_within(attempts, delay);
    } else {
      end = co_await ended(attempts);
    }
    if (!end) continue;                         // time for another
    if (!*end) co_return Err(Errc::cancelled);  // the runtime is shutting down
    if (**end) co_return std::move(**end);
    last = (**end).error();
  }
}

}  // namespace weft::net
