// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli_arguments.h"

#include <string>
#include <vector>

namespace uc {

/// One map on its way to paper.
struct CliFigure {
  MapResult map;
  ViewState view;
  std::string json;  // the view that the file carries
  BadgeResult badge;
};

/// Draws figures on Qt's offscreen platform and saves them: as many files as figures, or all as pages of one
/// PDF.
void drawFigures(const std::vector<CliFigure>& figures, const std::vector<std::string>& files,
                 const ModelInfo& info, const Tokens& tokens, const Arguments& arguments);

}  // namespace uc
