# One step of the install test: cmake -DSTEP=<name> ... -P step.cmake (see CMakeLists.txt).

cmake_minimum_required(VERSION 3.25)
set(prefix "${WORK}/prefix")
set(user "${CMAKE_CURRENT_LIST_DIR}/user")

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "Install.${STEP}: command ended with ${status}")
  endif()
endfunction()

# README.md's first block of <language>: what newcomers copy must build.
function(readme_block language out)
  file(READ "${WEFT_SOURCE}/README.md" text)
  set(begin "```${language}\n")
  string(FIND "${text}" "${begin}" start)
  if(start EQUAL -1)
    message(FATAL_ERROR "README.md has no block of ${language}")
  endif()
  string(LENGTH "${begin}" length)
  math(EXPR start "${start} + ${length}")
  string(SUBSTRING "${text}" ${start} -1 text)
  string(FIND "${text}" "```" end)
  string(SUBSTRING "${text}" 0 ${end} text)
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(readme_program out)
  readme_block(cpp text)
  # CONFIGURE writes only when the content differs: nothing is rebuilt without need.
  file(CONFIGURE OUTPUT "${WORK}/${STEP}/readme.cc" CONTENT "${text}" @ONLY)
  set(${out} "${WORK}/${STEP}/readme.cc" PARENT_SCOPE)
endfunction()

# Builds user/ with CMake and runs its program.
function(build_user_project)
  readme_program(readme)
  set(build "${WORK}/${STEP}")
  run(${CMAKE_COMMAND} -S "${user}" -B "${build}" -G "${GENERATOR}"
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DREADME_PROGRAM=${readme} ${ARGN})
  run(${CMAKE_COMMAND} --build "${build}")
  run("${build}/program")
  run("${build}/net_program")
  run("${build}/ring_model")
endfunction()

# Builds README.md's program with README.md's CMake code.
function(build_readme_project)
  readme_block(cpp program)
  readme_block(cmake code)
  set(source "${WORK}/readme_project")
  file(CONFIGURE OUTPUT "${source}/server.cc" CONTENT "${program}" @ONLY)
  file(CONFIGURE OUTPUT "${source}/CMakeLists.txt" @ONLY
    CONTENT "cmake_minimum_required(VERSION 3.25)\nproject(readme LANGUAGES CXX)\n${code}")
  run(${CMAKE_COMMAND} -S "${source}" -B "${source}/build" -G "${GENERATOR}"
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${prefix})
  run(${CMAKE_COMMAND} --build "${source}/build")
endfunction()

