// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QLabel>
#include <QWidget>

namespace uc {

/// A bar above the pane: a welcome, or a failure that does not concern what is shown. Dismissible, takes no
/// focus, never modal.
class NoticeBar : public QWidget {
  Q_OBJECT

 public:
  enum class Kind { Welcome, Error };
  explicit NoticeBar(Kind kind, QWidget* parent = nullptr);
  /// `title` in strong type (may be empty), `text` wrapped below it or alone.
  void setText(const QString& title, const QString& text);
  QString text() const { return m_text->text(); }
  QString title() const { return m_title->text(); }
  /// A word at the right that does something.
  QAbstractButton* addAction(const QString& words);

 Q_SIGNALS:
  void dismissed();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Kind m_kind;
  QLabel* m_title;
  QLabel* m_text;
  QHBoxLayout* m_buttons;
};

}  // namespace uc
