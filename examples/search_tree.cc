// search_tree: prints the lines of all files below a directory in which a text occurs.
//
//   $ search_tree co_await examples
//   examples/echo.cc:24:    const auto received = co_await stream.read(buffer);
//   ...
//
// As grep -rnF, but with many files at a time. One task walks through the directories. Each file is
// searched by a task of its own; a semaphore bounds how many there are, and with them the open
// files and the memory. The walk waits for a permit before it goes on, so it is never far ahead.
// What is found in a file is printed in one piece. On a terminal, a line shows how far it is.
//
// The exit code is 0 if something was found, 1 if nothing was, and 2 if something was not readable.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <examples/search_tree/matches.h>
#include <examples/search_tree/progress.h>
#include <weft/weft.h>

namespace {

using search::Counters;
using weft::Result;
using weft::Task;

constexpr std::uint32_t kFilesAtOnce = 64;

// One search, shared by its tasks, which it outlives.
class TreeSearch {
 public:
  explicit TreeSearch(std::string text) : text_(std::move(text)) {}

  // Searches the file or directory of this name. Links within it are not followed.
  Task<> run(std::filesystem::path root) {
    const Result<weft::fs::Metadata> facts = co_await weft::fs::metadata(root);
    if (!facts) {
      complain(root, facts.error());
    } else if (facts->is_dir()) {
      co_await walk(std::move(root));
    } else {
      co_await start(std::move(root));
    }
    searches_.close();
    co_await searches_.wait();
  }

  const Counters& counters() const { return counters_; }

 private:
  Task<> walk(std::filesystem::path root) {
    std::vector<std::filesystem::path> directories;
    directories.push_back(std::move(root));
    while (!directories.empty()) {
      const std::filesystem::path directory = std::move(directories.back());
      directories.pop_back();
      Result<weft::fs::ReadDir> entries = co_await weft::fs::read_dir(directory);
      if (!entries) complain(directory, entries.error());
      bool has_more = entries.has_value();
      while (has_more) {
        const auto entry = co_await entries->next_entry();
        if (!entry) complain(directory, entry.error());
        has_more = entry && *entry;
        if (!has_more) break;
        const Result<weft::fs::FileType> type = co_await (*entry)->file_type();
        if (!type) complain((*entry)->path(), type.error());
        if (type && type->is_dir()) directories.push_back((*entry)->path());
        if (type && type->is_file()) co_await start((*entry)->path());
      }
    }
  }

  Task<> start(std::filesystem::path file) {
    auto permit = co_await weft::sync::Semaphore::acquire_owned(room_);
    // The semaphore is never closed, so there is a permit. The task keeps it.
    searches_.spawn(search_file(this, std::move(file), *std::move(permit)));
  }

  static Task<> search_file(TreeSearch* self, std::filesystem::path file,
                            weft::sync::OwnedSemaphorePermit) {
    const Result<search::Matches> found = co_await search::find_in_file(file, self->text_);
    if (!found) {
      self->complain(file, found.error());
      co_return;
    }
    self->counters_.files += 1;
    self->counters_.bytes += found->bytes;
    self->counters_.matches += found->count;
    search::print_lines(found->lines, self->is_visible_);
  }

  void complain(const std::filesystem::path& path, weft::Error error) {
    counters_.errors += 1;
    if (is_visible_) search::remove_progress();
    std::fprintf(stderr, "search_tree: %s: %s\n", path.c_str(), error.to_string().c_str());
  }

  const std::string text_;
  const bool is_visible_ = search::is_progress_visible();
  const std::shared_ptr<weft::sync::Semaphore> room_ =
      std::make_shared<weft::sync::Semaphore>(kFilesAtOnce);
  weft::TaskTracker searches_;
  Counters counters_;
};

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  if (argc != 3 || *argv[1] == '\0') {
    std::fprintf(stderr, "usage: search_tree TEXT DIRECTORY\n");
    co_return 2;
  }
  TreeSearch tree(argv[1]);
  if (search::is_progress_visible()) {
    // Whichever ends first; showing never does.
    co_await weft::select(tree.run(argv[2]), search::show_progress(tree.counters()));
    search::remove_progress();
  } else {
    co_await tree.run(argv[2]);
  }
  if (tree.counters().errors > 0) co_return 2;
  co_return tree.counters().matches > 0 ? 0 : 1;
}
