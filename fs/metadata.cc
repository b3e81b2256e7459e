// Metadata from statx(2). Interface: metadata.h.

#include <weft/fs/metadata.h>

#include <sys/sysmacros.h>
#include <system_error>

namespace weft::fs {
namespace {

Result<Metadata::Time> time_of(const struct ::statx& facts, unsigned field,
                               const ::statx_timestamp& stamp) noexcept {
  if ((facts.stx_mask & field) == 0) return Err(std::errc::operation_not_supported);
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  return Metadata::Time(std::chrono::duration_cast<Metadata::Time::duration>(
      seconds(stamp.tv_sec) + nanoseconds(stamp.tv_nsec)));
}

}  // namespace

Metadata::Metadata(const struct ::statx& facts) noexcept
    : size_(facts.stx_size),
      ino_(facts.stx_ino),
      dev_(::makedev(facts.stx_dev_major, facts.stx_dev_minor)),
      nlink_(facts.stx_nlink),
      mode_(facts.stx_mode),
      uid_(facts.stx_uid),
      gid_(facts.stx_gid),
      modified_(time_of(facts, STATX_MTIME, facts.stx_mtime)),
      accessed_(time_of(facts, STATX_ATIME, facts.stx_atime)),
      created_(time_of(facts, STATX_BTIME, facts.stx_btime)) {}

}  // namespace weft::fs
