// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/pane_parts.h"
#include "app/workspace.h"
#include "widgets/heatmap_view.h"
#include "widgets/state_card.h"

#include <QStackedWidget>
#include <QWidget>

namespace uc {

/// What the second pane shows less what the first one shows, beside them; or why there is no difference.
/// Follows both. GUI thread.
class DifferencePane : public QWidget {
  Q_OBJECT

 public:
  DifferencePane(Workspace& workspace, QWidget* parent);
  void setShown(bool isShown);
  bool isShown() const { return m_isShown; }
  /// Nothing while one of the two has no picture, or they have nothing to compare.
  std::shared_ptr<const HeatmapContent> content() const { return m_content; }
  HeatmapView& view() { return *m_view; }
  void setTheme(const Theme& theme) { m_view->setTheme(theme); }

 private:
  void watch();
  void showContent();
  void showMarks();
  void fail(const QString& what, const QString& todo);

  Workspace& m_workspace;
  bool m_isShown = false;
  std::shared_ptr<const HeatmapContent> m_content;
  PaneHeader* m_header;
  QStackedWidget* m_stack;
  HeatmapView* m_view;
  StateCard* m_card;
};

}  // namespace uc
