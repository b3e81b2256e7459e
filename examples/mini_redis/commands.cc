// The commands on keys. Interface: commands.h.

#include <examples/mini_redis/commands.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <examples/mini_redis/wire.h>

namespace mini_redis {
namespace {

using Milliseconds = Store::Milliseconds;

constexpr std::string_view kNoInteger = "ERR value is not an integer or out of range";

// A hundred years: sums with the present time are far from any limit.
constexpr Milliseconds kLongestLifetime = std::chrono::hours(24 * 36525);

constexpr Milliseconds kSecond(1000);
constexpr Milliseconds kMillisecond(1);

std::string_view text(const Bytes& bytes) { return bytes.as_string_view(); }

Reply error(std::string_view what) { return Reply::error(Bytes::from_static(what)); }

// The beginning of what a client wrote, fit to stand in an error, which is one line.
std::string printable(const Bytes& word) {
  constexpr std::size_t kLongest = 64;
  std::string shown(text(word).substr(0, kLongest));
  std::replace_if(shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

Reply text_or_none(std::optional<Bytes> value) {
  return value ? Reply::text(*std::move(value)) : Reply();
}

// Nothing: no number, or too far away.
std::optional<Milliseconds> parse_lifetime(const Bytes& bytes, Milliseconds unit) {
  const std::optional<std::int64_t> number = parse_number(text(bytes));
  const std::int64_t most = kLongestLifetime / unit;
  if (!number || *number > most || *number < -most) return std::nullopt;
  return *number * unit;
}

Reply echo(const Request& request, Store&) { return Reply::text(request[1]); }

Reply get(const Request& request, Store& store) {
  return text_or_none(store.get(text(request[1])));
}

Reply mget(const Request& request, Store& store) {
  std::vector<Reply> values;
  for (std::size_t i = 1; i < request.size(); ++i) {
    values.push_back(text_or_none(store.get(text(request[i]))));
  }
  return Reply::array(std::move(values));
}

// SET key value [NX | XX] [EX seconds | PX milliseconds]
Reply set(const Request& request, Store& store) {
  std::optional<Milliseconds> lifetime;
  Store::Only only = Store::Only::kAlways;
  for (std::size_t i = 3; i < request.size(); ++i) {
    const bool in_seconds = is_word(request[i], "EX");
    const bool is_free = only == Store::Only::kAlways;
    if (is_free && is_word(request[i], "NX")) {
      only = Store::Only::kIfAbsent;
    } else if (is_free && is_word(request[i], "XX")) {
      only = Store::Only::kIfPresent;
    } else if (!lifetime && i + 1 < request.size() && (in_seconds || is_word(request[i], "PX"))) {
      ++i;
      if (!parse_number(text(request[i]))) return error(kNoInteger);
      lifetime = parse_lifetime(request[i], in_seconds ? kSecond : kMillisecond);
      if (!lifetime || *lifetime <= Milliseconds(0)) {
        return error("ERR invalid expire time in 'set' command");
      }
    } else {
      return error("ERR syntax error");
    }
  }
  const bool is_set = store.set(text(request[1]), text(request[2]), lifetime, only);
  return is_set ? Reply::status("OK") : Reply();
}

Reply mset(const Request& request, Store& store) {
  if (request.size() % 2 == 0) return wrong_arguments(request);
  for (std::size_t i = 1; i < request.size(); i += 2) {
    store.set(text(request[i]), text(request[i + 1]), std::nullopt);
  }
  return Reply::status("OK");
}

Reply add(const Request& request, Store& store, std::int64_t step) {
  const auto sum = store.increment(text(request[1]), step);
  if (sum) return Reply::integer(*sum);
  if (sum.error() == Store::NotIncremented::kNoNumber) return error(kNoInteger);
  return error("ERR increment or decrement would overflow");
}

Reply incr(const Request& request, Store& store) { return add(request, store, 1); }
Reply decr(const Request& request, Store& store) { return add(request, store, -1); }

Reply del(const Request& request, Store& store) {
  return Reply::integer(std::count_if(request.begin() + 1, request.end(),
                                      [&](const Bytes& key) { return store.erase(text(key)); }));
}

Reply exists(const Request& request, Store& store) {
  return Reply::integer(std::count_if(request.begin() + 1, request.end(),
                                      [&](const Bytes& key) { return store.contains(text(key)); }));
}

Reply expire_in(const Request& request, Store& store, Milliseconds unit) {
  if (!parse_number(text(request[2]))) return error(kNoInteger);
  const std::optional<Milliseconds> lifetime = parse_lifetime(request[2], unit);
  if (!lifetime) return error("ERR invalid expire time in 'expire' command");
  return Reply::integer(store.expire(text(request[1]), *lifetime) ? 1 : 0);
}

Reply expire(const Request& request, Store& store) { return expire_in(request, store, kSecond); }
Reply pexpire(const Request& request, Store& store) {
  return expire_in(request, store, kMillisecond);
}

// -2: no such key. -1: it does not expire.
Reply time_left(const Request& request, Store& store, Milliseconds unit) {
  const std::optional<Milliseconds> left = store.lifetime(text(request[1]));
  if (!left) return Reply::integer(-2);
  if (*left == Milliseconds::max()) return Reply::integer(-1);
  return Reply::integer((*left + unit / 2) / unit);
}

Reply ttl(const Request& request, Store& store) { return time_left(request, store, kSecond); }
Reply pttl(const Request& request, Store& store) { return time_left(request, store, kMillisecond); }

// redis-cli asks for descriptions of the commands, and can do without.
Reply command(const Request&, Store&) { return Reply::array({}); }

// redis-benchmark asks, and prints, whether anything is written to disk.
Reply config(const Request& request, Store&) {
  constexpr std::array<std::array<std::string_view, 3>, 2> kSettings = {
      {{"SAVE", "save", ""}, {"APPENDONLY", "appendonly", "no"}}};
  if (!is_word(request[1], "GET") || request.size() != 3) return unknown_command(request);
  std::vector<Reply> found;
  for (const auto& [in_capitals, name, value] : kSettings) {
    if (!is_word(request[2], in_capitals)) continue;
    found.push_back(Reply::text(Bytes::from_static(name)));
    found.push_back(Reply::text(Bytes::from_static(value)));
  }
  return Reply::array(std::move(found));
}

struct Command {
  std::string_view name;
  std::size_t least_arguments;  // the name counts
  std::size_t most_arguments;
  Reply (*execute)(const Request&, Store&);
};

constexpr std::size_t kAny = SIZE_MAX;

// Those that are asked for most come first.
constexpr std::array kCommands = {
    Command{"GET", 2, 2, get},          Command{"SET", 3, 6, set},
    Command{"INCR", 2, 2, incr},        Command{"DEL", 2, kAny, del},
    Command{"EXPIRE", 3, 3, expire},    Command{"TTL", 2, 2, ttl},
    Command{"EXISTS", 2, kAny, exists}, Command{"MGET", 2, kAny, mget},
    Command{"MSET", 3, kAny, mset},     Command{"DECR", 2, 2, decr},
    Command{"PEXPIRE", 3, 3, pexpire},  Command{"PTTL", 2, 2, pttl},
    Command{"ECHO", 2, 2, echo},        Command{"COMMAND", 1, kAny, command},
    Command{"CONFIG", 2, kAny, config},
};

}  // namespace

bool is_word(const Bytes& word, std::string_view name) {
  const std::string_view written = text(word);
  return std::equal(written.begin(), written.end(), name.begin(), name.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
  });
}

Reply wrong_arguments(const Request& request) {
  return Reply::error("ERR wrong number of arguments for '" + printable(request[0]) + "' command");
}

Reply unknown_command(const Request& request) {
  return Reply::error("ERR unknown command '" + printable(request[0]) + "'");
}

Reply execute(const Request& request, Store& store) {
  for (const Command& candidate : kCommands) {
    if (!is_word(request[0], candidate.name)) continue;
    if (request.size() < candidate.least_arguments || request.size() > candidate.most_arguments) {
      return wrong_arguments(request);
    }
    return candidate.execute(request, store);
  }
  return unknown_command(request);
}

}  // namespace mini_redis
