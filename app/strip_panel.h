// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/workspace.h"
#include "widgets/rich_line.h"
#include "widgets/segmented_control.h"
#include "widgets/token_strip.h"

#include <QScrollArea>

namespace uc {

/// The token strip with what it shows: the row or the column of the cell under the pointer, else of the
/// locked one; of every pane where several show the same tokens.
class StripPanel : public QScrollArea {
  Q_OBJECT

 public:
  explicit StripPanel(Workspace& workspace, QWidget* parent = nullptr);
  /// For the dock's title: what is shown, the choice between row and column, and what a piece is.
  RichLine& heading() { return *m_heading; }
  SegmentedControl& choice() { return *m_choice; }
  SegmentedControl& granularity() { return *m_granularity; }
  TokenStrip& strip() { return *m_strip; }

 Q_SIGNALS:
  void cellHovered(std::optional<uc::Cell> cell);

 private:
  void connectStrip();
  void showTokens();
  void showView();
  void showValues();
  void watchPanes();
  void editStrip(const std::function<void(StripChoice&)>& edit);

  Document& document() const { return m_workspace.active(); }

  Workspace& m_workspace;
  TokenStrip* m_strip;
  RichLine* m_heading;
  SegmentedControl *m_choice, *m_granularity;
};

}  // namespace uc
