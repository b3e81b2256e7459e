# Runs a model that fails, and compares what it prints, up to the replay string, with a file:
#   cmake -DPROGRAM=<path> -DEXPECTED=<file> -P model_output.cmake
# Then repeats the failing execution alone, by that string.

execute_process(COMMAND "${PROGRAM}" RESULT_VARIABLE result ERROR_VARIABLE printed)
if(result EQUAL 0)
  message(FATAL_ERROR "the model passes:\n${printed}")
endif()
file(READ "${EXPECTED}" expected)
string(LENGTH "${expected}" length)
string(SUBSTRING "${printed}" 0 ${length} printed)
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "printed:\n${printed}\nexpected:\n${expected}")
endif()

string(REGEX MATCH "WEFT_LOOM_REPLAY='([^']*)'" unused "${expected}")
set(ENV{WEFT_LOOM_REPLAY} "${CMAKE_MATCH_1}")
execute_process(COMMAND "${PROGRAM}" RESULT_VARIABLE result ERROR_VARIABLE repeated)
string(SUBSTRING "${repeated}" 0 ${length} repeated)
string(REGEX REPLACE "execution [0-9]+" "execution 1" expected "${expected}")
if(result EQUAL 0 OR NOT repeated STREQUAL expected)
  message(FATAL_ERROR "the replay printed:\n${repeated}\nexpected:\n${expected}")
endif()
