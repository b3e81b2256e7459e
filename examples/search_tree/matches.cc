// Searching one file. Interface: matches.h.

#include <examples/search_tree/matches.h>

#include <algorithm>
#include <cstddef>
#include <fcntl.h>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace search {
namespace {

using weft::Err;
using weft::Result;
using weft::Task;

constexpr std::size_t kChunk = 256 * 1024;
// A line may be this long and is cut in two if it is longer: files need not consist of lines.
constexpr std::size_t kLongestLine = 1024 * 1024;

// What has been found, and where we are.
class Search {
 public:
  Search(const std::filesystem::path& path, std::string_view text)
      : name_(path.string()), text_(text) {}

  // Searches lines, of which only the last one may have no end.
  void search(std::string_view lines) {
    matches_.bytes += lines.size();
    is_binary_ = is_binary_ || lines.find('\0') != lines.npos;
    std::size_t counted = 0;  // up to here line_ is right
    for (std::size_t at = 0; (at = lines.find(text_, at)) != lines.npos;) {
      // rfind() finds nothing in the first line: npos + 1 is its beginning.
      const std::size_t begin = at == 0 ? 0 : lines.rfind('\n', at - 1) + 1;
      const std::size_t end = std::min(lines.find('\n', at), lines.size());
      line_ += count_lines(lines.substr(counted, begin - counted));
      counted = begin;
      add(lines.substr(begin, end - begin));
      at = std::min(end + 1, lines.size());
    }
    line_ += count_lines(lines.substr(counted));
  }

  Matches finish() && {
    if (is_binary_ && matches_.count > 0) matches_.lines = name_ + ": binary file matches\n";
    return std::move(matches_);
  }

 private:
  static std::uint64_t count_lines(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }
  void add(std::string_view line) {
    ++matches_.count;
    if (is_binary_) return;
    matches_.lines += name_ + ':' + std::to_string(line_) + ':';
    matches_.lines += line;
    matches_.lines += '\n';
  }

  std::string name_;
  std::string_view text_;
  Matches matches_;
  std::uint64_t line_ = 1;
  bool is_binary_ = false;
};

}  // namespace

Task<Result<Matches>> find_in_file(std::filesystem::path path, std::string text) {
  weft::fs::OpenOptions options = weft::fs::File::options();
  // What was a file when the directory was read may be a pipe now, which is not to be waited for.
  options.read(true).custom_flags(O_NONBLOCK | O_NOCTTY);
  Result<weft::fs::File> file = co_await options.open(path);
  if (!file) co_return Err(file.error());

  Search search(path, text);
  std::vector<char> buffer(kChunk);
  std::size_t held = 0;  // at its beginning: a line without its end
  for (;;) {
    if (held == buffer.size()) buffer.resize(2 * buffer.size());
    const Result<std::size_t> count = co_await file->read(std::span(buffer).subspan(held));
    if (!count) co_return Err(count.error());
    const std::string_view all(buffer.data(), held + *count);
    // Complete lines are searched; the rest waits for its end, or for the end of the file.
    std::size_t size = all.size();
    if (*count > 0 && size < kLongestLine) size = all.rfind('\n') + 1;
    search.search(all.substr(0, size));
    held = all.size() - size;
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(size),
              buffer.begin() + static_cast<std::ptrdiff_t>(all.size()), buffer.begin());
    if (*count == 0) co_return std::move(search).finish();
  }
}

}  // namespace search
