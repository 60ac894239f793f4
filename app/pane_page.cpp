// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/pane_page.h"

#include "app/graph_page.h"
#include "app/heatmap_page.h"
#include "app/overlay_page.h"
#include "app/text_page.h"

#include <QVBoxLayout>

namespace uc {

void PanePage::fill(QWidget* view, QWidget* canvas) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(view);
  canvas->setFocusPolicy(Qt::StrongFocus);
  canvas->setProperty("largeFocus", true);
}

std::unique_ptr<PanePage> makePage(View view, Document& document, QWidget* parent) {
  switch (view) {
    case View::Graph:
      return std::make_unique<GraphPage>(document, parent);
    case View::Strip:
      return std::make_unique<TextPage>(document, parent);
    case View::Overlay:
      return std::make_unique<OverlayPage>(document, parent);
    case View::Heatmap:
    case View::Atlas:
    case View::Compare:
    case View::State:
    case View::Attribution:
      break;
  }
  return std::make_unique<HeatmapPage>(document, parent);
}

const std::vector<View>& paneViews() {
  static const std::vector<View> views = {View::Heatmap, View::Graph, View::Strip, View::Overlay};
  return views;
}

}  // namespace uc
