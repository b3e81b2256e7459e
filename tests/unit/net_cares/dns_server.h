// DnsServer: a name server for tests, on a port of the loopback.
//
//   weft.test    has an address of each family
//   large.test   has them, too, but by UDP only says that there is too much
//   silent.test  gets no answer
//   others       do not exist

#ifndef WEFT_TESTS_UNIT_NET_CARES_DNS_SERVER_H_
#define WEFT_TESTS_UNIT_NET_CARES_DNS_SERVER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <weft/net/net.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>

namespace weft::test_support {

class DnsServer {
 public:
  // Answers until the current runtime ends.
  static Task<DnsServer> start() {
    // Both protocols have to have the port: it is TCP that chooses.
    for (;;) {
      auto listener = (co_await net::TcpListener::bind("127.0.0.1:0")).value();
      const net::SocketAddr address = listener.local_addr().value();
      auto socket = co_await net::UdpSocket::bind(address);
      if (!socket) continue;
      auto asked = std::make_shared<Counts>();
      spawn(serve_datagrams(*std::move(socket), asked));
      spawn(serve_connections(std::move(listener), asked));
      co_return DnsServer(address, std::move(asked));
    }
  }

  const net::SocketAddr& address() const { return address_; }
  // How many questions have come, by each protocol.
  int datagrams() const { return asked_->datagrams; }
  int connections() const { return asked_->connections; }

 private:
  struct Counts {
    int datagrams = 0;
    int connections = 0;
  };
  enum class By { kDatagram, kConnection };

  DnsServer(const net::SocketAddr& address, std::shared_ptr<Counts> asked)
      : address_(address), asked_(std::move(asked)) {}

  static Task<> serve_datagrams(net::UdpSocket socket, std::shared_ptr<Counts> asked) {
    std::array<char, 512> room;
    for (;;) {
      const auto got = co_await socket.recv_from(room);
      if (!got) co_return;
      const auto& [size, from] = *got;
      ++asked->datagrams;
      const auto reply = answer(std::string_view(room.data(), size), By::kDatagram);
      if (!reply) continue;
      const auto sent = co_await socket.send_to(*reply, from);
      if (!sent) co_return;
    }
  }

  static Task<> serve_connections(net::TcpListener listener, std::shared_ptr<Counts> asked) {
    for (;;) {
      auto accepted = co_await listener.accept();
      if (!accepted) co_return;
      ++asked->connections;
      spawn(serve_connection(std::move(accepted->first)));
    }
  }

  // Messages have their length in front, and several questions may come over one connection.
  static Task<> serve_connection(net::TcpStream stream) {
    std::array<char, 512> room;
    for (;;) {
      const auto length = co_await stream.read_u16();
      if (!length) co_return;
      const auto got = co_await stream.read_exact(std::span(room).first(*length));
      if (!got) co_return;
      const auto reply = answer(std::string_view(room.data(), *length), By::kConnection);
      if (!reply) continue;
      std::string framed;
      append(framed, static_cast<std::uint16_t>(reply->size()));
      framed += *reply;
      // In two pieces, the second of which is read by another call.
      const auto first = co_await stream.write_all(std::string_view(framed).substr(0, 1));
      if (!first) co_return;
      const auto second = co_await stream.write_all(std::string_view(framed).substr(1));
      if (!second) co_return;
    }
  }

  static void append(std::string& to, std::uint16_t number) {
    to += static_cast<char>(number >> 8);
    to += static_cast<char>(number & 0xff);
  }

  // The reply to one question (RFC 1035, section 4.1); none if it is to stay without.
  static std::optional<std::string> answer(std::string_view query, By by) {
    constexpr std::size_t kHeader = 12;
    constexpr std::uint16_t kReply = 0x8180, kTruncated = 0x0200, kNoSuchName = 3;
    std::string name;
    std::size_t at = kHeader;
    while (query[at] != 0) {
      const auto length = static_cast<unsigned char>(query[at]);
      name.append(query.substr(at + 1, length)).append(".");
      at += 1 + length;
    }
    const std::string_view question = query.substr(kHeader, at + 1 + 4 - kHeader);
    const auto type = static_cast<unsigned char>(query[at + 2]);
    if (name == "silent.test.") return std::nullopt;
    const bool is_large = name == "large.test.";
    const bool exists = is_large || name == "weft.test.";
    const bool cut = is_large && by == By::kDatagram;
    const std::string_view data = !exists || cut ? "" : address_of(type);

    std::string reply(query.substr(0, 2));
    append(reply, kReply | (cut ? kTruncated : 0) | (exists ? 0 : kNoSuchName));
    for (const int count : {1, data.empty() ? 0 : 1, 0, 0}) {
      append(reply, static_cast<std::uint16_t>(count));
    }
    reply += question;
    if (data.empty()) return reply;
    append(reply, 0xc00c);  // the question's name
    append(reply, type);
    for (const std::uint16_t number : {1, 0, 60}) append(reply, number);  // internet, 60 s
    append(reply, static_cast<std::uint16_t>(data.size()));
    reply += data;
    return reply;
  }

  // 192.0.2.7 and 2001:db8::7.
  static std::string_view address_of(unsigned char type) {
    using std::string_view_literals::operator""sv;
    if (type == 1) return "\xc0\x00\x02\x07"sv;
    if (type == 28) return "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07"sv;
    return {};
  }

  net::SocketAddr address_;
  std::shared_ptr<Counts> asked_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_UNIT_NET_CARES_DNS_SERVER_H_
