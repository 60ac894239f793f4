// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QAbstractButton>
#include <QButtonGroup>
#include <QStringList>
#include <QWidget>

#include <vector>

namespace uc {

/// A row of choices of which at most one is on. Each is a real button, so keyboard and screen readers get
/// them for free.
class SegmentedControl : public QWidget {
  Q_OBJECT

 public:
  explicit SegmentedControl(const QStringList& choices, QWidget* parent = nullptr);
  /// Lower and no wider than its words: for titles and captions.
  void setCompact();
  /// −1: none of the choices.
  void setCurrent(int index);
  int current() const;
  void setChoiceEnabled(int index, bool isEnabled, const QString& why);
  QAbstractButton* button(int index) const { return m_buttons[static_cast<size_t>(index)]; }

 Q_SIGNALS:
  void chosen(int index);

 private:
  QButtonGroup m_group;
  std::vector<QAbstractButton*> m_buttons;
};

}  // namespace uc
