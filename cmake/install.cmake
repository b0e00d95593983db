# What `make install` puts where: the libraries with the names that -ltaos, -ltaosws and dlopen() expect, the headers,
# the pkg-config files and the CMake package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(${CMAKE_CURRENT_LIST_DIR}/exports.cmake)

# The TDengine client whose interface this is: what `pkg-config --atleast-version=3 taos` asks about.
set(OTS_API_VERSION 3.3.7 CACHE STRING "version of the interface, as the pkg-config files give it")

install(TARGETS taos taosws EXPORT opentaosTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS taos_static EXPORT opentaosStaticTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
file(GLOB ots_headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/*.h)
install(FILES ${ots_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# ---- pkg-config: relative to the file itself, so that a tree that was moved still works
set(ots_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(OTS_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
  set(OTS_PC_LIBDIR "${CMAKE_INSTALL_LIBDIR}")
else()
  file(RELATIVE_PATH ots_pc_up "/${ots_pc_dir}" "/")
  string(REGEX REPLACE "/$" "" ots_pc_up "${ots_pc_up}")
  set(OTS_PC_PREFIX "\${pcfiledir}/${ots_pc_up}")
  set(OTS_PC_LIBDIR "\${exec_prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(OTS_PC_INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}")
else()
  set(OTS_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
# Flags rather than Requires.private: with the latter `pkg-config --cflags taos` fails on a machine that lacks the
# development files of libraries which only libtaos.a needs.
set(OTS_PC_LIBS_PRIVATE ${LWS_STATIC_LDFLAGS} ${CJSON_STATIC_LDFLAGS} -lz -lssl -lcrypto -lstdc++ -lm -ldl -lpthread)
list(FILTER OTS_PC_LIBS_PRIVATE EXCLUDE REGEX "^-L")
list(REVERSE OTS_PC_LIBS_PRIVATE) # of what is named twice, the last place counts
list(REMOVE_DUPLICATES OTS_PC_LIBS_PRIVATE)
list(REVERSE OTS_PC_LIBS_PRIVATE)
string(REPLACE ";" " " OTS_PC_LIBS_PRIVATE "${OTS_PC_LIBS_PRIVATE}")
foreach(name taos taosws)
  configure_file(${CMAKE_SOURCE_DIR}/pkgconfig/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION ${ots_pc_dir})
endforeach()

# ---- CMake package
set(ots_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/opentaos)
install(EXPORT opentaosTargets NAMESPACE opentaos:: DESTINATION ${ots_package_dir})
install(EXPORT opentaosStaticTargets NAMESPACE opentaos:: DESTINATION ${ots_package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/opentaosConfig.cmake.in ${CMAKE_BINARY_DIR}/opentaosConfig.cmake
                              INSTALL_DESTINATION ${ots_package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/opentaosConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/opentaosConfig.cmake ${CMAKE_BINARY_DIR}/opentaosConfigVersion.cmake
        DESTINATION ${ots_package_dir})
