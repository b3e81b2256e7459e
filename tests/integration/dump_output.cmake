# Runs the program of docs/guide/task-dumps.md, and compares what it prints with a file:
#   cmake -DPROGRAM=<path> -DEXPECTED=<file> -P dump_output.cmake
# Ids, addresses, durations, the number of workers and the directory of the sources may differ, and so
# may how compilers write functions.

execute_process(COMMAND "${PROGRAM}" RESULT_VARIABLE result OUTPUT_VARIABLE printed)
if(NOT result EQUAL 1)
  message(FATAL_ERROR "ended with ${result}, and not because of a deadlock:\n${printed}")
endif()
file(READ "${EXPECTED}" expected)
foreach(text printed expected)
  string(REGEX REPLACE "0x[0-9a-f]+" "<address>" ${text} "${${text}}")
  string(REGEX REPLACE "[0-9.]+ (ms|s)" "<time>" ${text} "${${text}}")
  string(REGEX REPLACE "[0-9]+ workers" "<n> workers" ${text} "${${text}}")
  string(REGEX REPLACE "runtime [0-9]+" "runtime <id>" ${text} "${${text}}")
  string(REGEX REPLACE "task [0-9]+" "task <id>" ${text} "${${text}}")
  string(REGEX REPLACE "[^ \n]*/(examples|runtime)/" "\\1/" ${text} "${${text}}")
  string(REGEX REPLACE "\n( +)[^\n]* at " "\n\\1<function> at " ${text} "${${text}}")
endforeach()
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "printed:\n${printed}\nexpected:\n${expected}")
endif()
