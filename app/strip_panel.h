// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
#include "widgets/rich_line.h"
#include "widgets/segmented_control.h"
#include "widgets/token_strip.h"

#include <QScrollArea>

namespace uc {

/// The token strip with what it shows: the row or the column of the cell under the pointer, else of the
/// locked one.
class StripPanel : public QScrollArea {
  Q_OBJECT

 public:
  explicit StripPanel(Document& document, QWidget* parent = nullptr);
  /// For the dock's title: what is shown, and the choice between row and column.
  RichLine& heading() { return *m_heading; }
  SegmentedControl& choice() { return *m_choice; }
  TokenStrip& strip() { return *m_strip; }

 Q_SIGNALS:
  void cellHovered(std::optional<uc::Cell> cell);

 private:
  void showTokens();
  void showValues();
  bool isColumn() const { return m_choice->current() == 1; }

  Document& m_document;
  TokenStrip* m_strip;
  RichLine* m_heading;
  SegmentedControl* m_choice;
};

}  // namespace uc
