#include <weft/runtime/stall/symbol_table.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/base/sys_file.h>

namespace weft::internal {
namespace {

using FileHeader = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Symbol = ElfW(Sym);

// No table is larger; a size beyond it is a damaged file.
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;

// `out` from there on; false if the file has less.
bool read_all(BorrowedFd file, std::uint64_t at, std::span<std::byte> out) {
  while (!out.empty()) {
    const Result<std::size_t> count = sys::pread(file, out, at);
    if (!count || *count == 0) return false;
    at += *count;
    out = out.subspan(*count);
  }
  return true;
}

template <class T>
std::vector<T> read_array(BorrowedFd file, std::uint64_t at, std::uint64_t bytes) {
  if (bytes > kLargest) return {};
  std::vector<T> array(bytes / sizeof(T));
  if (!read_all(file, at, std::as_writable_bytes(std::span(array)))) array.clear();
  return array;
}

bool is_readable(const FileHeader& header) noexcept {
  constexpr unsigned char kClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == kClass &&
         header.e_shentsize == sizeof(Section);
}

// A function of this file, and no reference to another's.
bool is_function(const Symbol& symbol) noexcept {
  return (symbol.st_info & 0xf) == STT_FUNC && symbol.st_shndx != SHN_UNDEF && symbol.st_size != 0;
}

}  // namespace

SymbolTable SymbolTable::read(const char* path) {
  SymbolTable table;
  const Result<OwnedFd> file = sys::openat(sys::kWorkingDirectory, path, O_RDONLY | O_CLOEXEC, 0);
  if (!file) return table;
  const auto headers = read_array<FileHeader>(*file, 0, sizeof(FileHeader));
  if (headers.empty() || !is_readable(headers[0])) return table;
  const FileHeader& header = headers[0];
  const auto sections = read_array<Section>(
      *file, header.e_shoff, static_cast<std::uint64_t>(header.e_shnum) * sizeof(Section));
  const auto symbols = std::ranges::find(sections, Elf64_Word{SHT_SYMTAB}, &Section::sh_type);
  if (symbols == sections.end() || symbols->sh_link >= sections.size()) return table;
  const Section& strings = sections[symbols->sh_link];
  const auto names = read_array<char>(*file, strings.sh_offset, strings.sh_size);
  table.names_.assign(names.begin(), names.end());
  for (const Symbol& symbol : read_array<Symbol>(*file, symbols->sh_offset, symbols->sh_size)) {
    if (!is_function(symbol) || symbol.st_name >= table.names_.size()) continue;
    table.functions_.push_back({symbol.st_value, symbol.st_size, symbol.st_name});
  }
  std::ranges::sort(table.functions_, {}, &Function::begin);
  table.is_relocated_ = header.e_type == ET_DYN;
  return table;
}

std::optional<SymbolTable::Found> SymbolTable::find(std::uint64_t address,
                                                    std::uint64_t base) const noexcept {
  const std::uint64_t place = is_relocated_ ? address - base : address;
  auto after = std::ranges::upper_bound(functions_, place, {}, &Function::begin);
  if (after == functions_.begin()) return std::nullopt;
  const Function& function = *std::prev(after);
  if (place - function.begin >= function.size) return std::nullopt;
  return Found{names_.c_str() + function.name, place - function.begin};
}

}  // namespace weft::internal
