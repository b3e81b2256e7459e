// The `int main` of programs that start at co_main.
//
// Spec: R-22; api.md "co_main".

#include <cstdio>
#include <string>
#include <utility>

#include <weft/runtime/runtime.h>

// The program's own.
weft::Task<int> co_main(int argc, char** argv);

namespace weft::internal {

// Replaced by WEFT_MAIN_RUNTIME.
[[gnu::weak]] runtime::Builder main_runtime_builder() {
  return runtime::Builder::new_multi_thread().enable_all();
}

}  // namespace weft::internal

int main(int argc, char** argv) {
  weft::Result<weft::runtime::Runtime> made = weft::internal::main_runtime_builder().build();
  if (!made) {
    std::fprintf(stderr, "weft: cannot start the runtime: %s\n", made.error().to_string().c_str());
    return 1;
  }
  const weft::runtime::Runtime runtime = std::move(*made);
  const weft::JoinResult<int> result = runtime.block_on(runtime.spawn(co_main(argc, argv)));
  if (result) return *result;
  std::fprintf(stderr, "weft: co_main: %s\n", result.error().to_string().c_str());
  return 1;
}
