# weft_folder(<name> [ONE_UNIT] [DEPS <folder>...] [EXTERNAL <target>...] [WITHOUT <sub-folder>...]): one source folder = one library = one node of the layer graph.
#
# A folder sees its own headers and those of its dependencies, transitively, and nothing else: each
# folder has an include root of its own, build/include/<name>/, that holds the single symbolic link
# weft/<name> -> <source>/<name>. An include of a folder above is therefore "No such file", so the
# weft_folder() lines of the top-level CMakeLists.txt are both the layering rule and its enforcement.
# (The links point at folders, never at the repository root, which would make a loop through build/.)
#
# The library is weft_<name>, alias weft::<name>. Its sources are all .cc files of the folder and its
# sub-folders, except those of a sub-folder main/, which hold a program's `int main` and are built by
# weft_main_library(), of a component (weft_component()), and of a kernel that is not this one's: what
# is written for one kernel lies in a sub-folder of its name, linux/ or kqueue/. WITHOUT names sub-folders that this build leaves out,
# one of two ways to do the same. Its headers are a file set, which brings installation and the check that every
# header compiles alone (target all_verify_interface_header_sets).
#
# ONE_UNIT: with WEFT_ONE_UNIT its sources are compiled as one.
#
# A folder without sources is an INTERFACE library. A folder that does not exist is left out, and
# those that depend on it get its dependencies instead.

include_guard(GLOBAL)

