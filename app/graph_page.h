// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/pane_page.h"
#include "widgets/graph_controls.h"
#include "widgets/token_graph_view.h"

namespace uc {

/// The map as arcs between its tokens.
class GraphPage : public PanePage {
  Q_OBJECT

 public:
  GraphPage(Document& document, QWidget* parent);

  QWidget& canvas() override { return *m_view; }
  QWidget* controls() override { return m_controls; }
  void setTheme(const Theme&) override { m_view->update(); }
  void setStale(bool isStale) override { m_view->setEnabled(!isStale); }
  void zoomBy(double factor) override { m_view->zoomBy(factor, m_view->width() / 2.0); }
  std::shared_ptr<const Figure> figure() const override;

 private:
  void connectView();
  void showView();
  void showGraph();

  TokenGraphView* m_view;
  GraphControls* m_controls;
};

}  // namespace uc
