// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/views.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QSlider;

namespace uc {

class RichLine;

/// What a token graph keeps, for a pane's header: "Keep ──○── 60 % of each token’s mass" and at the right how
/// many entries that are. Slider and field are the same number; the words choose what it means. GUI thread.
class GraphControls : public QWidget {
  Q_OBJECT

 public:
  explicit GraphControls(QWidget* parent = nullptr);
  /// Shows a choice; `largest` is the map's largest |α|, the upper end of what "and above" can be.
  void setChoice(const GraphChoice& choice, double largest);
  const GraphChoice& choice() const { return m_choice; }
  /// "108 of 406 entries, 23 on the diagonal"
  void setEntries(const QString& text);

 Q_SIGNALS:
  void choiceEdited(const uc::GraphChoice& choice);

 private:
  void showChoice();
  void edit(double amount);
  void editKeep(GraphChoice::Keep keep);

  GraphChoice m_choice;
  double m_largest = 1.0;
  QSlider* m_slider;
  QDoubleSpinBox* m_amount;
  QComboBox* m_keep;
  RichLine* m_entries;
};

}  // namespace uc
