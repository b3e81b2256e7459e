#include <weft/runtime/stall/symbols.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <dlfcn.h>
#include <memory>
#include <string_view>
#include <sys/auxv.h>
#include <utility>

namespace weft::internal {
namespace {

std::string hexadecimal(std::uintptr_t number) {
  char text[2 + 2 * sizeof number + 1];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(number));
  return text;
}

std::uintptr_t as_number(const void* address) noexcept {
  // SAFETY(cast): a number for printing and for differences within a module.
  return reinterpret_cast<std::uintptr_t>(address);
}

std::string demangled(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(symbol, nullptr, nullptr, &status), &std::free);
  return status == 0 && name != nullptr ? name.get() : symbol;
}

std::string file_part(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

// The file that `info`'s module was loaded from. The program's own name need not be one, if it was
// started by a search or has changed its directory.
const char* file_of(const ::Dl_info& info) noexcept {
  constexpr std::uintptr_t kPage = 4096;
  const std::uintptr_t program = ::getauxval(AT_PHDR) / kPage * kPage;
  return as_number(info.dli_fbase) == program ? "/proc/self/exe" : info.dli_fname;
}

}  // namespace

std::string Symbols::name_of(void* address, bool is_return) {
  const std::uintptr_t number = as_number(address);
  // The call instruction lies before the address that it returns to.
  const std::uintptr_t inside = number - (is_return ? 1 : 0);
  ::Dl_info info = {};
  // SAFETY(cast): only looked up.
  if (::dladdr(reinterpret_cast<const void*>(inside), &info) == 0 || info.dli_fname == nullptr) {
    return hexadecimal(number);
  }
  const std::string module = file_part(info.dli_fname);
  const auto named = [&](const char* name, std::uintptr_t offset) {
    return demangled(name) + "+" + hexadecimal(offset) + " (" + module + ")";
  };
  if (info.dli_sname != nullptr) return named(info.dli_sname, number - as_number(info.dli_saddr));
  const char* const file = file_of(info);
  auto known = tables_.find(file);
  if (known == tables_.end()) known = tables_.emplace(file, SymbolTable::read(file)).first;
  const std::uintptr_t base = as_number(info.dli_fbase);
  if (const auto found = known->second.find(inside, base)) {
    return named(found->name, found->offset + (number - inside));
  }
  return module + "+" + hexadecimal(number - base);
}

}  // namespace weft::internal
