// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/pane_page.h"
#include "widgets/heatmap_view.h"

#include <QTimer>

namespace uc {

/// The map itself.
class HeatmapPage : public PanePage {
  Q_OBJECT

 public:
  HeatmapPage(Document& document, QWidget* parent);
  HeatmapView& view() { return *m_view; }
  void setOverlayVisible(bool isVisible) { m_view->setOverlayVisible(isVisible); }

  QWidget& canvas() override { return *m_view; }
  void setTheme(const Theme& theme) override { m_view->setTheme(theme); }
  void setStale(bool isStale) override { m_view->setStale(isStale); }
  void zoomBy(double factor) override { m_view->zoomBy(factor, m_view->layout().cells.center()); }
  std::shared_ptr<const Figure> figure() const override;
  /// What the figure shows, with the badge in its caption.
  std::shared_ptr<const HeatmapContent> figureContent() const;

 private:
  void connectView();
  void showView();
  void showContent();
  void showTiles();
  void showReadOut();

  HeatmapView* m_view;
  QTimer m_still;
};

}  // namespace uc
