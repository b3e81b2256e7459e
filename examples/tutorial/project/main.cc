#include <cstdio>

#include <weft/weft.h>

weft::Task<int> co_main(int, char**) {
  std::printf("hello from a task\n");
  co_return 0;
}
