// Any streams in a StreamMap: what the map polls, keeps, removes and yields.
//
// Spec: ST-19.
//
// The first byte seeds the map's random numbers; each 0xff after it begins another stream, each
// 0xfe is a poll that finds nothing, any other byte an item. Properties, of every poll of the map:
// no stream is polled twice; if nothing comes, each was polled; exactly those that have ended are
// gone. And in the end: each stream's items have come, in order.

#include <weft/stream/stream_map.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <weft/runtime/builder.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/runtime.h>
#include <weft/stream/internal/stream_base.h>

namespace {

using weft::Context;
using weft::Poll;
using Byte = std::uint8_t;
constexpr Byte kStream = 0xff;
constexpr Byte kPause = 0xfe;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Account {
  int polls = 0;
  bool has_ended = false;
  std::vector<Byte> yielded;
};

class Script : public weft::stream::internal::StreamBase<Script, Byte> {
 public:
  Script(std::deque<Byte> steps, std::shared_ptr<Account> account)
      : steps_(std::move(steps)), account_(std::move(account)) {}

 private:
  friend class weft::stream::internal::StreamBase<Script, Byte>;
  Poll<std::optional<Byte>> poll_item(Context&) {
    require(!account_->has_ended);
    ++account_->polls;
    account_->has_ended = steps_.empty();
    if (account_->has_ended) return std::optional<Byte>();
    const Byte step = steps_.front();
    steps_.pop_front();
    if (step == kPause) return weft::kPending;
    return std::optional<Byte>(step);
  }
  weft::stream::SizeHint hint() const { return {0, std::nullopt}; }

  std::deque<Byte> steps_;
  std::shared_ptr<Account> account_;
};

using Map = weft::stream::StreamMap<std::size_t, Script>;
using Accounts = std::vector<std::shared_ptr<Account>>;

// True: the map is at its end.
bool poll_once(Map& map, const Accounts& accounts) {
  for (const auto& account : accounts) account->polls = 0;
  std::vector<bool> had_ended;
  for (const auto& account : accounts) had_ended.push_back(account->has_ended);

  Context cx(weft::Waker::noop());
  const auto polled = map.poll_next(cx);
  const bool has_item = polled.is_ready() && polled->has_value();
  if (has_item) accounts[(*polled)->first]->yielded.push_back((*polled)->second);
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    require(accounts[i]->polls <= 1);
    if (!has_item && !had_ended[i]) require(accounts[i]->polls == 1);
    require(map.contains(i) != accounts[i]->has_ended);
  }
  if (polled.is_pending()) require(!map.empty());
  return polled.is_ready() && !has_item;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 512) return 0;
  auto runtime =
      weft::runtime::Builder::new_current_thread()
          .rng_seed(weft::runtime::RngSeed::from_bytes(std::as_bytes(std::span(data, 1))))
          .build()
          .value();
  const auto entered = runtime.enter();

  std::vector<std::deque<Byte>> scripts(1);
  for (std::size_t i = 1; i < size; ++i) {
    if (data[i] == kStream) {
      scripts.emplace_back();
    } else {
      scripts.back().push_back(data[i]);
    }
  }
  Map map;
  Accounts accounts;
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    accounts.push_back(std::make_shared<Account>());
    require(!map.insert(i, Script(scripts[i], accounts[i])));
  }
  for (std::size_t polls = 0; !poll_once(map, accounts); ++polls) require(polls <= 2 * size);
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    std::erase(scripts[i], kPause);
    require(accounts[i]->yielded == std::vector<Byte>(scripts[i].begin(), scripts[i].end()));
  }
  return 0;
}
