// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/views.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;

namespace uc {

/// How a map lies on a picture, to choose from: opacity, blend, interpolation; scan path, class token, grid.
/// It says what is wanted; what it shows is what it was given, changed by what was wanted since. GUI thread.
class ImageOverlayControls : public QWidget {
  Q_OBJECT

 public:
  explicit ImageOverlayControls(QWidget* parent = nullptr);
  /// `hasClassToken`: models without one have nothing to show or hide.
  void setChoice(const OverlayChoice& choice, bool showGrid, bool hasClassToken);

 Q_SIGNALS:
  void choiceEdited(const uc::OverlayChoice& choice);
  void gridEdited(bool isShown);

 private:
  void edit();

  OverlayChoice m_choice;
  QSlider* m_opacity;
  QLabel* m_percent;
  QComboBox* m_blend;
  QComboBox* m_interpolation;
  QCheckBox* m_scanPath;
  QCheckBox* m_classToken;
  QCheckBox* m_grid;
};

}  // namespace uc
