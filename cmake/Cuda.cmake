# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
#
# Kernels by nvcc itself: CMake 3.25 knows no CUDA C++20. Each source becomes one object for all architectures,
# beside it what ptxas says of it (NAME.ptxas), which the test gpu_kernels reads.
#
# uc_find_cuda() sets UC_CUDA to whether there are a compiler and a runtime, by the option UNDERCURRENT_CUDA.
# uc_add_kernels(target sources…) lets who links a target link kernels too. No target is made to wait for them:
# only linking does, since compiling them takes as long as everything else.
set(UC_CUDA_ARCHITECTURES 75 80 86 89 90 100 120)

function(uc_find_cuda)
  set(UC_CUDA OFF PARENT_SCOPE)
  if(UNDERCURRENT_CUDA STREQUAL "OFF")
    return()
  endif()
  find_package(CUDAToolkit QUIET)
  if(CUDAToolkit_FOUND AND CUDAToolkit_NVCC_EXECUTABLE)
    set(UC_CUDA ON PARENT_SCOPE)
  elseif(UNDERCURRENT_CUDA STREQUAL "ON")
    message(FATAL_ERROR "UNDERCURRENT_CUDA is ON, but no CUDA Toolkit was found.")
  endif()
endfunction()

function(uc_add_kernels target)
  # One intermediate code for all, which later devices compile themselves.
  list(GET UC_CUDA_ARCHITECTURES 0 oldest)
  list(TRANSFORM UC_CUDA_ARCHITECTURES PREPEND sm_ OUTPUT_VARIABLE codes)
  list(JOIN codes "," codes)
  set(objects "")
  foreach(source IN LISTS ARGN)
    get_filename_component(name ${source} NAME_WE)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.cu.o)
    set(said ${CMAKE_CURRENT_BINARY_DIR}/${name}.ptxas)
    add_custom_command(OUTPUT ${object} ${said}
      COMMAND sh -c "\"$@\" > '${said}.new' 2>&1 || { cat '${said}.new'; exit 1; }" nvcc
        ${CUDAToolkit_NVCC_EXECUTABLE} -std=c++20 -O3 --threads 2 -ccbin ${CMAKE_CXX_COMPILER}
        "-gencode=arch=compute_${oldest},code=[${codes},compute_${oldest}]" -Xptxas -v
        -Xcompiler=-fPIC,-fvisibility=hidden -I${PROJECT_SOURCE_DIR} -MD -MT ${object} -MF ${object}.d
        -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
      COMMAND ${CMAKE_COMMAND} -E rename ${said}.new ${said}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source} DEPFILE ${object}.d VERBATIM
      COMMENT "Compiling kernels ${source}")
    list(APPEND objects ${object})
  endforeach()
  add_custom_target(${target}_kernels ALL DEPENDS ${objects})
  target_link_libraries(${target} INTERFACE ${objects})
endfunction()
