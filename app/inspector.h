// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
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
  explicit Inspector(Document& document, QWidget* parent = nullptr);
  const ValueTable& table() const { return *m_table; }
  FactorDesk& desk() { return *m_desk; }
  SegmentedControl& direction() { return *m_direction; }
  /// Where the keyboard enters.
  QWidget& first() { return *m_readOut->findChild<QToolButton*>(); }
  QSize sizeHint() const override { return {292, 600}; }

 private:
  QWidget* buildReadOut();
  QWidget* buildNormalization();
  QWidget* buildColor();
  void showReadOut();
  void showView();
  void showContent();
  void showMoves();
  void fillColorMaps(bool isSigned);
  template <typename Edit>
  void edit(const QString& words, Edit edit, bool joins = false);

  Document& m_document;
  FoldSection* m_readOut;
  ValueTable* m_table;
  QLabel* m_readOutHint;
  FactorDesk* m_desk;
  SegmentedControl* m_direction;
  std::vector<QWidget*> m_directionParts;  // shown for bidirectional models only
  QComboBox* m_normalization;
  QComboBox* m_range;
  QLabel* m_warning;
  QComboBox* m_colorMap;
  bool m_areMapsSigned = false;  // it names the fitting ones first
  QToolButton* m_swap;
  HistogramView* m_histogram;
  QSlider* m_gamma;
  QLabel* m_gammaValue;
};

}  // namespace uc
