// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/engine/engine.h"
#include "core/values/view_state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uc {

/// Wrong usage: decidable from the command line alone (conventions.md 1). Status 2.
struct UsageError {
  std::string message;
  std::string command;  // whose --help to name; may be empty
};

/// The user asked for a text (--help, --version): print it and leave with status 0.
struct TextWanted {
  std::string text;
};

/// Layers as written: single ones and half-open ranges, or all.
struct LayerChoice {
  struct Range {
    int64_t begin = 0, end = 0;
  };
  bool isAll = false;
  bool isList = false;  // written as a list, a range or all: files then keep an axis of layers
  std::vector<Range> ranges;

  bool isSeveral() const {
    return isAll || ranges.size() > 1 || (ranges.size() == 1 && ranges[0].end - ranges[0].begin > 1);
  }
  /// The layer numbers in their order, each once. Throws Failure when one is not below `layers`.
  std::vector<int64_t> resolve(int64_t layers) const;
};

/// How pictures look on paper.
struct PaperOptions {
  std::optional<double> widthMm, dpi;
  std::optional<std::string> title;
  bool isDark = false, isTransparent = false, noColorbar = false;
};

/// Everything that a command line says, checked as far as that is possible without model and disk.
struct Arguments {
  enum class Command { Version, Info, Tokens, Predict, Map, Verify, Statistics, Devices, Bench };
  Command command = Command::Info;

  std::string model;
  OpenOptions open;
  int threads = 0;
  bool isJson = false, isQuiet = false, wantsProgress = false;

  std::optional<std::string> text, textFile, idsFile, image;
  std::optional<std::vector<int64_t>> ids;
  int64_t maxTokens = 0;
  std::string preprocess = "official";  // of the picture

  LayerChoice layers;
  ViewState view;  // of map: lanes, factors, direction, part, look; the layer comes from `layers`
  bool hasLook = false;
  PaperOptions paper;
  std::optional<std::string> output;
  std::string ending;  // of the output, lower case: ".npy"

  int64_t top = 10;
  std::optional<GenerateOptions> generate;

  std::string benchRows;  // of bench: the row, or what several begin with; empty: all
  bool isFullBench = false;
};

/// Throws UsageError or TextWanted.
Arguments parseArguments(int argc, const char* const* argv);

/// True when --json is among the arguments, however wrong the rest is.
bool wantsJson(int argc, const char* const* argv);

// Pieces of the grammar, each throwing UsageError with a sentence that names `option`.
std::vector<int64_t> parseIds(const std::string& text, const std::string& option);
LayerChoice parseLayers(const std::string& text);
TokenRange parseRange(const std::string& text, const std::string& option);
Factors parseFactors(const std::string& text);
/// ".npy" of "a/b.NPY"; one of `allowed` or UsageError.
std::string checkedEnding(const std::string& path, const std::vector<std::string>& allowed);

}  // namespace uc
