#include <weft/runtime/trace/trace_file.h>

#include <cstddef>
#include <fcntl.h>
#include <span>
#include <sys/socket.h>
#include <sys/stat.h>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/base/sys_file.h>
#include <weft/base/sys_message.h>

namespace weft::internal {
namespace {

Result<OwnedFd> open_to_write(const std::string& path, int flags) noexcept {
  constexpr ::mode_t kForAll = 0666;  // less the umask
  return sys::openat(sys::kWorkingDirectory, path.c_str(), O_WRONLY | O_CLOEXEC | flags, kForAll);
}

Result<void> write_text(OwnedFd file, std::string_view text) noexcept {
  std::span<const std::byte> rest = std::as_bytes(std::span(text));
  while (!rest.empty()) {
    const Result<std::size_t> written = sys::write(file, rest);
    if (!written) return Err(written.error());
    rest = rest.subspan(*written);
  }
  return std::move(file).close();
}

// True also of one that is not there yet.
bool is_regular(const std::string& path) noexcept {
  struct ::statx facts{};
  const Result<void> known =
      sys::statx(sys::kWorkingDirectory, path.c_str(), 0, STATX_TYPE, &facts);
  return !known || S_ISREG(facts.stx_mode);
}

}  // namespace

Result<void> replace_contents(const std::string& path, std::string_view text) {
  if (!is_regular(path)) {
    Result<OwnedFd> file = open_to_write(path, 0);
    return file ? write_text(*std::move(file), text) : Err(file.error());
  }
  // Behind a link, if it is one.
  const Result<std::string> known = sys::realpath(path.c_str());
  const std::string& target = known ? *known : path;
  const std::string beside = target + "." + std::to_string(sys::own_credentials().pid) + ".part";
  Result<OwnedFd> part = open_to_write(beside, O_CREAT | O_TRUNC);
  if (!part) {
    Result<OwnedFd> file = open_to_write(target, O_CREAT | O_TRUNC);
    return file ? write_text(*std::move(file), text) : Err(file.error());
  }
  Result<void> done = write_text(*std::move(part), text);
  if (done) {
    done = sys::renameat(sys::kWorkingDirectory, beside.c_str(), sys::kWorkingDirectory,
                         target.c_str());
  }
  if (!done) static_cast<void>(sys::unlinkat(sys::kWorkingDirectory, beside.c_str(), 0));
  return done;
}

std::string absolute_path(std::string path) {
  if (path.starts_with('/')) return path;
  const Result<std::string> here = sys::realpath(".");
  return here ? *here + "/" + path : path;
}

}  // namespace weft::internal
