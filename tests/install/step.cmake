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

# README.md's first C++ block, as a file: what newcomers copy must compile.
function(readme_program out)
  file(READ "${WEFT_SOURCE}/README.md" text)
  string(FIND "${text}" "```cpp\n" start)
  if(start EQUAL -1)
    message(FATAL_ERROR "README.md has no C++ block")
  endif()
  math(EXPR start "${start} + 7")
  string(SUBSTRING "${text}" ${start} -1 text)
  string(FIND "${text}" "```" end)
  string(SUBSTRING "${text}" 0 ${end} text)
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
  run("${build}/ring_model")
endfunction()

if(STEP STREQUAL "IntoPrefix")
  file(REMOVE_RECURSE "${prefix}")
  run(${CMAKE_COMMAND} --install "${WEFT_BUILD}" --prefix "${prefix}")
elseif(STEP STREQUAL "WithFindPackage")
  build_user_project(-DCMAKE_PREFIX_PATH=${prefix})
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
  set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
  execute_process(COMMAND ${PKG_CONFIG} --cflags --libs weft-main
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  file(MAKE_DIRECTORY "${WORK}/${STEP}")
  run(${COMPILER} -std=c++20 -Wall -Wextra -Werror "${user}/program.cc" ${flags}
    -o "${WORK}/${STEP}/program")
  set(ENV{LD_LIBRARY_PATH} "${prefix}/${LIBDIR}")  # for shared libraries: the flags name no path
  run("${WORK}/${STEP}/program")
else()
  message(FATAL_ERROR "unknown step '${STEP}'")
endif()