# Adds what every target of this project is built with: warnings, dialect, code generation.
#
# A static weft inside a user's shared library is that library's own business, so its symbols stay
# hidden. Shared libraries of weft export everything: folders call each other's internals, so most of
# it would be marked for export anyhow (docs/decisions/0021-packages.md).
function(weft_target_defaults target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  if(NOT BUILD_SHARED_LIBS)
    set_target_properties(${target} PROPERTIES
      CXX_VISIBILITY_PRESET hidden
      VISIBILITY_INLINES_HIDDEN ON)
  endif()
  target_compile_options(${target} PRIVATE ${WEFT_COMPILE_OPTIONS})
endfunction()

# Makes <build>/include/<root>/<link> a symbolic link to <directory>; returns the root in <out>.
function(weft_include_root out root link directory)
  set(base "${weft_BINARY_DIR}/include/${root}")
  get_filename_component(parent "${base}/${link}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  file(CREATE_LINK "${directory}" "${base}/${link}" SYMBOLIC)
  set(${out} "${base}" PARENT_SCOPE)
endfunction()

# The existing libraries that stand for <folders>: itself, or the dependencies of a missing folder.
function(weft_resolve_folders out)
  set(result "")
  foreach(folder IN LISTS ARGN)
    get_property(known GLOBAL PROPERTY WEFT_FOLDER_${folder} SET)
    if(NOT known)
      message(FATAL_ERROR "weft: '${folder}' is not declared by a weft_folder() line above its use")
    endif()
    get_property(targets GLOBAL PROPERTY WEFT_FOLDER_${folder})
    list(APPEND result ${targets})
  endforeach()
  list(REMOVE_DUPLICATES result)
  set(${out} "${result}" PARENT_SCOPE)
endfunction()

function(weft_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ONE_UNIT" "" "DEPS;EXTERNAL;WITHOUT")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weft_folder(${name}): unexpected ${arg_UNPARSED_ARGUMENTS}")
  endif()
  weft_resolve_folders(dependencies ${arg_DEPS})

  set(directory "${weft_SOURCE_DIR}/${name}")
  # Globbed even when the folder is missing: the build then notices when it appears.
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${directory}/*.cc")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${directory}/*.h")
  list(FILTER sources EXCLUDE REGEX "/(main|checker)/[^/]*\\.cc$")
  foreach(sub_folder IN LISTS arg_WITHOUT)
    list(FILTER sources EXCLUDE REGEX "^${directory}/${sub_folder}/")
    list(FILTER headers EXCLUDE REGEX "^${directory}/${sub_folder}/")
  endforeach()
  foreach(list sources headers)
    list(FILTER ${list} EXCLUDE REGEX "/${WEFT_OTHER_KERNELS}/[^/]*$")
  endforeach()
  if(NOT sources AND NOT headers)
    set_property(GLOBAL PROPERTY WEFT_FOLDER_${name} "${dependencies}")
    return()
  endif()

  weft_include_root(root ${name} weft/${name} "${directory}")
  string(REPLACE "${weft_SOURCE_DIR}/" "${root}/weft/" linked_headers "${headers}")

  set(target weft_${name})
  if(sources)
    add_library(${target} ${sources})
    weft_target_defaults(${target})
    set(visibility PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(visibility INTERFACE)
  endif()
  add_library(weft::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    VERIFY_INTERFACE_HEADER_SETS ON
    VERSION ${weft_VERSION}
    SOVERSION ${weft_VERSION_MAJOR}.${weft_VERSION_MINOR})
  target_sources(${target} ${visibility}
    FILE_SET HEADERS BASE_DIRS "${root}" FILES ${linked_headers})
  target_link_libraries(${target} ${visibility} ${dependencies})
  if(arg_EXTERNAL)
    target_link_libraries(${target} PRIVATE ${arg_EXTERNAL})
  endif()
  if(arg_ONE_UNIT AND WEFT_ONE_UNIT)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  endif()
  if(NOT dependencies)
    weft_usage_requirements(${target} ${visibility})
  endif()

  set_property(GLOBAL PROPERTY WEFT_FOLDER_${name} ${target})
  set_property(GLOBAL APPEND PROPERTY WEFT_LIBRARIES ${target})
endfunction()

# weft_version_header(<folder>): <weft/version.h>, made from the project's version, as one of <folder>'s headers.
function(weft_version_header folder)
  set(root "${weft_BINARY_DIR}/include/${folder}")
  configure_file("${weft_SOURCE_DIR}/cmake/version.h.in" "${root}/weft/version.h" @ONLY)
  target_sources(weft_${folder} PUBLIC FILE_SET HEADERS FILES "${root}/weft/version.h")
endfunction()

# weft_component(<folder> <component> DEPS <folder>...): the sources of <folder>/<component>/ as a library
# of their own, weft_<folder>_<component>, which only those link who want it. Its headers are the folder's.
function(weft_component folder component)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "DEPS")
  file(GLOB sources CONFIGURE_DEPENDS "${weft_SOURCE_DIR}/${folder}/${component}/*.cc")
  set(target weft_${folder}_${component})
  add_library(${target} ${sources})
  add_library(weft::${folder}_${component} ALIAS ${target})
  weft_target_defaults(${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${folder}_${component}
    VERSION ${weft_VERSION}
    SOVERSION ${weft_VERSION_MAJOR}.${weft_VERSION_MINOR})
  weft_resolve_folders(dependencies ${arg_DEPS})
  # Not the folder's own library: in a build under the checker that one depends on this.
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${weft_BINARY_DIR}/include/${folder}>")
  target_link_libraries(${target} PUBLIC ${dependencies})
  set_property(GLOBAL APPEND PROPERTY WEFT_COMPONENTS ${target})
endfunction()

# weft::main: the `int main` that starts a runtime and runs the user's co_main (<folder>/main/*.cc).
function(weft_main_library folder)
  file(GLOB sources CONFIGURE_DEPENDS "${weft_SOURCE_DIR}/${folder}/main/*.cc")
  if(NOT sources)
    return()
  endif()
  # Static always: the linker takes `main` out of the archive because the C startup code asks for it.
  add_library(weft_main STATIC ${sources})
  add_library(weft::main ALIAS weft_main)
  weft_target_defaults(weft_main)
  set_target_properties(weft_main PROPERTIES EXPORT_NAME main)
  # Its sources see what their folder sees; who links it gets all of weft.
  weft_resolve_folders(dependencies ${folder})
  target_link_libraries(weft_main PRIVATE ${dependencies} INTERFACE weft::weft)
endfunction()

# weft::weft: all folders and the umbrella header <weft/weft.h>.
function(weft_umbrella)
  get_property(libraries GLOBAL PROPERTY WEFT_LIBRARIES)
  add_library(weft INTERFACE)
  add_library(weft::weft ALIAS weft)
  set_target_properties(weft PROPERTIES EXPORT_NAME weft VERIFY_INTERFACE_HEADER_SETS ON)
  target_sources(weft INTERFACE
    FILE_SET HEADERS BASE_DIRS "${weft_SOURCE_DIR}/include"
    FILES "${weft_SOURCE_DIR}/include/weft/weft.h")
  # Upper folders first: the order in which static archives must be searched.
  list(REVERSE libraries)
  target_link_libraries(weft INTERFACE ${libraries})
endfunction()
