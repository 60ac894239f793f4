// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

#include <QByteArray>
#include <QSizeF>
#include <QString>

#include <memory>
#include <string>
#include <vector>

namespace uc {

/// A picture that can be painted at any size and saved in any format: the same for panes, export dialog and
/// command line.
class Figure {
 public:
  virtual ~Figure() = default;
  /// Height that suits a width, both in the painter's units, for text of `pointSize` units.
  virtual double heightFor(double width, const HeatmapStyle& style) const = 0;
  virtual void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const = 0;
};

class HeatmapFigure : public Figure {
 public:
  explicit HeatmapFigure(std::shared_ptr<const HeatmapContent> content) : m_content(std::move(content)) {}
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  std::shared_ptr<const HeatmapContent> m_content;
};

/// How a figure goes to paper.
struct FigureOptions {
  double widthMm = 85.0;
  double dpi = 300.0;
  double textPt = 7.0;  // axis text; title + 1, ticks − 0.5, never under 6
  bool isDark = false;
  bool isTransparent = false;
  bool showTitle = true, showColorbar = true, showTokens = true, showCaption = true;
  bool showGrid = false;
  bool showCrosshair = false;  // of the locked cell
  bool vectorCells = false;    // SVG and PDF, under 200 × 200 cells
  bool keepView = true;        // embed the view's JSON
};

/// The style of a figure in painter units, where 1 pt is `unitsPerPoint` units.
HeatmapStyle figureStyle(const FigureOptions& options, double unitsPerPoint);

/// Size on paper in mm.
QSizeF figureSizeMm(const Figure& figure, const FigureOptions& options);

/// Renders to an image of the file's own pixels (preview, PNG, TIFF).
QImage renderFigure(const Figure& figure, const FigureOptions& options);

/// The bytes of a figure file; `format` is "png", "tiff", "svg" or "pdf". `view` is embedded (PNG iTXt
/// `undercurrent`, SVG <metadata>, PDF XMP, TIFF ImageDescription) when options.keepView. Text stays text in
/// SVG and PDF. Needs a QGuiApplication (any platform, also `offscreen`). Throws Failure for an unknown
/// format or a size over 20,000 pixels.
QByteArray encodeFigure(const Figure& figure, const FigureOptions& options, const std::string& format,
                        const std::string& view);

/// One PDF with a page for each figure (at least one), each page of its figure's size; `view` as in
/// encodeFigure().
QByteArray encodePages(const std::vector<const Figure*>& pages, const FigureOptions& options,
                       const std::string& view);

/// The embedded view of a figure file's bytes, or an empty string.
std::string embeddedView(const QByteArray& bytes);

/// Fills a HeatmapContent from a map's values: normalization, scale, title, legend. One way for pane and
/// command line.
struct HeatmapSource {
  Matrix values;  // already times the input for Contribution
  MapGrid grid;
  bool isUnsigned = false;
  std::optional<ValueRange> extent;  // of the colors where no range is chosen; none: the map's own
  // Of a long input: the range is the trimmed extent where values are shown as they are.
  bool isOverview = false;
  QStringList tokens;
  QString modelName, dtype;
  QString badgeLine;  // third caption line, when known: "This map gives 94.1 % of the layer’s output; layer
                      // check 2.4e−7."
};
HeatmapContent heatmapContent(HeatmapSource source, const ViewState& view);

}  // namespace uc
