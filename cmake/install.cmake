# Installation: libraries, headers, a CMake package (find_package(weft CONFIG) gives weft::weft,
# weft::main and weft::<folder>) and pkg-config files (weft, weft-main).

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

set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/weft")
install(EXPORT weft_targets
  NAMESPACE weft::
  FILE weft_targets.cmake
  DESTINATION "${package_directory}")
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

# The pkg-config files find the rest relative to themselves, so that the tree may be moved. A static
# archive is searched once, where it stands: libraries of upper folders come first.
file(RELATIVE_PATH WEFT_PC_PREFIX
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" WEFT_PC_PREFIX "${WEFT_PC_PREFIX}")
set(upper_first ${libraries})
list(REVERSE upper_first)
set(WEFT_PC_LIBRARIES "")
foreach(library IN LISTS upper_first)
  get_target_property(type ${library} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    string(APPEND WEFT_PC_LIBRARIES " -l${library}")
  endif()
endforeach()
if(WEFT_CARES)
  string(APPEND WEFT_PC_LIBRARIES " -lcares")
endif()
set(WEFT_PC_COMPILE_OPTIONS "-foptimize-sibling-calls")
if(WEFT_SANITIZE)
  string(APPEND WEFT_PC_COMPILE_OPTIONS " -fsanitize=${WEFT_SANITIZE}")
  string(APPEND WEFT_PC_LIBRARIES " -fsanitize=${WEFT_SANITIZE}")
endif()
foreach(name weft weft-main)
  configure_file(cmake/${name}.pc.in "${weft_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${weft_BINARY_DIR}/${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
