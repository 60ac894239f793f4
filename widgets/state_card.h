// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include <vector>

namespace uc {

/// What a pane shows in place of a picture: one sentence, what it is about, what to do, and the buttons that
/// help.
class StateCard : public QWidget {
  Q_OBJECT

 public:
  struct Content {
    QString title;
    QString text;  // secondary, wrapped
    bool isError = false;
    std::vector<QString> buttons;  // the first is the main one
    bool isMainStressed = false;   // the first button in accent
  };
  explicit StateCard(QWidget* parent = nullptr);
  void setContent(const Content& content);
  QString title() const { return m_title->text(); }
  QString text() const { return m_text->text(); }
  QPushButton* button(int index) const { return m_buttons[static_cast<size_t>(index)]; }
  static constexpr int kMostButtons = 3;

 Q_SIGNALS:
  void buttonClicked(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  class Sign;
  Sign* m_sign;
  QLabel* m_title;
  QLabel* m_text;
  std::vector<QPushButton*> m_buttons;
};

}  // namespace uc
