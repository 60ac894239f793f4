// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QImage>
#include <QWidget>

namespace uc {

/// A picture as large as fits, with the grid of patches that a model cuts it into. GUI thread.
class PictureView : public QWidget {
  Q_OBJECT

 public:
  explicit PictureView(QWidget* parent = nullptr);
  /// Patches of `patch` pixels begin every `stride` pixels; the lines are drawn where they begin. 0: no grid.
  void setPicture(const QImage& picture, int patch, int stride);
  const QImage& picture() const { return m_picture; }
  QSize sizeHint() const override { return {180, 180}; }
  QSize minimumSizeHint() const override { return {60, 60}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QImage m_picture;
  int m_patch = 0, m_stride = 0;
};

}  // namespace uc
