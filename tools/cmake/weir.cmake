# What every target of weir shares: language level, warnings, sanitizers, and two functions.
option(WEIR_TESTS "build the tests" ON)
option(WEIR_FUZZ "build the fuzz targets instead of the tests; needs clang" OFF)
set(WEIR_SANITIZE "" CACHE STRING "value for -fsanitize=, for example address,undefined")

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(weir_build_flags INTERFACE)
target_compile_features(weir_build_flags INTERFACE cxx_std_20)
target_include_directories(weir_build_flags INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
target_compile_options(weir_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wdouble-promotion -Wformat=2 -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wsuggest-override>
  # GCC 12 raises these falsely inside <string> and <optional> once it optimises.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-maybe-uninitialized>)
if(WEIR_SANITIZE)
  target_compile_options(weir_build_flags INTERFACE
    -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(weir_build_flags INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()
if(WEIR_FUZZ)
  target_compile_options(weir_build_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# weir_library(<folder> SOURCES <file>... [PUBLIC <target>...] [PRIVATE <target>...])
# makes the static library weir::<folder>; its link lines are the dependencies between folders.
function(weir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(weir_${name} STATIC ${ARG_SOURCES})
  add_library(weir::${name} ALIAS weir_${name})
  target_link_libraries(weir_${name} PUBLIC weir_build_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# weir_embed(<target> <file> <symbol>) makes <folder>/<file name>.hpp, in which
# weir::<folder>::<symbol> is the text of the file.
function(weir_embed target file symbol)
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  get_filename_component(stem "${file}" NAME)
  set(header "${CMAKE_BINARY_DIR}/${folder}/${stem}.hpp")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(READ "${file}" text)
  file(CONFIGURE OUTPUT "${header}" @ONLY CONTENT
"#pragma once
#include <string_view>
namespace weir::${folder} {
inline constexpr std::string_view ${symbol} = R\"weir(@text@)weir\";
}
")
  target_sources(${target} PRIVATE "${header}")
endfunction()
