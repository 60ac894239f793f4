// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/pane_grid.h"

#include <QApplication>
#include <QVBoxLayout>

#include <algorithm>

namespace uc {

namespace {
constexpr int kMostInRow = 3;
}

PaneGrid::PaneGrid(Workspace& workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_rows(new QSplitter(Qt::Vertical, this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(m_rows);
  m_rows->setHandleWidth(1);
  m_rows->setChildrenCollapsible(false);
  connect(&workspace, &Workspace::panesChanged, this, &PaneGrid::rebuild);
  connect(&workspace, &Workspace::activeChanged, this, [this] {
    if (m_isSolo) arrange();
    showPlaces();
  });
  connect(&workspace, &Workspace::pinsChanged, this, [this] {
    if (m_workspace.hasDifference() != (m_difference && m_difference->isShown())) arrange();
    showPlaces();
  });
  rebuild();
}

Pane* PaneGrid::make(Document& document) {
  auto* pane = new Pane(document, this);
  pane->setTheme(m_theme);
  pane->setOverlayVisible(m_isOverlayVisible);
  connect(pane, &Pane::activated, this,
          [this, &document] { m_workspace.activate(m_workspace.indexOf(document)); });
  connect(
      pane, &Pane::closeWanted, this, [this, &document] { m_workspace.close(m_workspace.indexOf(document)); },
      Qt::QueuedConnection);  // the button that asked goes with the pane
  connect(pane, &Pane::soloToggled, this, [this, &document] {
    m_workspace.activate(m_workspace.indexOf(document));
    setSolo(!m_isSolo);
  });
  connect(pane, &Pane::linkToggled, this, [this] {
    const bool isLinked = m_workspace.links().crosshair;
    m_workspace.setLinks({!isLinked, !isLinked, !isLinked});
  });
  Q_EMIT paneMade(pane);
  return pane;
}

// The workspace drops a document after this: its pane goes first.
void PaneGrid::rebuild() {
  std::vector<Pane*> next;
  for (int i = 0; i < m_workspace.count(); ++i) {
    Document* document = &m_workspace.document(i);
    const auto known = std::find_if(m_panes.begin(), m_panes.end(),
                                    [&](Pane* pane) { return &pane->document() == document; });
    next.push_back(known == m_panes.end() ? make(*document) : *known);
  }
  for (Pane* pane : m_panes)
    if (std::find(next.begin(), next.end(), pane) == next.end()) delete pane;
  m_panes = std::move(next);
  m_isSolo = m_isSolo && m_panes.size() > 1;
  arrange();
  showPlaces();
}

void PaneGrid::arrange() {
  // what is moved about loses the focus, which then belongs to the pane that one works in
  const bool hadFocus = isAncestorOf(QApplication::focusWidget());
  for (Pane* pane : m_panes) pane->setParent(this);
  if (m_difference) m_difference->setParent(this);
  while (m_rows->count() > 0) delete m_rows->widget(0);
  std::vector<QWidget*> shown(m_panes.begin(), m_panes.end());
  if (m_isSolo) shown = {&active()};
  const bool hasDifference = m_workspace.hasDifference() && !m_isSolo;
  if (hasDifference && !m_difference) {
    m_difference = new DifferencePane(m_workspace, this);
    m_difference->setTheme(m_theme);
  }
  if (hasDifference) shown.push_back(m_difference);
  const size_t inRow = shown.size() > kMostInRow ? 2 : std::max<size_t>(shown.size(), 1);
  for (size_t i = 0; i < shown.size(); i += inRow) {
    auto* row = new QSplitter(Qt::Horizontal, m_rows);
    row->setHandleWidth(1);
    row->setChildrenCollapsible(false);
    for (size_t j = i; j < std::min(i + inRow, shown.size()); ++j) row->addWidget(shown[j]);
    row->setSizes(QList<int>(row->count(), 1000));
  }
  m_rows->setSizes(QList<int>(m_rows->count(), 1000));
  for (Pane* pane : m_panes) pane->setVisible(std::find(shown.begin(), shown.end(), pane) != shown.end());
  if (m_difference) m_difference->setShown(hasDifference);
  if (hadFocus) active().page().canvas().setFocus();
}

void PaneGrid::showPlaces() {
  const bool isLinked = m_workspace.links().crosshair;
  for (size_t i = 0; i < m_panes.size(); ++i)
    m_panes[i]->setPlace({static_cast<int>(i), m_workspace.count(),
                          static_cast<int>(i) == m_workspace.activeIndex(), m_isSolo, isLinked});
}

void PaneGrid::setSolo(bool isSolo) {
  m_isSolo = isSolo && m_panes.size() > 1;
  arrange();
  showPlaces();
}

void PaneGrid::setTheme(const Theme& theme) {
  m_theme = theme;
  for (Pane* pane : m_panes) pane->setTheme(theme);
  if (m_difference) m_difference->setTheme(theme);
}

void PaneGrid::setOverlayVisible(bool isVisible) {
  m_isOverlayVisible = isVisible;
  for (Pane* pane : m_panes) pane->setOverlayVisible(isVisible);
}

}  // namespace uc
