// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/workspace.h"
#include "widgets/rich_line.h"

#include <QLabel>
#include <QStatusBar>
#include <QTimer>

namespace uc {

/// The status bar: the read-out of the cell at the left (or a sentence, for a few seconds), what runs in the
/// middle, device and memory at the right.
class StatusLine : public QStatusBar {
  Q_OBJECT

 public:
  explicit StatusLine(Workspace& workspace, QWidget* parent = nullptr);
  void say(const QString& sentence);
  void showDetail(const QString& words);  // of the pane's picture
  QString text() const { return m_readOut->text(); }

 private:
  void showReadOut();
  void showProgress();
  void showMachine();

  Document& document() const { return m_workspace.active(); }

  Workspace& m_workspace;
  RichLine* m_readOut;
  QLabel* m_job;
  QLabel* m_detail;
  QLabel* m_machine;
  QTimer m_sentence;  // while it runs, a sentence is shown
  QTimer m_refresh;
};

}  // namespace uc
