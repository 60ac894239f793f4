// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_content.h"

#include <QWidget>

#include <array>
#include <memory>

namespace uc {

/// The filters of a channel atlas for the inspector: a track for the first and the last layer, one for the
/// least half-life, each with its values at the right. Handles take the keyboard: arrows move them by a layer
/// or a fiftieth, Home and End to the ends.
class ChannelAtlasFilter : public QWidget {
  Q_OBJECT

 public:
  explicit ChannelAtlasFilter(QWidget* parent = nullptr);
  void setContent(std::shared_ptr<const AtlasContent> content);

  enum End { FirstLayer, LastLayer, LeastHalfLife };
  QWidget& handle(End end) const;
  QString valueText(End end) const;  // of the handle's row: "0 … 23", "0.3 … ∞"

  QSize sizeHint() const override { return {240, 52}; }
  QSize minimumSizeHint() const override { return {200, 52}; }

 Q_SIGNALS:
  /// The wanted choice: at each key, and where a handle that was dragged is let go.
  void choiceEdited(const uc::AtlasChoice& choice);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  class Handle;
  double left() const;
  double right() const;
  double placeOf(End end) const;
  double step(End end) const;
  void move(End end, double place);
  void tell();
  void placeHandles();

  std::shared_ptr<const AtlasContent> m_content;
  AtlasChoice m_choice;  // with the handle that is being dragged
  std::array<Handle*, 3> m_handles;
};

}  // namespace uc
