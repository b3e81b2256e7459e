// SymbolTable: the functions of a program or library, from its file.
//
// Spec: R-172.
//
// The dynamic linker knows what a module exports; most functions of a program, and all that a
// compiler makes of a coroutine, are in the symbol table of its file only, if it is not stripped.

#ifndef WEFT_RUNTIME_STALL_SYMBOL_TABLE_H_
#define WEFT_RUNTIME_STALL_SYMBOL_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft::internal {

class SymbolTable {
 public:
  struct Found {
    const char* name;  // as the linker knows it; the table's
    std::uint64_t offset;
  };

  // Empty if the file cannot be read, is no ELF file of this machine's kind, or has no symbols.
  static SymbolTable read(const char* path);

  // The function at `address` in a module that is loaded at `base`.
  std::optional<Found> find(std::uint64_t address, std::uint64_t base) const noexcept;

 private:
  struct Function {
    std::uint64_t begin;
    std::uint64_t size;
    std::uint32_t name;  // where in names_
  };

  bool is_relocated_ = false;        // the addresses in the file count from the base
  std::vector<Function> functions_;  // by begin
  std::string names_;                // each ends in a zero
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_SYMBOL_TABLE_H_
