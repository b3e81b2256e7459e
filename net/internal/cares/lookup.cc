// CaresLookup. Interface and design: lookup.h.

#include <weft/net/internal/cares/lookup.h>

#include <algorithm>
#include <ares.h>
#include <memory>
#include <netdb.h>
#include <new>
#include <sys/time.h>
#include <system_error>
#include <utility>

#include <weft/base/sys.h>
#include <weft/net/internal/resolver.h>
#include <weft/net/internal/socket_name.h>
#include <weft/runtime/driver/current_io.h>
#include <weft/runtime/poll_fn.h>

namespace weft::net::internal {

namespace {

using Addresses = CaresLookup::Addresses;

struct FreeAddrInfo {
  void operator()(::ares_addrinfo* found) const noexcept { ::ares_freeaddrinfo(found); }
};

Error to_error(int status) noexcept {
  switch (status) {
    case ARES_ENOMEM:
      return std::errc::not_enough_memory;
    case ARES_ETIMEOUT:
      return std::errc::timed_out;
    case ARES_ECONNREFUSED:
      return std::errc::connection_refused;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return Errc::cancelled;
    default:
      return Errc::other;  // as unknown names are, and servers that answer nonsense
  }
}

// Once in the life of the process: the library counts, but not for several threads at a time.
bool library_is_ready() noexcept {
  static const bool ready = ::ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  return ready;
}

Addresses addresses_of(const ::ares_addrinfo& found, std::uint16_t port) {
  std::vector<SocketAddr> addresses;
  for (const ::ares_addrinfo_node* node = found.nodes; node != nullptr; node = node->ai_next) {
    ::addrinfo entry{};
    entry.ai_family = node->ai_family;
    entry.ai_addr = node->ai_addr;
    entry.ai_addrlen = node->ai_addrlen;
    Result<SocketAddr> address = to_address(entry);
    if (!address) continue;  // of a family that we do not know
    address->set_port(port);
    addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

CaresLookup::~CaresLookup() {
  // Calls on_found(), if that has not been, and on_socket(): while everything is still here.
  if (channel_ != nullptr) ::ares_destroy(channel_);
}

Result<void> CaresLookup::start(const std::string& host, const CaresOptions& options,
                                std::source_location where) {
  where_ = where;
  static_cast<void>(weft::internal::current_io_driver(where));  // fatal if there is none
  if (!library_is_ready()) return Err(std::errc::not_enough_memory);
  ::ares_options chosen{};
  int mask = ARES_OPT_SOCK_STATE_CB;
  chosen.sock_state_cb = &on_socket;
  chosen.sock_state_cb_data = this;
  if (options.timeout) {
    chosen.timeout = static_cast<int>(options.timeout->count());
    mask |= ARES_OPT_TIMEOUTMS;
  }
  if (options.tries) {
    chosen.tries = *options.tries;
    mask |= ARES_OPT_TRIES;
  }
  Result<RealTimer> timer = RealTimer::create(where);
  if (!timer) return Err(timer.error());
  timer_.emplace(*std::move(timer));
  const int made = ::ares_init_options(&channel_, &chosen, mask);
  if (made != ARES_SUCCESS) return Err(to_error(made));
  if (!options.servers.empty()) {
    const int set = ::ares_set_servers_ports_csv(channel_, options.servers.c_str());
    if (set != ARES_SUCCESS) return Err(to_error(set));
  }
  ::ares_addrinfo_hints hints{};
  hints.ai_socktype = SOCK_STREAM;  // else each address comes once for each type
  ::ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &on_found, this);
  set_timer();
  return {};
}

void CaresLookup::set_timer() noexcept {
  ::timeval longest{5, 0};  // what it waits for an answer by itself
  ::timeval room{};
  const ::timeval* const left = ::ares_timeout(channel_, &longest, &room);
  // It says how many whole milliseconds are left; asked sooner than after one more, it would say 0
  // again and again.
  timer_->set(std::chrono::seconds(left->tv_sec) + std::chrono::microseconds(left->tv_usec) +
              std::chrono::milliseconds(1));
}

Poll<Result<void>> CaresLookup::poll(Context& cx) {
  Poll<Result<void>> sockets = poll_sockets(cx);
  return sockets.is_ready() ? std::move(sockets) : timer_->poll(cx);
}

Poll<Result<void>> CaresLookup::poll_sockets(Context& cx) {
  polled_.clear();
  for (const Watched& watched : watched_) {
    // News of the past is forgotten first; what comes from here on wakes us, or poll(2) sees it.
    // The write side also tells of errors, which is what a refusal by UDP is.
    for (;;) {
      Poll<Result<io::ReadyGuard>> news = watched.socket.poll_read_ready(cx);
      if (news.is_pending()) break;
      if (!*news) return Result<void>(Err((*news).error()));
      (*news)->clear_ready();
    }
    for (;;) {
      Poll<Result<io::ReadyGuard>> news = watched.socket.poll_write_ready(cx);
      if (news.is_pending()) break;
      if (!*news) return Result<void>(Err((*news).error()));
      (*news)->clear_ready();
    }
    polled_.push_back({watched.socket.get(), watched.events, 0});
  }
  const Result<std::size_t> ready = sys::poll(polled_, 0);
  if (!ready) return Result<void>(Err(ready.error()));
  if (*ready == 0) return kPending;
  return Result<void>();
}

void CaresLookup::process() {
  // Sockets may be closed and opened meanwhile; a number that c-ares has no use for it ignores.
  for (const ::pollfd& socket : polled_) {
    if (socket.revents == 0) continue;
    const bool writable = (socket.revents & POLLOUT) != 0;
    const bool readable = (socket.revents & ~POLLOUT) != 0;
    ::ares_process_fd(channel_, readable ? socket.fd : ARES_SOCKET_BAD,
                      writable ? socket.fd : ARES_SOCKET_BAD);
  }
  ::ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  set_timer();
}

// Neither callback lets an exception into C.
void CaresLookup::on_socket(void* self, int fd, int wants_read, int wants_write) noexcept {
  auto& lookup = *static_cast<CaresLookup*>(self);
  const int events = (wants_read != 0 ? POLLIN : 0) | (wants_write != 0 ? POLLOUT : 0);
  Result<void> done;
  try {
    done = lookup.watch(fd, static_cast<short>(events));
  } catch (const std::bad_alloc&) {
    done = Err(std::errc::not_enough_memory);
  }
  if (!done && !lookup.is_done()) lookup.fail(done.error());
}

void CaresLookup::on_found(void* self, int status, int, ::ares_addrinfo* found) noexcept {
  auto& lookup = *static_cast<CaresLookup*>(self);
  const std::unique_ptr<::ares_addrinfo, FreeAddrInfo> owner(found);
  if (lookup.is_done()) return;  // it has failed before
  if (status != ARES_SUCCESS) return lookup.fail(to_error(status));
  try {
    lookup.found_.emplace(addresses_of(*found, lookup.port_));
  } catch (const std::bad_alloc&) {
    lookup.fail(std::errc::not_enough_memory);
  }
}

Result<void> CaresLookup::watch(int fd, short events) {
  const auto known =
      std::ranges::find(watched_, fd, [](const Watched& w) { return w.socket.get(); });
  if (events == 0) {
    // About to be closed.
    if (known != watched_.end()) watched_.erase(known);
    return {};
  }
  if (known != watched_.end()) {
    known->events = events;
    return {};
  }
  watched_.reserve(watched_.size() + 1);
  auto socket =
      io::AsyncFd<int>::create(fd, io::Interest::kReadable | io::Interest::kWritable, where_);
  if (!socket) return Err(socket.error());
  watched_.push_back({*std::move(socket), events});
  return {};
}

Task<Addresses> look_up_by_cares(std::string host, std::uint16_t port, CaresOptions options,
                                 std::source_location where) {
  CaresLookup lookup(port);
  const Result<void> started = lookup.start(host, options, where);
  if (!started) co_return Err(started.error());
  while (!lookup.is_done()) {
    const Result<void> ready = co_await poll_fn([&lookup](Context& cx) { return lookup.poll(cx); });
    if (!ready) co_return Err(ready.error());
    lookup.process();
  }
  co_return lookup.take();
}

Task<Addresses> resolve_name(std::string host, std::uint16_t port) {
  return look_up_by_cares(std::move(host), port, CaresOptions());
}

}  // namespace weft::net::internal
