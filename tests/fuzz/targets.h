// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace uc::fuzz {

using Bytes = std::span<const uint8_t>;

/// A parser under any bytes. It must return: a Failure with a message fit to be shown is an answer, anything
/// else (a crash, another exception, a message of two lines) stops the run.
struct Target {
  std::string_view name;  // also of its folder in corpus/
  void (*run)(Bytes input);
};

/// All of them: a libFuzzer program is built for each (preset `fuzz`), and the replay test runs each over its
/// corpus.
std::span<const Target> targets();

/// What every target does with the Failure that a parser throws.
void guarded(void (*parse)(Bytes), Bytes input);

}  // namespace uc::fuzz
