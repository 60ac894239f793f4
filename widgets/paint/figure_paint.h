// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/figure.h"

namespace uc {

/// Size of a figure in the units in which figures are laid out, 1440 an inch.
QSizeF figureUnits(const Figure& figure, const FigureOptions& options);

/// Paints ground and figure at the origin, in those units.
void paintFigure(QPainter& painter, const Figure& figure, const FigureOptions& options, const QSizeF& units);

}  // namespace uc
