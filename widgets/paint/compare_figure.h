// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/alignment.h"
#include "widgets/paint/figure.h"

#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// Signed difference B − A of what two panes show, under the one normalization that both have. Of log10 it
/// is log10 of B ÷ A, which the colorbar says as "× 10" and "÷ 10"; where both values are 0 there is no
/// difference. Diverging colors in a range that is symmetric around 0; a cell is attended where it is in
/// both. Throws Failure where the panes have different tokens (alignedSource() helps), parts or pooling.
HeatmapContent differenceContent(const HeatmapContent& a, const HeatmapContent& b,
                                 Normalization normalization);

/// What a whole map of tokens is as one of the segments of `text` that two tokenizers share
/// (core/values/alignment.h), before normalization. `side` says whose tokens the map has.
HeatmapSource alignedSource(HeatmapSource source, const std::vector<AlignedSegment>& segments,
                            TokenRange AlignedSegment::*side, const std::string& text);

/// One scale for several maps: colors of the first one, a range that holds all of their ranges, symmetric
/// for signed values. Nothing where signed and unsigned values meet, or there are no maps.
std::optional<ColorScale> commonScale(const std::vector<std::shared_ptr<const HeatmapContent>>& maps);

/// The content in another scale.
std::shared_ptr<const HeatmapContent> inScale(const HeatmapContent& content, const ColorScale& scale);

/// Two to four maps side by side, lettered A … D, in a row or, more than two of them on a narrow page, two by
/// two. Panes whose scales are equal share a colorbar. `difference`, where given, comes last as "B − A".
class CompareFigure : public Figure {
 public:
  CompareFigure(std::vector<std::shared_ptr<const HeatmapContent>> panes,
                std::shared_ptr<const HeatmapContent> difference);
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  struct Place;
  struct Plan;
  Plan plan(const QRectF& area, const HeatmapStyle& style) const;
  double addBars(Plan& plan, size_t first, size_t last, double top, const QRectF& area,
                 const HeatmapStyle& style) const;

  std::vector<std::shared_ptr<const HeatmapContent>> m_panes;  // with the difference
  QStringList m_letters;
  QString m_caption;
};

}  // namespace uc
