// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/workspace.h"

#include <QComboBox>
#include <QSpinBox>
#include <QWidget>

namespace uc {

/// Layer, kind of lanes and the lane's number, for the toolbar.
class MapChooser : public QWidget {
  Q_OBJECT

 public:
  explicit MapChooser(Workspace& workspace, QWidget* parent = nullptr);
  QSpinBox& layer() { return *m_layer; }
  QComboBox& lanes() { return *m_lanes; }
  QSpinBox& index() { return *m_index; }

 private:
  void fill();
  void showView();
  void choose(const LaneChoice& lanes);

  Document& document() const { return m_workspace.active(); }

  Workspace& m_workspace;
  QSpinBox* m_layer;
  QComboBox* m_lanes;
  QSpinBox* m_index;
};

}  // namespace uc
