# `cmake --build . --target exports` writes the export lists anew after a change of the public headers.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_custom_target(exports COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/gen_exports.py
                    COMMENT "Export lists from the public headers" VERBATIM)
endif()
