// What the tests of traces share: a directory to write them to, and what holds for all of them.

#ifndef WEFT_TESTS_UNIT_RUNTIME_TRACE_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_TRACE_SUPPORT_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/json.h>

namespace weft::test_support {

// A directory of the test's own.
class Directory {
 public:
  Directory() {
    std::string pattern = ::testing::TempDir() + "weft_trace_XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string file(const char* name) const { return (path_ / name).string(); }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

inline std::string contents_of(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Nanoseconds, exactly: the text has microseconds with three decimals.
inline std::int64_t nanoseconds(const Json& microseconds) {
  return std::llround(microseconds.number() * 1000);
}

struct Slice {
  std::int64_t begin;
  std::int64_t end;
};

// What is wrong with the order of one thread's events; empty if nothing.
inline std::string nesting_error(const std::vector<const Json*>& events) {
  std::vector<Slice> open;
  std::int64_t last = INT64_MIN;
  for (const Json* const event : events) {
    const std::int64_t begin = nanoseconds((*event)["ts"]);
    if (begin < last) return "times go back";
    last = begin;
    if ((*event)["ph"].text() != "X") continue;
    const Slice slice{begin, begin + nanoseconds((*event)["dur"])};
    while (!open.empty() && open.back().end <= begin) open.pop_back();
    if (!open.empty() && slice.end > open.back().end) return "slices overlap";
    if (slice.end < slice.begin) return "a slice ends before it begins";
    open.push_back(slice);
  }
  return "";
}

// Whether a slice is where the end of a flow is, for it to be bound to.
inline bool lies_in_a_slice(const Json& end, const std::vector<const Json*>& events) {
  const std::int64_t at = nanoseconds(end["ts"]);
  return std::ranges::any_of(events, [at](const Json* event) {
    if ((*event)["ph"].text() != "X") return false;
    const std::int64_t begin = nanoseconds((*event)["ts"]);
    return begin <= at && at <= begin + nanoseconds((*event)["dur"]);
  });
}

// The events by category.
using Categories = std::map<std::string, std::vector<const Json*>>;

// Checks all that has to hold for any trace.
inline Categories check_trace(const Json& trace) {
  std::map<double, std::vector<const Json*>> threads;
  std::map<double, std::vector<const Json*>> flows;
  Categories categories;
  for (const Json& event : trace["traceEvents"].items()) {
    const std::string& phase = event["ph"].text();
    if (phase == "M") continue;
    threads[event["tid"].number()].push_back(&event);
    if (phase == "s" || phase == "f") {
      flows[event["id"].number()].push_back(&event);
    } else {
      categories[event["cat"].text()].push_back(&event);
    }
  }
  for (const auto& [thread, events] : threads) EXPECT_EQ(nesting_error(events), "") << thread;
  for (const auto& [id, ends] : flows) {
    EXPECT_EQ(ends.size(), 2u) << "flow " << id;
    if (ends.size() != 2) continue;
    const bool in_order = (*ends[0])["ph"].text() == "s";
    const Json& start = in_order ? *ends[0] : *ends[1];
    const Json& finish = in_order ? *ends[1] : *ends[0];
    EXPECT_EQ(start["ph"].text(), "s");
    EXPECT_EQ(finish["ph"].text(), "f");
    EXPECT_LE(nanoseconds(start["ts"]), nanoseconds(finish["ts"]));
    for (const Json* const end : ends) {
      EXPECT_TRUE(lies_in_a_slice(*end, threads[(*end)["tid"].number()])) << "flow " << id;
    }
  }
  return categories;
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_UNIT_RUNTIME_TRACE_SUPPORT_H_
