// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/heatmap_page.h"
#include "app/pane_parts.h"
#include "widgets/state_card.h"

#include <QMenu>
#include <QStackedWidget>
#include <QWidget>

#include <map>

namespace uc {

/// One document with its header, badge and states, shown by the page of the view it has chosen. Says what the
/// user wants by changing the document's view. The window gives it the keys.
class Pane : public QWidget {
  Q_OBJECT

 public:
  explicit Pane(Document& document, QWidget* parent = nullptr);
  Document& document() const { return m_document; }
  /// The page that is shown, or would be if there were a picture.
  PanePage& page() const { return *m_page; }
  /// The heatmap, made if it was not there yet.
  HeatmapView& view();
  const StateCard& card() const { return *m_card; }
  Badge& badge() { return m_header->badge(); }
  PaneHeader& header() { return *m_header; }
  bool isCardShown() const;
  QString title() const { return m_header->title().text(); }
  void setTheme(const Theme& theme);
  void setOverlayVisible(bool isVisible);
  void setPlace(const PanePlace& place);

 Q_SIGNALS:
  void activated();  // the user works in it
  void closeWanted();
  void soloToggled();
  void linkToggled();
  void openWanted();
  void demoWanted();
  void inputWanted();
  void verifyWanted();
  void detailChanged(const QString& words);
  void contextMenuWanted(const QPoint& globalPos);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  PanePage& pageOf(View view);
  void buildHeader();
  void fillViewMenu();
  void showPage();
  void showPhase();
  void showHeader();
  void showBadge();
  void showProgress();
  void showStale();
  void cardClicked(int index);
  void obstacleClicked();
  bool hasFocusInside() const;
  StateCard::Content cardContent() const;

  Document& m_document;
  Theme m_theme = Theme::light();
  bool m_isOverlayVisible = true;
  std::map<View, PanePage*> m_pages;  // those that were shown
  PanePage* m_page = nullptr;
  PaneHeader* m_header;
  QMenu* m_viewMenu;
  ProgressLine* m_progress;
  QStackedWidget* m_controls;
  QStackedWidget* m_stack;
  StateCard* m_card;
  StaleTag* m_stale;
};

}  // namespace uc
