// Symbols: what the addresses of a backtrace are called.
//
// Spec: R-172.

#ifndef WEFT_RUNTIME_STALL_SYMBOLS_H_
#define WEFT_RUNTIME_STALL_SYMBOLS_H_

#include <map>
#include <string>

#include <weft/runtime/stall/symbol_table.h>

namespace weft::internal {

// Remembers the tables of the modules that were asked about. One thread at a time.
class Symbols {
 public:
  // "function+0x12 (module)", demangled, if the dynamic linker or the module's file names it; else
  // "module+0x1234", which addr2line(1) takes; else the address. `is_return`: the address is where
  // a call returns to, which may be the next function. Reads files, and throws std::bad_alloc.
  std::string name_of(void* address, bool is_return);

 private:
  std::map<std::string, SymbolTable> tables_;  // by path
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_SYMBOLS_H_
