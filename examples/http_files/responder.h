// Responder: answers the requests of one connection with files.
//
// The body of an answer never comes to this process: sendfile(2) has the kernel send it from its
// page cache. The head is held back until the body follows (MSG_MORE), so that a small file goes
// out in one packet with it. A file that is not in the cache makes sendfile wait for the disk, and
// this thread with it; for files that are seldom asked for, read them with fs::File instead.

#ifndef WEFT_EXAMPLES_HTTP_FILES_RESPONDER_H_
#define WEFT_EXAMPLES_HTTP_FILES_RESPONDER_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <examples/http_files/range.h>
#include <examples/support/http_request.h>
#include <weft/weft.h>

namespace http_files {

// Used by one task. The stream and the directory's path have to outlive it.
class Responder {
 public:
  Responder(weft::net::TcpStream& stream, const std::filesystem::path& root)
      : stream_(stream), root_(root) {}

  // Answers `request`; `close` is announced to the client as the end of the connection. False: the
  // connection has failed, or has to end because the answer could not be completed.
  weft::Task<bool> answer(http::Request request, bool close);
  // An answer that says nothing but its status, with these fields, each ended by CR LF.
  weft::Task<bool> answer_status(std::string_view status, bool close, bool with_body = true,
                                 std::string fields = std::string());

 private:
  weft::Task<bool> answer_file(const http::Request& request, std::filesystem::path path,
                               bool close);
  weft::Task<bool> send(std::string_view text, bool more_follows);
  weft::Task<bool> send_file(const weft::fs::File& file, std::uint64_t begin, std::uint64_t end);

  weft::net::TcpStream& stream_;
  const std::filesystem::path& root_;
};

}  // namespace http_files

#endif  // WEFT_EXAMPLES_HTTP_FILES_RESPONDER_H_
