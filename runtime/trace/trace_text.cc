#include <weft/runtime/trace/trace_text.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace weft::internal {
namespace {

bool is_moment(TraceKind kind) noexcept {
  return kind == TraceKind::kSteal || kind == TraceKind::kTimers;
}
bool queues_task(TraceKind kind) noexcept {
  return kind == TraceKind::kWake || kind == TraceKind::kSpawn;
}

const char* category_of(TraceKind kind) noexcept {
  switch (kind) {
    case TraceKind::kRun:
    case TraceKind::kRoot:
      return "run";
    case TraceKind::kSpawn:
      return "spawn";
    case TraceKind::kWake:
      return "wake";
    case TraceKind::kPark:
      return "park";
    case TraceKind::kBlocking:
      return "blocking";
    case TraceKind::kSteal:
      return "steal";
    case TraceKind::kTimers:
      return "timers";
  }
  return "";
}

// A wake-up and the run that followed, each as a place among all events.
using Flows = std::unordered_map<const TraceEvent*, std::uint64_t>;

// Between two runs of a task it is queued once, and the clock is the same for all threads: so the
// run that was queued is the first of that task that begins later.
Flows find_flows(std::span<const TraceTrack> tracks) {
  std::vector<const TraceEvent*> order;
  for (const TraceTrack& track : tracks) {
    for (const TraceEvent& event : track.events) {
      if (event.kind == TraceKind::kRun || queues_task(event.kind)) order.push_back(&event);
    }
  }
  std::ranges::sort(order, [](const TraceEvent* a, const TraceEvent* b) {
    if (a->number != b->number) return a->number < b->number;
    if (a->begin != b->begin) return a->begin < b->begin;
    return queues_task(a->kind) && !queues_task(b->kind);
  });
  Flows flows;
  std::uint64_t next = 1;
  for (std::size_t i = 1; i < order.size(); ++i) {
    const TraceEvent* const first = order[i - 1];
    const TraceEvent* const second = order[i];
    if (first->number != second->number || !queues_task(first->kind)) continue;
    if (second->kind != TraceKind::kRun) continue;
    flows[first] = next;
    flows[second] = next;
    ++next;
  }
  return flows;
}

// Appends JSON, one event a line.
class Text {
 public:
  explicit Text(std::int64_t start) : start_(start) {
    text_ = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  }

  void thread_name(const TraceTrack& track);
  void event(const TraceEvent& event, std::uint64_t thread);
  void flow(const TraceEvent& event, std::uint64_t thread, std::uint64_t flow);
  std::string finish(std::uint64_t lost) {
    text_ += "\n],\"otherData\":{\"lost_events\":" + std::to_string(lost) + "}}\n";
    return std::move(text_);
  }

 private:
  // Phase, thread and time; to be continued.
  void begin_event(char phase, std::uint64_t thread, std::int64_t at);
  void name_of(const TraceEvent& event);
  void arguments_of(const TraceEvent& event);
  void string(std::string_view value);
  std::string microseconds(std::int64_t nanoseconds) const;

  const std::int64_t start_;
  std::string text_;
  bool is_first_ = true;
};

std::string Text::microseconds(std::int64_t nanoseconds) const {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%lld.%03d", static_cast<long long>(nanoseconds / 1000),
                static_cast<int>(nanoseconds % 1000));
  return buffer;
}

// How many bytes the character has that `text` begins with; 0 if it is not valid UTF-8.
std::size_t length_of_character(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xc0U) == 0x80; };
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool is_too_long = first == 0xe0 && second < 0xa0;
    const bool is_surrogate = first == 0xed && second >= 0xa0;
    return follows(1) && follows(2) && !is_too_long && !is_surrogate ? 3 : 0;
  }
  const bool is_plane = (first == 0xf0 && second >= 0x90) || (first > 0xf0 && first < 0xf4) ||
                        (first == 0xf4 && second < 0x90);
  return is_plane && follows(1) && follows(2) && follows(3) ? 4 : 0;
}

