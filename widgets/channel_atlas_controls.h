// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_content.h"
#include "widgets/segmented_control.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QWidget>

#include <memory>
#include <utility>
#include <vector>

namespace uc {

/// The row above a channel atlas: points or tiles, the two statistics, what colors, which roles, which order.
/// Groups that do not fit go to the next line.
class ChannelAtlasControls : public QWidget {
  Q_OBJECT

 public:
  explicit ChannelAtlasControls(QWidget* parent = nullptr);
  /// Shows the content's choice, and a chip for every role that its lanes have.
  void setContent(std::shared_ptr<const AtlasContent> content);

  QComboBox& x() { return *m_x; }
  QComboBox& y() { return *m_y; }
  QComboBox& color() { return *m_color; }
  QComboBox& sort() { return *m_sort; }
  SegmentedControl& shape() { return *m_shape; }  // points, tiles
  QAbstractButton& chip(Role role) const;

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return arrange(width, false); }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {240, 36}; }

 Q_SIGNALS:
  /// The wanted choice. Another x or y takes the brush away: it means nothing along other axes.
  void choiceEdited(const uc::AtlasChoice& choice);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QComboBox* addCombo(const QString& label, const QString& spoken);
  void ask(const AtlasChoice& choice);
  void chooseShape(int shape);
  void toggleRole(Role role, bool isOn);
  int arrange(int width, bool isPlacing) const;

  std::shared_ptr<const AtlasContent> m_content;
  SegmentedControl* m_shape;
  QComboBox *m_x, *m_y, *m_color, *m_sort;
  QWidget* m_rolesLabel;
  std::vector<std::pair<Role, QAbstractButton*>> m_chips;
  std::vector<QWidget*> m_groups;  // in order; the last is flush right where there is one line
};

}  // namespace uc
