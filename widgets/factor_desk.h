// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"
#include "widgets/segmented_control.h"
#include "widgets/switch_button.h"

#include <QWidget>

#include <utility>
#include <vector>

namespace uc {

/// The live switches of a map's factors with how much each of them moves the map, and the named conventions
/// above them.
class FactorDesk : public QWidget {
  Q_OBJECT

 public:
  explicit FactorDesk(QWidget* parent = nullptr);
  /// What is on, and which factors the layer has: the others are off and say why.
  void setFactors(const MapFactors& factors, Factors available);
  /// Shares of ‖H − H′‖ / ‖H‖; none: not known (yet).
  void setMoves(const std::vector<std::pair<Factor, double>>& moves);

 Q_SIGNALS:
  void conventionChosen(uc::Convention convention);
  void factorToggled(uc::Factor factor, bool isOn);

 private:
  class Meter;
  struct Row {
    Factor factor;
    SwitchButton* toggle;
    Meter* meter;
  };
  SegmentedControl* m_conventions;
  std::vector<Row> m_rows;
};

}  // namespace uc
