// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QString>
#include <QWidget>

#include <vector>

namespace uc {

/// A piece of a line: words, or a token, which is drawn in the token font with its painted signs.
struct TextRun {
  enum class Kind { Words, Strong, Secondary, Token };
  QString text;
  Kind kind = Kind::Words;
  bool operator==(const TextRun&) const = default;
};

double runWidth(const TextRun& run, double pixels);
/// Draws runs from `left` on the baseline, clipped by the painter; returns the right end.
double paintRuns(QPainter& painter, const QPointF& origin, const std::vector<TextRun>& runs, double pixels,
                 const QColor& text, const QColor& secondary);
/// The words of a line for a screen reader.
QString spoken(const std::vector<TextRun>& runs);

/// One line of runs that is cut at the right end, with the whole in its tool tip and its accessible name.
class RichLine : public QWidget {
  Q_OBJECT

 public:
  explicit RichLine(double pixels, QWidget* parent = nullptr);
  void setRuns(std::vector<TextRun> runs);
  const std::vector<TextRun>& runs() const { return m_runs; }
  QString text() const { return spoken(m_runs); }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  double m_pixels;
  std::vector<TextRun> m_runs;
};

}  // namespace uc
