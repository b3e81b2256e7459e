# Installation: libraries, headers, a CMake package (find_package(weft CONFIG) gives weft::weft,
# weft::main and weft::<folder>), pkg-config files (weft, weft-main, weft-<folder>), commands for gdb.

include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY WEFT_LIBRARIES)
get_property(components GLOBAL PROPERTY WEFT_COMPONENTS)
install(TARGETS ${components} EXPORT weft_targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS weft ${libraries} EXPORT weft_targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET weft_main)
  install(TARGETS weft_main EXPORT weft_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

if(WEFT_CARES)
  install(FILES cmake/FindCares.cmake DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/weft")
endif()
set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/weft")
install(EXPORT weft_targets
  NAMESPACE weft::
  FILE weft_targets.cmake
  DESTINATION "${package_directory}")
set(weft_package_components "")
foreach(target weft ${libraries} ${components})
  string(REGEX REPLACE "^weft_" "" component ${target})
  list(APPEND weft_package_components ${component})
endforeach()
if(TARGET weft_main)
  list(APPEND weft_package_components main)
endif()
set(weft_is_shared ${BUILD_SHARED_LIBS})
if(NOT weft_is_shared)
  set(weft_is_shared OFF)
endif()
configure_package_config_file(cmake/weft_config.cmake.in "${weft_BINARY_DIR}/weft-config.cmake"
  INSTALL_DESTINATION "${package_directory}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${weft_BINARY_DIR}/weft-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${weft_BINARY_DIR}/weft-config.cmake"
  "${weft_BINARY_DIR}/weft-config-version.cmake"
  DESTINATION "${package_directory}")

# docs/guide/debugging.md says how gdb gets them.
install(FILES tools/gdb/weft_gdb.py tools/gdb/weft_printers.py tools/gdb/weft_tasks.py
  DESTINATION "${CMAKE_INSTALL_DATADIR}/weft/gdb")

include(cmake/pkg_config.cmake)
set(every_folder "")
foreach(library IN LISTS libraries)
  weft_pkg_config_library(${library})
  # An archive is searched once, where it stands: upper folders come first.
  string(REGEX REPLACE "^weft_" "weft-" name ${library})
  list(PREPEND every_folder "${name} = ${weft_VERSION}")
endforeach()
list(JOIN every_folder ", " every_folder)
weft_pkg_config(weft "${PROJECT_DESCRIPTION} (compile with -std=c++20 or later)"
  "Requires: ${every_folder}")
if(TARGET weft_main)
  weft_pkg_config(weft-main
    "The main function that runs the program's weft::Task<int> co_main(int, char**)"
    "Requires: weft = ${weft_VERSION}"
    "Libs: -L\${libdir} -lweft_main")
endif()
