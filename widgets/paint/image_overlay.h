// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/model_info.h"
#include "core/values/picture.h"
#include "core/values/view_state.h"
#include "widgets/paint/figure.h"

#include <QImage>

#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// One row of a map on the picture: what the patch (or class token) `query` takes from every other one. A
/// value, made anew for each query; the picture's pixels are shared.
///
/// With nearest interpolation a pixel has the mean of the values of the patches that cover it: one, unless
/// they overlap. With bilinear it has the value between the centers of the four nearest patches, beyond the
/// outermost centers that of the border; patches that are not attended or not finite take no part. Either
/// way a place that only such patches cover shows what they are and no color of the map.
struct OverlayContent {
  QImage picture;                     // as the model sees it, RGB32
  VisionInfo vision;                  // without its labels
  int64_t query = 0;                  // token
  std::vector<float> raw, shown;      // [tokens] of its row
  Attended attended = Attended::All;  // which keys the query sees
  ColorScale scale;
  ValueRange extent;  // of the whole map's shown values
  OverlayChoice choice;
  bool showGrid = false;
  QString title, legend, caption;

  bool isAttended(int64_t token) const;
  int64_t tokens() const { return static_cast<int64_t>(shown.size()); }
};

/// The pixels of a picture for Qt, copied.
QImage imageOf(const Picture& picture);

/// The token that `choice` asks for: the class token, else the patch in the middle, where it names none.
int64_t queryOf(const OverlayChoice& choice, const VisionInfo& vision);

/// Takes the row of the view's query out of a map of all the picture's tokens, of which it may have only
/// some rows. Throws Failure where the map is pooled, is of other tokens or lacks the row.
OverlayContent overlayContent(const HeatmapContent& map, const QImage& picture, const VisionInfo& vision,
                              const ViewState& view);

// Geometry of patches, in pixels of the picture.
/// The token of a patch, counted by rows of the grid: the inverse of VisionInfo::patchOf.
int64_t tokenOfPatch(const VisionInfo& vision, int64_t patch);
/// Where a token's patch lies; empty for the class token.
QRectF patchRect(const VisionInfo& vision, int64_t token);
/// The token whose patch has its center nearest to the pixel.
int64_t nearestPatch(const VisionInfo& vision, const QPointF& pixel);
/// The attended token, other than the query itself, of the largest finite |raw value|.
std::optional<int64_t> strongestKey(const OverlayContent& content);

/// `scaled` shows the part `part` (pixels of the picture) of the picture in RGB32; the result is the same
/// with the row laid over it by the content's choice, what is not attended hatched. `perUnit`: pixels of
/// `scaled` a painter unit.
QImage blendedPicture(const OverlayContent& content, const QImage& scaled, const QRectF& part,
                      const HeatmapStyle& style, double perUnit);
/// The part of the picture at that many pixels: smooth for photographs, before anything lies on it.
QImage scaledPicture(const QImage& picture, const QRectF& part, const QSize& pixels);

/// Where things lie: `cells` is the picture's place and `viewport` the part of it that is shown, in its
/// pixels. With `pixelRatio` the place is a whole number of device pixels of the screen; 0: of none.
HeatmapLayout layoutOverlay(const OverlayContent& content, const QRectF& area, const Viewport& viewport,
                            const HeatmapStyle& style, double pixelRatio);
/// The part of the picture that a layout shows.
QRectF shownPart(const HeatmapLayout& layout);
/// The class token's diamond at the right edge, at the height that its place in the scan has; empty where
/// there is none or the choice leaves it out.
QRectF classTokenRect(const OverlayContent& content, const HeatmapLayout& layout);
/// The token under a point: the diamond's, else the patch's; nothing beside the picture.
std::optional<int64_t> tokenAt(const OverlayContent& content, const HeatmapLayout& layout,
                               const QPointF& point);

/// Everything on the picture that does not move with the query: grid lines, scan path.
void paintOverlayPath(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                      const HeatmapStyle& style);
/// And what does: class token, strongest key, query and the patch that is hovered.
void paintOverlayMarks(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                       const HeatmapStyle& style, std::optional<int64_t> hovered);
void paintOverlayBar(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                     const HeatmapStyle& style);

/// "patch 74 (row 5, column 4)", "class token 98".
QString patchName(const VisionInfo& vision, int64_t token);

class OverlayFigure : public Figure {
 public:
  explicit OverlayFigure(std::shared_ptr<const OverlayContent> content) : m_content(std::move(content)) {}
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  std::shared_ptr<const OverlayContent> m_content;
};

}  // namespace uc
