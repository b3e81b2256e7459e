// Ipv4Addr, Ipv6Addr, IpAddr: reading, printing, order.

#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <weft/net/ip_addr.h>

namespace weft::net {
namespace {

std::string reprinted_v4(std::string_view text) {
  const Result<Ipv4Addr> address = Ipv4Addr::parse(text);
  return address ? address->to_string() : "refused";
}
std::string reprinted_v6(std::string_view text) {
  const Result<Ipv6Addr> address = Ipv6Addr::parse(text);
  return address ? address->to_string() : "refused";
}

TEST(N65, Ipv4IsFourDecimalNumbers) {
  EXPECT_EQ(*Ipv4Addr::parse("127.0.0.1"), Ipv4Addr::localhost());
  EXPECT_EQ(*Ipv4Addr::parse("255.255.255.255"), Ipv4Addr::broadcast());
  EXPECT_EQ(*Ipv4Addr::parse("0.0.0.0"), Ipv4Addr::unspecified());
  EXPECT_EQ(*Ipv4Addr::parse("1.2.3.4"), Ipv4Addr(1, 2, 3, 4));
}

TEST(N65, OtherFormsOfIpv4AreRefused) {
  for (const std::string_view text :
       {"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "1.2.3.1000", "01.2.3.4",
        "1.2.3.00", "1.2.3.-4", "+1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "0x1.2.3.4", "1..2.3",
        "a.b.c.d", "99999999999.1.1.1"}) {
    const Result<Ipv4Addr> address = Ipv4Addr::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error(), std::errc::invalid_argument) << text;
  }
}

TEST(N65, Ipv4PrintsAsItIsRead) {
  for (const std::string_view text : {"0.0.0.0", "10.20.30.40", "255.255.255.255", "1.0.0.1"}) {
    EXPECT_EQ(reprinted_v4(text), text);
  }
}

TEST(N65, Ipv4BitsAndOctets) {
  const Ipv4Addr address = Ipv4Addr::from_bits(0x7f000001);
  EXPECT_EQ(address, Ipv4Addr::localhost());
  EXPECT_EQ(address.to_bits(), 0x7f000001u);
  EXPECT_EQ(address.octets(), (std::array<std::uint8_t, 4>{127, 0, 0, 1}));
}

TEST(N65, Ipv4Kinds) {
  EXPECT_TRUE(Ipv4Addr(127, 1, 2, 3).is_loopback());
  EXPECT_FALSE(Ipv4Addr(128, 0, 0, 1).is_loopback());
  EXPECT_TRUE(Ipv4Addr(224, 0, 0, 1).is_multicast());
  EXPECT_TRUE(Ipv4Addr(239, 255, 0, 1).is_multicast());
  EXPECT_FALSE(Ipv4Addr(240, 0, 0, 1).is_multicast());
  EXPECT_TRUE(Ipv4Addr::unspecified().is_unspecified());
  EXPECT_TRUE(Ipv4Addr::broadcast().is_broadcast());
  EXPECT_FALSE(Ipv4Addr::localhost().is_unspecified());
}

TEST(N65, Ipv6PrintsInTheCanonicalForm) {
  const std::vector<std::pair<std::string_view, std::string_view>> forms = {
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:db8::1", "2001:db8::1"},
      {"2001:DB8::A", "2001:db8::a"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"},  // one group is not shortened
      {"1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"},   // though it may be read so
      {"1:0:0:4:5:0:0:8", "1::4:5:0:0:8"},     // the first of equal runs
      {"1:0:0:4:0:0:0:8", "1:0:0:4::8"},       // the longest run
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {"::ffff:102:304", "::ffff:1.2.3.4"},
      {"::1.2.3.4", "::102:304"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"fe80::", "fe80::"},
  };
  for (const auto& [text, printed] : forms) EXPECT_EQ(reprinted_v6(text), printed) << text;
}

TEST(N65, OtherFormsOfIpv6AreRefused) {
  for (const std::string_view text : {"",
                                      ":",
                                      ":::",
                                      "1",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1::2::3",
                                      "12345::",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "g::",
                                      "1.2.3.4::",
                                      "1.2.3.4:1:2:3:4:5:6",
                                      "::1.2.3",
                                      "::1.2.3.4:5",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "::01.2.3.4",
                                      "[::1]",
                                      "::1%1",
                                      " ::1",
                                      "::1 ",
                                      "1:",
                                      ":1",
                                      "-1::",
                                      "0x1::"}) {
    EXPECT_EQ(reprinted_v6(text), "refused") << text;
  }
}

TEST(N65, Ipv6SegmentsAndOctets) {
  const Ipv6Addr address = *Ipv6Addr::parse("102:304::f00f");
  EXPECT_EQ(address.segments(),
            (std::array<std::uint16_t, 8>{0x102, 0x304, 0, 0, 0, 0, 0, 0xf00f}));
  EXPECT_EQ(address.octets()[1], 2);
  EXPECT_EQ(address.octets()[15], 0x0f);
  EXPECT_EQ(Ipv6Addr(address.segments()), address);
  EXPECT_EQ(Ipv6Addr(address.octets()), address);
}

TEST(N65, Ipv6Kinds) {
  EXPECT_TRUE(Ipv6Addr::localhost().is_loopback());
  EXPECT_FALSE(Ipv6Addr::unspecified().is_loopback());
  EXPECT_TRUE(Ipv6Addr::unspecified().is_unspecified());
  EXPECT_TRUE(Ipv6Addr::parse("ff02::1")->is_multicast());
  EXPECT_FALSE(Ipv6Addr::parse("fe80::1")->is_multicast());
  EXPECT_EQ(Ipv6Addr::parse("::ffff:1.2.3.4")->to_ipv4_mapped(), Ipv4Addr(1, 2, 3, 4));
  EXPECT_EQ(Ipv6Addr::parse("::1.2.3.4")->to_ipv4_mapped(), std::nullopt);
  EXPECT_EQ(Ipv6Addr::parse("1::ffff:1.2.3.4")->to_ipv4_mapped(), std::nullopt);
}

TEST(N65, EitherKindIsRead) {
  EXPECT_EQ(IpAddr::parse("1.2.3.4")->as_ipv4(), Ipv4Addr(1, 2, 3, 4));
  EXPECT_EQ(IpAddr::parse("::1")->as_ipv6(), Ipv6Addr::localhost());
  EXPECT_EQ(IpAddr::parse("1.2.3.4")->as_ipv6(), std::nullopt);
  EXPECT_EQ(IpAddr::parse("::1")->as_ipv4(), std::nullopt);
  EXPECT_EQ(IpAddr::parse("localhost").error(), std::errc::invalid_argument);
  EXPECT_TRUE(IpAddr::parse("::1")->is_loopback());
  EXPECT_TRUE(IpAddr::parse("::1")->is_ipv6());
  EXPECT_TRUE(IpAddr::parse("224.0.0.1")->is_multicast());
  EXPECT_TRUE(IpAddr::parse("0.0.0.0")->is_unspecified());
  EXPECT_TRUE(IpAddr::parse("0.0.0.0")->is_ipv4());
  std::ostringstream out;
  out << *IpAddr::parse("::1") << ' ' << Ipv4Addr(1, 2, 3, 4) << ' ' << Ipv6Addr::unspecified();
  EXPECT_EQ(out.str(), "::1 1.2.3.4 ::");
}

TEST(N67, AddressesAreOrderedByOctetsAndIpv4First) {
  EXPECT_LT(Ipv4Addr(1, 2, 3, 4), Ipv4Addr(1, 2, 4, 0));
  EXPECT_LT(Ipv4Addr(9, 0, 0, 0), Ipv4Addr(10, 0, 0, 0));
  EXPECT_LT(*Ipv6Addr::parse("::2"), *Ipv6Addr::parse("::1:0"));
  EXPECT_LT(IpAddr(Ipv4Addr::broadcast()), IpAddr(Ipv6Addr::unspecified()));
}

TEST(N67, EqualAddressesHashAlikeAndOthersDiffer) {
  std::unordered_set<IpAddr> set;
  for (int i = 0; i < 256; ++i) set.insert(Ipv4Addr(10, 0, 0, static_cast<std::uint8_t>(i)));
  set.insert(Ipv4Addr(10, 0, 0, 7));
  set.insert(Ipv6Addr::localhost());
  EXPECT_EQ(set.size(), 257u);
  std::unordered_set<std::size_t> hashes;
  for (const IpAddr& address : set) hashes.insert(std::hash<IpAddr>()(address));
  EXPECT_EQ(hashes.size(), set.size());
}

}  // namespace
}  // namespace weft::net
