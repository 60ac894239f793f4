// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/difference_pane.h"
#include "app/pane.h"
#include "app/workspace.h"

#include <QSplitter>
#include <QWidget>

#include <vector>

namespace uc {

/// The panes of a workspace side by side, or one of them alone. Makes and drops them as the workspace says.
class PaneGrid : public QWidget {
  Q_OBJECT

 public:
  explicit PaneGrid(Workspace& workspace, QWidget* parent = nullptr);
  Pane& active() const { return *m_panes[static_cast<size_t>(m_workspace.activeIndex())]; }
  const std::vector<Pane*>& panes() const { return m_panes; }
  /// The difference of the first two panes; null until it was shown once.
  DifferencePane* difference() const { return m_difference; }
  bool isSolo() const { return m_isSolo; }
  void setSolo(bool isSolo);
  void setTheme(const Theme& theme);
  void setOverlayVisible(bool isVisible);

 Q_SIGNALS:
  void paneMade(uc::Pane* pane);

 private:
  void rebuild();
  void arrange();
  void showPlaces();
  Pane* make(Document& document);

  Workspace& m_workspace;
  Theme m_theme = Theme::light();
  bool m_isOverlayVisible = true, m_isSolo = false;
  QSplitter* m_rows;
  DifferencePane* m_difference = nullptr;
  std::vector<Pane*> m_panes;  // in the workspace's order
};

}  // namespace uc