void Text::string(std::string_view value) {
  text_ += '"';
  while (!value.empty()) {
    const std::size_t length = length_of_character(value);
    const char character = value.front();
    const auto byte = static_cast<unsigned char>(character);
    if (length == 0) {
      // A name may be cut in the middle of a character; a file that is not UTF-8 is not opened.
      text_ += "\\ufffd";
    } else if (character == '"' || character == '\\') {
      text_ += '\\';
      text_ += character;
    } else if (byte < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(byte));
      text_ += buffer;
    } else {
      text_ += value.substr(0, length);
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  text_ += '"';
}

void Text::begin_event(char phase, std::uint64_t thread, std::int64_t at) {
  if (!std::exchange(is_first_, false)) text_ += ",\n";
  text_ += "{\"ph\":\"";
  text_ += phase;
  text_ += "\",\"pid\":1,\"tid\":" + std::to_string(thread);
  // Nothing can precede the start but a thread that read the clock just before.
  text_ += ",\"ts\":" + microseconds(std::max<std::int64_t>(at - start_, 0));
}

void Text::name_of(const TraceEvent& event) {
  text_ += ",\"name\":";
  switch (event.kind) {
    case TraceKind::kRun:
    case TraceKind::kBlocking:
      if (event.name_length != 0) return string(event.name_view());
      return string((event.kind == TraceKind::kRun ? "task " : "blocking task ") +
                    std::to_string(event.number));
    case TraceKind::kRoot:
      return string("block_on");
    case TraceKind::kSpawn:
      return string("spawn " + std::to_string(event.number));
    case TraceKind::kWake:
      return string("wake " + std::to_string(event.number));
    case TraceKind::kPark:
      return string("parked");
    case TraceKind::kSteal:
      return string("steal");
    case TraceKind::kTimers:
      return string("timers fired");
  }
}

void Text::arguments_of(const TraceEvent& event) {
  text_ += ",\"args\":{";
  if (event.kind == TraceKind::kPark) {
    text_ += "}";
    return;
  }
  if (event.kind != TraceKind::kRoot) {
    text_ += is_moment(event.kind) ? "\"count\":" : "\"task\":";
    text_ += std::to_string(event.number);
  }
  const bool has_place = event.kind == TraceKind::kRun || event.kind == TraceKind::kBlocking ||
                         event.kind == TraceKind::kSpawn || event.kind == TraceKind::kRoot;
  if (has_place) {
    text_ += event.kind == TraceKind::kRoot ? "\"called_at\":" : ",\"spawned_at\":";
    string(std::string(event.where.file_name()) + ":" + std::to_string(event.where.line()));
  }
  if (event.worker != TraceEvent::kNoWorker) {
    text_ += ",\"worker\":" + std::to_string(event.worker);
  }
  text_ += "}";
}

void Text::thread_name(const TraceTrack& track) {
  // By what it did: a thread may hold a worker for a while only, or have run jobs before.
  std::string name = "thread";
  for (const TraceEvent& event : track.events) {
    if (event.kind == TraceKind::kBlocking && name == "thread") name = "blocking";
    if (event.kind == TraceKind::kRun || event.kind == TraceKind::kPark) {
      if (event.worker != TraceEvent::kNoWorker) name = "worker " + std::to_string(event.worker);
    }
  }
  begin_event('M', track.thread, start_);
  text_ += ",\"name\":\"thread_name\",\"args\":{\"name\":";
  string(name);
  text_ += "}}";
}

void Text::event(const TraceEvent& event, std::uint64_t thread) {
  begin_event(is_moment(event.kind) ? 'i' : 'X', thread, event.begin);
  if (is_moment(event.kind)) {
    text_ += ",\"s\":\"t\"";
  } else {
    text_ += ",\"dur\":" + microseconds(event.end - event.begin);
  }
  text_ += ",\"cat\":\"";
  text_ += category_of(event.kind);
  text_ += "\"";
  name_of(event);
  arguments_of(event);
  text_ += "}";
}

void Text::flow(const TraceEvent& event, std::uint64_t thread, std::uint64_t flow) {
  const bool is_start = queues_task(event.kind);
  begin_event(is_start ? 's' : 'f', thread, event.begin);
  // "e": it ends at the slice that encloses it, and not at the next one.
  if (!is_start) text_ += ",\"bp\":\"e\"";
  text_ += ",\"cat\":\"wake\",\"name\":\"wake\",\"id\":" + std::to_string(flow) + "}";
}

}  // namespace

std::string trace_to_json(std::vector<TraceTrack> tracks, std::int64_t start, std::uint64_t lost) {
  for (TraceTrack& track : tracks) {
    // From the outside in: viewers want what encloses first.
    std::ranges::sort(track.events, [](const TraceEvent& a, const TraceEvent& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
  }
  const Flows flows = find_flows(tracks);
  Text text(start);
  for (const TraceTrack& track : tracks) {
    text.thread_name(track);
    for (const TraceEvent& event : track.events) {
      text.event(event, track.thread);
      const auto flow = flows.find(&event);
      if (flow != flows.end()) text.flow(event, track.thread, flow->second);
    }
  }
  return text.finish(lost);
}

}  // namespace weft::internal
