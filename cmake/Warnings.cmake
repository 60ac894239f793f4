# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
#
# uc_warnings: what our own code is compiled with. Link it PRIVATE; other people's headers are SYSTEM.
add_library(uc_warnings INTERFACE)
target_compile_options(uc_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${UNDERCURRENT_WERROR}>>:-Werror>
  -fstack-protector-strong)
target_compile_definitions(uc_warnings INTERFACE _GLIBCXX_ASSERTIONS
  QT_NO_KEYWORDS QT_NO_FOREACH QT_NO_CAST_FROM_ASCII QT_DISABLE_DEPRECATED_BEFORE=0x060400)
target_link_options(uc_warnings INTERFACE -Wl,-z,relro,-z,now)
target_include_directories(uc_warnings INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)

configure_file(${PROJECT_SOURCE_DIR}/cmake/version.h.in ${PROJECT_BINARY_DIR}/generated/version.h @ONLY)
