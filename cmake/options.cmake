# Options, compilers' flags, and what users of the libraries inherit.

include_guard(GLOBAL)

option(WEFT_BUILD_TESTS "Build weft's tests (needs GoogleTest)" ${weft_IS_TOP_LEVEL})
option(WEFT_BUILD_BENCHES "Build weft's benchmarks (needs Google Benchmark)" ${weft_IS_TOP_LEVEL})
option(WEFT_BUILD_EXAMPLES "Build weft's examples" ${weft_IS_TOP_LEVEL})
option(WEFT_INSTALL "Create weft's install rules" ${weft_IS_TOP_LEVEL})
option(WEFT_WERROR "Treat warnings in weft's own sources as errors" ${weft_IS_TOP_LEVEL})
option(WEFT_LOOM "Build the libraries on the model checker's types, and the models instead of the tests" OFF)
option(WEFT_CARES "Look host names up with c-ares, without the blocking pool (needs c-ares 1.16 or newer)" OFF)
option(WEFT_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)
# Calls between the files of the core can then be inlined (docs/decisions/0015-one-unit.md).
option(WEFT_ONE_UNIT "Compile the core's sources as one, in optimized builds" ON)
set(WEFT_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, 'address,undefined' or 'thread'")
set_property(CACHE WEFT_SANITIZE PROPERTY STRINGS "" "address,undefined" "thread")
if(NOT WEFT_SANITIZE MATCHES "^(|address|undefined|address,undefined|thread)$")
  message(FATAL_ERROR "WEFT_SANITIZE='${WEFT_SANITIZE}': give 'address', 'undefined', 'address,undefined' or 'thread'")
endif()

if(weft_IS_TOP_LEVEL)
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT multi_config AND NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()
  find_program(WEFT_CCACHE ccache)
  mark_as_advanced(WEFT_CCACHE)
  if(WEFT_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${WEFT_CCACHE}")
  endif()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
endif()

if(NOT CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" OR WEFT_LOOM)
  set(WEFT_ONE_UNIT OFF)
endif()

# Folders of sources for one kernel's interface, of which the build leaves out the others' (weft_folder()).
set(WEFT_HAS_KQUEUE OFF)
set(WEFT_OTHER_KERNELS kqueue)
if(CMAKE_SYSTEM_NAME MATCHES "^(Darwin|DragonFly|FreeBSD|NetBSD|OpenBSD)$")
  set(WEFT_HAS_KQUEUE ON)
  set(WEFT_OTHER_KERNELS linux)
endif()

# For our own sources only; -fno-omit-frame-pointer keeps profiles and sanitizer stacks readable.
set(WEFT_COMPILE_OPTIONS -Wall -Wextra -Wshadow -fno-omit-frame-pointer)
if(WEFT_WERROR)
  list(APPEND WEFT_COMPILE_OPTIONS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # What g++ 12 suspects when it optimizes, and wrongly: that bytes of a Result without a value are used
  # because they are copied with it, and (its bug 105329) that a std::string overlaps itself.
  list(APPEND WEFT_COMPILE_OPTIONS -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND WEFT_COMPILE_OPTIONS -Werror=dangling -Werror=return-stack-address)
endif()

# What every program that uses weft is compiled and linked with, put on the lowest folder.
#
# A task that awaits a task jumps from frame to frame with symmetric transfer, in user code too. g++
# turns that into a jump only when sibling calls are optimized, which its lower levels leave off, and
# which its sanitizers' stack bookkeeping prevents; without these flags long chains overflow the stack.
function(weft_usage_requirements target visibility)
  target_compile_features(${target} ${visibility} cxx_std_20)
  if(WEFT_HAS_KQUEUE)
    # The public headers of the reactor choose by it, in users' sources too.
    target_compile_definitions(${target} ${visibility} WEFT_KQUEUE)
  endif()
  target_link_libraries(${target} ${visibility} Threads::Threads)
  set(gnu_options -foptimize-sibling-calls)
  if(WEFT_SANITIZE MATCHES "address")
    list(APPEND gnu_options --param=asan-stack=0)
  elseif(WEFT_SANITIZE STREQUAL "thread")
    list(APPEND gnu_options --param=tsan-instrument-func-entry-exit=0)
  endif()
  target_compile_options(${target} ${visibility} "$<$<CXX_COMPILER_ID:GNU>:${gnu_options}>")
  if(WEFT_SANITIZE)
    target_compile_options(${target} ${visibility} -fsanitize=${WEFT_SANITIZE} -fno-sanitize-recover=all)
    if(WEFT_SANITIZE MATCHES "undefined")
      # The check of virtual calls asks the kernel, through a pipe that it opens for a moment, whether
      # memory is readable: tests that count descriptors, or have none left, would see it.
      target_compile_options(${target} ${visibility} -fno-sanitize=vptr)
    endif()
    target_link_options(${target} ${visibility} -fsanitize=${WEFT_SANITIZE})
  endif()
  if(WEFT_FUZZ)
    # What was reached steers the fuzzer. Its own main comes with the targets only: tests/fuzz/.
    target_compile_options(${target} ${visibility} -fsanitize=fuzzer-no-link)
  endif()
endfunction()
