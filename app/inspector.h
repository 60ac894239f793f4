// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/workspace.h"
#include "widgets/factor_desk.h"
#include "widgets/fold_section.h"
#include "widgets/histogram_view.h"
#include "widgets/segmented_control.h"
#include "widgets/value_table.h"

#include <QComboBox>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QTimer>
#include <QToolButton>

namespace uc {

/// The inspector: read-out, factors, normalization, color. Reads the document and changes its view.
class Inspector : public QScrollArea {
  Q_OBJECT

 public:
  explicit Inspector(Workspace& workspace, QWidget* parent = nullptr);
  const ValueTable& table() const { return *m_table; }
  FactorDesk& desk() { return *m_desk; }
  SegmentedControl& direction() { return *m_direction; }
  SegmentedControl& pooling() { return *m_pooling; }
  /// Where the keyboard enters.
  QWidget& first() { return *m_readOut->findChild<QToolButton*>(); }
  QSize sizeHint() const override { return {292, 600}; }

 private:
  QWidget* buildReadOut();
  void connectChoices();
  QWidget* buildNormalization();
  QWidget* buildColor();
  void showReadOut();
  void showView();
  void showContent();
  void showMoves();
  void showHistogram();
  void fillColorMaps(bool isSigned);
  template <typename Edit>
  void edit(const QString& words, Edit edit, bool joins = false);

  Document& document() const { return m_workspace.active(); }

  Workspace& m_workspace;
  FoldSection* m_readOut;
  ValueTable* m_table;
  QLabel* m_readOutHint;
  FactorDesk* m_desk;
  SegmentedControl* m_direction;
  SegmentedControl* m_pooling;
  std::vector<QWidget*> m_directionParts;  // shown for bidirectional models only
  std::vector<QWidget*> m_poolingParts;    // shown for long inputs only
  QComboBox* m_normalization;
  QComboBox* m_range;
  QLabel* m_warning;
  QComboBox* m_colorMap;
  bool m_areMapsSigned = false;  // it names the fitting ones first
  QToolButton* m_swap;
  HistogramView* m_histogram;
  QTimer m_still;  // counting a million cells waits until the picture does not change any more
  QSlider* m_gamma;
  QLabel* m_gammaValue;
};

}  // namespace uc
