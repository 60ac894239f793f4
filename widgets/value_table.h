// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/rich_line.h"

#include <QWidget>

#include <vector>

namespace uc {

/// Rows of a label at the left and a value at the right, on one baseline: the read-out. A row without a value
/// is left out by the caller. Screen readers get all of it as the description.
class ValueTable : public QWidget {
  Q_OBJECT

 public:
  struct Row {
    QString label;
    std::vector<TextRun> value;
    bool operator==(const Row&) const = default;
  };
  explicit ValueTable(QWidget* parent = nullptr);
  void setRows(std::vector<Row> rows);
  const std::vector<Row>& rows() const { return m_rows; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::vector<Row> m_rows;
};

}  // namespace uc
