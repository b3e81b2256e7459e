# Compiles SOURCE with CASE_${CASE} defined and fails unless that fails with TEXT among the errors; for
# the case `none`, unless it succeeds. See CMakeLists.txt.

file(GLOB roots "${ROOTS}/*")
list(TRANSFORM roots PREPEND "-I")
execute_process(
  COMMAND "${COMPILER}" -std=c++20 -fsyntax-only ${roots} "-DCASE_${CASE}" "${SOURCE}"
  RESULT_VARIABLE result
  ERROR_VARIABLE errors)

if(CASE STREQUAL "none")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${SOURCE} does not compile without a mistake:\n${errors}")
  endif()
  return()
endif()
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles with the mistake '${CASE}'")
endif()
# Compilers break long messages at no particular place.
string(REGEX REPLACE "[ \n]+" " " flat "${errors}")
string(FIND "${flat}" "${TEXT}" found)
if(found EQUAL -1)
  message(FATAL_ERROR "the errors do not say \"${TEXT}\" but:\n${errors}")
endif()
