// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QImage>
#include <QSizeF>
#include <QWidget>

namespace uc {

/// A figure as it will lie on paper, between two rulers in mm. It shows an image that someone else renders at
/// pixelsPerMm().
class FigurePreview : public QWidget {
  Q_OBJECT

 public:
  explicit FigurePreview(QWidget* parent = nullptr);

  /// `paper` in mm; a transparent figure lies on a checkerboard.
  void setPaper(const QSizeF& paper, bool isTransparent);
  void setImage(const QImage& image);
  /// Device-independent pixels for one mm, so that the paper fits between the rulers.
  double pixelsPerMm() const;
  QImage image() const { return m_image; }

  QSize sizeHint() const override { return {600, 560}; }
  QSize minimumSizeHint() const override { return {320, 320}; }

 Q_SIGNALS:
  void scaleChanged();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QRectF paperRect() const;
  void paintRulers(QPainter& painter, const QRectF& paper) const;

  QSizeF m_paper{85.0, 85.0};
  bool m_isTransparent = false;
  QImage m_image;
};

}  // namespace uc