# The compiler's flags for pkg-config's <package>, as a list.
function(pkg_config out package)
  set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
  execute_process(COMMAND ${PKG_CONFIG} --cflags --libs ${package}
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  set(${out} "${flags}" PARENT_SCOPE)
endfunction()

# Builds and runs <source> with what pkg-config says of <package>.
function(build_with_pkg_config source package)
  pkg_config(flags ${package})
  get_filename_component(name ${source} NAME_WE)
  file(MAKE_DIRECTORY "${WORK}/${STEP}")
  run(${COMPILER} -std=c++20 -Wall -Wextra -Werror "${user}/${source}" ${flags}
    -o "${WORK}/${STEP}/${name}")
  set(ENV{LD_LIBRARY_PATH} "${prefix}/${LIBDIR}")  # for shared libraries: the flags name no path
  run("${WORK}/${STEP}/${name}")
endfunction()

# Everything that an installed header includes of weft is installed, and all of them together compile.
# (That each compiles alone is checked by lint, in the build tree.)
function(check_headers)
  file(GLOB_RECURSE headers RELATIVE "${prefix}/include" "${prefix}/include/weft/*.h")
  set(all "")
  foreach(header IN LISTS headers)
    file(STRINGS "${prefix}/include/${header}" includes REGEX "^ *# *include <weft/")
    foreach(line IN LISTS includes)
      string(REGEX REPLACE ".*<(.*)>.*" "\\1" included "${line}")
      # Another kernel's part stands behind an #ifdef.
      if(NOT EXISTS "${prefix}/include/${included}" AND NOT included MATCHES "/${OTHER_KERNELS}/")
        message(FATAL_ERROR "${header} is installed and includes ${included}, which is not")
      endif()
    endforeach()
    # These replace the ordinary ones under the model checker.
    if(NOT header MATCHES "^weft/loom/checker/")
      string(APPEND all "#include <${header}>\n")
    endif()
  endforeach()
  file(WRITE "${WORK}/${STEP}/all_headers.cc" "${all}int main() {}\n")
  run(${COMPILER} -std=c++20 -Wall -Wextra -Wshadow -Werror "-I${prefix}/include" -fsyntax-only
    "${WORK}/${STEP}/all_headers.cc")
endfunction()

# Links a program compiled with <options> against the installed libraries: has to fail and to say <why>.
function(expect_link_error why)
  pkg_config(flags weft-runtime)
  file(WRITE "${WORK}/${STEP}/program.cc"
    "#include <weft/runtime/waker.h>\nint main() { weft::Waker().wake(); }\n")
  execute_process(
    COMMAND ${COMPILER} -std=c++20 -O2 ${ARGN} "${WORK}/${STEP}/program.cc" ${flags}
      -ffunction-sections -fdata-sections -Wl,--gc-sections -o "${WORK}/${STEP}/program"
    RESULT_VARIABLE status ERROR_VARIABLE errors)
  if(NOT why STREQUAL "" AND (status EQUAL 0 OR NOT errors MATCHES "undefined reference to .${why}"))
    message(FATAL_ERROR "expected `undefined reference to ${why}', got ${status}:\n${errors}")
  elseif(why STREQUAL "" AND NOT status EQUAL 0)
    message(FATAL_ERROR "a program that fits does not link: ${errors}")
  endif()
endfunction()

function(check_mismatches)
  file(READ "${prefix}/include/weft/version.h" version)
  string(REGEX REPLACE "(VERSION_MINOR) [0-9]+" "\\1 77" version "${version}")
  file(WRITE "${WORK}/${STEP}/other/weft/version.h" "${version}")
  expect_link_error("")
  expect_link_error(weft_must_be_linked_in_version_0_77 "-I${WORK}/${STEP}/other")
  expect_link_error(weft_must_be_built_with_WEFT_LOOM_ON -DWEFT_LOOM)
endfunction()

# A user's shared library with weft inside: what it exports is the user's. The few C names are weft's
# own checks and what a debugger looks up.
function(check_visibility)
  pkg_config(flags weft-net)
  file(MAKE_DIRECTORY "${WORK}/${STEP}")
  run(${COMPILER} -std=c++20 -fPIC -shared -fvisibility=hidden -fvisibility-inlines-hidden
    "${user}/plugin.cc" ${flags} -o "${WORK}/${STEP}/plugin.so")
  execute_process(COMMAND nm --dynamic --defined-only "${WORK}/${STEP}/plugin.so"
    OUTPUT_VARIABLE exported COMMAND_ERROR_IS_FATAL ANY)
  if(NOT exported MATCHES " plugin_entry\n")
    message(FATAL_ERROR "the library does not export what is the user's:\n${exported}")
  endif()
  string(REGEX MATCHALL "[^\n]* _Z[A-Z]*[0-9]*N?K?4weft[^\n]*" leaked "${exported}")
  if(leaked)
    list(JOIN leaked "\n" leaked)
    message(FATAL_ERROR "the library exports weft's:\n${leaked}")
  endif()
endfunction()

if(STEP STREQUAL "IntoPrefix")
  file(REMOVE_RECURSE "${prefix}")
  run(${CMAKE_COMMAND} --install "${WEFT_BUILD}" --prefix "${prefix}")
elseif(STEP STREQUAL "WithFindPackage")
  build_user_project(-DCMAKE_PREFIX_PATH=${prefix})
  build_readme_project()
  # The project that the tutorial begins with.
  set(build "${WORK}/tutorial_project")
  run(${CMAKE_COMMAND} -S "${WEFT_SOURCE}/examples/tutorial/project" -B "${build}" -G "${GENERATOR}"
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${prefix})
  run(${CMAKE_COMMAND} --build "${build}")
  run("${build}/hello")
elseif(STEP STREQUAL "Embedded")
  build_user_project(-DFETCHCONTENT_SOURCE_DIR_WEFT=${WEFT_SOURCE} -DEMBED_WEFT=ON)
elseif(STEP STREQUAL "WithPkgConfig")
  build_with_pkg_config(program.cc weft-main)
  build_with_pkg_config(net_program.cc weft-net)
elseif(STEP STREQUAL "HeadersAreComplete")
  check_headers()
elseif(STEP STREQUAL "SymbolsStayInside")
  check_visibility()
elseif(STEP STREQUAL "MismatchIsNamed")
  check_mismatches()
else()
  message(FATAL_ERROR "unknown step '${STEP}'")
endif()
