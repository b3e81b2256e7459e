# pkg-config files: `weft`, `weft-main` and one for each folder, `weft-net`, which names those below it.
#
# They find the rest relative to themselves, so that the tree may be moved. What a static library uses
# is linked by the program, so it stands where `pkg-config --libs` finds it without --static; a shared
# library brings it along, so there it is private.

include_guard(GLOBAL)

file(RELATIVE_PATH WEFT_PC_PREFIX
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" WEFT_PC_PREFIX "${WEFT_PC_PREFIX}")
# weft_pkg_config(<name> <description> <field>...): writes and installs one file.
function(weft_pkg_config pc_name pc_description)
  list(JOIN ARGN "\n" pc_fields)
  configure_file("${weft_SOURCE_DIR}/cmake/library.pc.in" "${weft_BINARY_DIR}/${pc_name}.pc" @ONLY)
  install(FILES "${weft_BINARY_DIR}/${pc_name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

# One folder's file. What a program is compiled and linked with in any case is the lowest folder's.
function(weft_pkg_config_library library)
  string(REGEX REPLACE "^weft_" "" folder ${library})
  get_target_property(type ${library} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    get_target_property(links ${library} INTERFACE_LINK_LIBRARIES)
    set(own "")
  else()
    get_target_property(links ${library} LINK_LIBRARIES)
    set(own " -L\${libdir} -l${library}")
  endif()
  set(fields "")
  set(used "")
  if(folder STREQUAL "base")
    set(sanitizers "")
    if(WEFT_SANITIZE)
      set(sanitizers " -fsanitize=${WEFT_SANITIZE}")
    endif()
    list(APPEND fields "Cflags: -I\${includedir} -pthread -foptimize-sibling-calls${sanitizers}")
    set(used " -lboost_context -pthread${sanitizers}")
  endif()
  if("Cares::cares" IN_LIST links)
    string(APPEND used " -lcares")
  endif()
  set(required "")
  foreach(link IN LISTS links)
    if(link MATCHES "^weft_(.*)")
      list(APPEND required "weft-${CMAKE_MATCH_1} = ${weft_VERSION}")
    endif()
  endforeach()
  if(required)
    list(JOIN required ", " required)
    list(APPEND fields "Requires: ${required}")
  endif()
  if(BUILD_SHARED_LIBS)
    list(APPEND fields "Libs:${own}" "Libs.private:${used}")
  else()
    list(APPEND fields "Libs:${own}${used}")
  endif()
  weft_pkg_config(weft-${folder}
    "${PROJECT_DESCRIPTION}: ${folder} (compile with -std=c++20 or later)" ${fields})
endfunction()
