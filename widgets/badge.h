// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QAbstractButton>

namespace uc {

/// The reconstruction badge: a pill with a sign and words, never a color alone. Clicking it asks for the list
/// of layers.
class Badge : public QAbstractButton {
  Q_OBJECT

 public:
  enum class State { Empty, Checking, Exact, Part, NotExact };
  explicit Badge(QWidget* parent = nullptr);

  /// `words`: "Exact · 2.4e−7"; `brief`: the words where there is little room; `tip`: what is behind it.
  void setState(State state, const QString& words, const QString& brief, const QString& tip);
  State state() const { return m_state; }
  void setBrief(bool isBrief);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString shownText() const { return m_isBrief ? m_brief : text(); }
  void paintSign(QPainter& painter, const QPointF& center) const;

  State m_state = State::Empty;
  QString m_brief;
  bool m_isBrief = false;
};

}  // namespace uc
