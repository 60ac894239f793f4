// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
#include "widgets/badge.h"
#include "widgets/heatmap_view.h"
#include "widgets/rich_line.h"
#include "widgets/state_card.h"

#include <QLabel>
#include <QStackedWidget>
#include <QTimer>
#include <QWidget>

namespace uc {

/// One figure with its header, badge and states. Shows what the document holds; says what the user wants by
/// changing the document's view. The window gives it the keys.
class Pane : public QWidget {
  Q_OBJECT

 public:
  explicit Pane(Document& document, QWidget* parent = nullptr);
  HeatmapView& view() { return *m_view; }
  const StateCard& card() const { return *m_card; }
  Badge& badge() { return *m_badge; }
  bool isCardShown() const;
  QString title() const { return m_title->text(); }
  void setTheme(const Theme& theme);
  void setOverlayVisible(bool isVisible) { m_view->setOverlayVisible(isVisible); }

 Q_SIGNALS:
  void openWanted();
  void demoWanted();
  void inputWanted();
  void verifyWanted();
  /// What a cell of the picture is and what drawing took, once the picture stands still.
  void detailChanged(const QString& words);
  void contextMenuWanted(const QPoint& globalPos);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  class ProgressLine;
  class StaleTag;
  void buildHeader();
  void connectView();
  void showPhase();
  void showHeader();
  void showContent();
  void showTiles();
  void showBadge();
  void showProgress();
  void showReadOut();
  void cardClicked(int index);
  StateCard::Content cardContent() const;

  Document& m_document;
  QWidget* m_header;
  QLabel* m_name;
  RichLine* m_title;
  Badge* m_badge;
  ProgressLine* m_progress;
  QStackedWidget* m_stack;
  HeatmapView* m_view;
  StateCard* m_card;
  StaleTag* m_stale;
  QTimer m_still;
};

}  // namespace uc
