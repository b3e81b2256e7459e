// Answering with files. Interface: responder.h.

#include <examples/http_files/responder.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

#include <examples/http_files/target.h>

namespace http_files {
namespace {

using namespace std::chrono_literals;
using weft::Error;
using weft::Result;
using weft::Task;
using weft::io::Interest;
using weft::net::SockRef;

// How long a client may take to receive some of the answer; how much that is at most.
constexpr auto kPatience = 30s;
constexpr std::size_t kMostAtOnce = 1 << 20;

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

std::string begin_head(std::string_view status, bool close) {
  std::string head = "HTTP/1.1 ";
  head += status;
  head += "\r\n";
  if (close) add_field(head, "Connection", "close");
  return head;
}

std::string span_text(const Range& range, std::uint64_t size) {
  const bool has_bytes = range.kind == Range::Kind::kPart;
  return "bytes " +
         (has_bytes ? std::to_string(range.begin) + '-' + std::to_string(range.end - 1) : "*") +
         '/' + std::to_string(size);
}

std::string_view status_of(Error error) {
  if (error == std::errc::permission_denied) return "403 Forbidden";
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory ||
      error == std::errc::filename_too_long || error == std::errc::too_many_symbolic_link_levels) {
    return "404 Not Found";
  }
  return "500 Internal Server Error";
}

}  // namespace

Task<bool> Responder::answer(http::Request request, bool close) {
  const bool is_head = request.method == "HEAD";
  if (request.method != "GET" && !is_head) {
    co_return co_await answer_status("405 Method Not Allowed", close, true, "Allow: GET, HEAD\r\n");
  }
  const std::optional<std::filesystem::path> path = path_of(request.target);
  if (!path) co_return co_await answer_status("403 Forbidden", close, !is_head);
  std::filesystem::path file = root_ / *path;
  if (request.target.substr(0, request.target.find_first_of("?#")).ends_with('/')) {
    file /= "index.html";
  }
  co_return co_await answer_file(request, std::move(file), close);
}

Task<bool> Responder::answer_file(const http::Request& request, std::filesystem::path path,
                                  bool close) {
  const bool is_head = request.method == "HEAD";
  weft::fs::OpenOptions options = weft::fs::File::options();
  // A pipe would keep whoever opens it waiting for its other end.
  options.read(true).custom_flags(O_NONBLOCK);
  const Result<weft::fs::File> file = co_await options.open(path);
  if (!file) co_return co_await answer_status(status_of(file.error()), close, !is_head);
  const Result<weft::fs::Metadata> facts = co_await file->metadata();
  if (!facts) co_return co_await answer_status(status_of(facts.error()), close, !is_head);
  if (facts->is_dir()) {
    // Relative to what was asked for: so that it cannot lead to another server.
    const std::string_view target = request.target.substr(0, request.target.find_first_of("?#"));
    std::string location;
    add_field(location, "Location", "./" + std::string(target.substr(target.rfind('/') + 1)) + "/");
    co_return co_await answer_status("301 Moved Permanently", close, !is_head, std::move(location));
  }
  if (!facts->is_file()) co_return co_await answer_status("403 Forbidden", close, !is_head);

  // We name no versions, so nobody can have a part of the one that If-Range wants.
  const Range range =
      range_of(request.has_if_range ? std::string_view() : request.range, facts->size());
  if (range.kind == Range::Kind::kNotInTheFile) {
    std::string fields;
    add_field(fields, "Content-Range", span_text(range, facts->size()));
    co_return co_await answer_status("416 Range Not Satisfiable", close, !is_head,
                                     std::move(fields));
  }
  const bool is_part = range.kind == Range::Kind::kPart;
  std::string head = begin_head(is_part ? "206 Partial Content" : "200 OK", close);
  add_field(head, "Content-Type", content_type(path));
  add_field(head, "Content-Length", std::to_string(range.end - range.begin));
  add_field(head, "Accept-Ranges", "bytes");
  if (is_part) add_field(head, "Content-Range", span_text(range, facts->size()));
  head += "\r\n";
  const bool has_body = !is_head && range.begin < range.end;
  const bool sent = co_await send(head, has_body);
  if (!sent || !has_body) co_return sent;
  co_return co_await send_file(*file, range.begin, range.end);
}

Task<bool> Responder::answer_status(std::string_view status, bool close, bool with_body,
                                    std::string fields) {
  std::string answer = begin_head(status, close) + fields;
  add_field(answer, "Content-Type", "text/plain");
  add_field(answer, "Content-Length", std::to_string(status.size() + 1));
  answer += "\r\n";
  if (with_body) {
    answer += status;
    answer += '\n';
  }
  co_return co_await send(answer, false);
}

Task<bool> Responder::send(std::string_view text, bool more_follows) {
  const int flags = more_follows ? MSG_MORE : 0;
  while (!text.empty()) {
    const auto send_some = [&] { return SockRef(stream_)->send_with_flags(text, flags); };
    const auto count =
        co_await weft::time::timeout(kPatience, stream_.async_io(Interest::kWritable, send_some));
    if (!count || !*count) co_return false;
    text.remove_prefix(**count);
  }
  co_return true;
}

Task<bool> Responder::send_file(const weft::fs::File& file, std::uint64_t begin,
                                std::uint64_t end) {
  while (begin < end) {
    const std::size_t size = std::min<std::uint64_t>(end - begin, kMostAtOnce);
    const auto send_some = [&] { return SockRef(stream_)->sendfile(file.as_fd(), begin, size); };
    const auto count =
        co_await weft::time::timeout(kPatience, stream_.async_io(Interest::kWritable, send_some));
    // None: the file has become shorter. The client must not take what comes next for its end.
    if (!count || !*count || **count == 0) co_return false;
    begin += **count;
    // A large file on a fast connection would else keep this thread from other tasks.
    co_await weft::consume_budget();
  }
  co_return true;
}

}  // namespace http_files
