// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/workspace.h"
#include "widgets/picture_view.h"
#include "widgets/predictions_list.h"
#include "widgets/segmented_control.h"

#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QWidget>

namespace uc {

/// The input as text or as token ids, and what the model predicts after it. Typing runs it (the document
/// waits a moment). Of a vision model: the picture with its patches, and its classes.
class InputPanel : public QWidget {
  Q_OBJECT

 public:
  explicit InputPanel(Workspace& workspace, QWidget* parent = nullptr);
  QPlainTextEdit& edit() { return *m_edit; }
  PredictionsList& predictions() { return *m_predictions; }
  QString countText() const { return m_count->text(); }
  const PictureView& picture() const { return *m_picture; }
  /// Where typing or choosing an input begins.
  QWidget& entry();

 Q_SIGNALS:
  void pictureWanted();

 private:
  void showInput();
  void showTokens();
  void showPicture();
  void typed();
  void chooseKind(int index);
  bool isIds() const { return m_kind->current() == 1; }

  Document& document() const { return m_workspace.active(); }

  Workspace& m_workspace;
  QPlainTextEdit* m_edit;
  PictureView* m_picture;
  QPushButton* m_open;
  QLabel* m_count;
  SegmentedControl* m_kind;
  QLabel* m_outcome;
  PredictionsList* m_predictions;
  bool m_isShowing = false;
};

/// Numbers parted by commas or white space. Throws Failure that names the first thing that is no number.
std::vector<int64_t> parseIds(const QString& text);

}  // namespace uc
