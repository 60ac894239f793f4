// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QString>
#include <QWidget>

#include <vector>

namespace uc {

/// The most probable next tokens, or classes, with a bar and a number each. Shows as many rows as fit.
class PredictionsList : public QWidget {
  Q_OBJECT

 public:
  struct Row {
    QString token;
    double probability = 0.0;
    bool operator==(const Row&) const = default;
  };
  explicit PredictionsList(QWidget* parent = nullptr);
  /// What the rows are, for screen readers: "Next token".
  void setSubject(const QString& subject);
  void setRows(std::vector<Row> rows);
  const std::vector<Row>& rows() const { return m_rows; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::vector<Row> m_rows;
  QString m_subject = tr("Next token");
};

}  // namespace uc
