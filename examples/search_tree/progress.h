// What has been done so far, and a line on the terminal that shows it.

#ifndef WEFT_EXAMPLES_SEARCH_TREE_PROGRESS_H_
#define WEFT_EXAMPLES_SEARCH_TREE_PROGRESS_H_

#include <atomic>
#include <cstdint>
#include <string>

#include <weft/weft.h>

namespace search {

// Written by the tasks that search, read by the one that shows. Each number is for itself.
struct Counters {
  std::atomic<std::uint64_t> files = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> matches = 0;
  std::atomic<std::uint64_t> errors = 0;
};

// Whether somebody would see it.
bool is_progress_visible();

// Shows them ten times a second, until it is cancelled.
weft::Task<> show_progress(const Counters& counters);
// Prints these lines, and removes the line that shows the progress, which the next one brings back.
void print_lines(const std::string& lines, bool is_progress_shown);
void remove_progress();

}  // namespace search

#endif  // WEFT_EXAMPLES_SEARCH_TREE_PROGRESS_H_
