// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_summary.h"

#include <QWidget>

#include <vector>

namespace uc {

/// A lane's statistics, each with its value and a bar: gray the middle half of all lanes, a stroke where the
/// lane is. Screen readers get all of it as the description.
class StatisticBands : public QWidget {
  Q_OBJECT

 public:
  explicit StatisticBands(QWidget* parent = nullptr);
  void setBands(std::vector<StatisticBand> bands);
  const std::vector<StatisticBand>& bands() const { return m_bands; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {140, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::vector<StatisticBand> m_bands;
};

}  // namespace uc
