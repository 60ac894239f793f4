// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QLabel>
#include <QToolButton>
#include <QWidget>

namespace uc {

/// A group of the inspector: a heading that folds what is below it, with a note at the right.
class FoldSection : public QWidget {
  Q_OBJECT

 public:
  FoldSection(const QString& title, QWidget* content, QWidget* parent = nullptr);
  void setNote(const QString& note);
  bool isOpen() const { return m_heading->isChecked(); }
  void setOpen(bool isOpen) { m_heading->setChecked(isOpen); }

 private:
  QToolButton* m_heading;
  QLabel* m_note;
};

}  // namespace uc
