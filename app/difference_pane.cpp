// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/difference_pane.h"

#include "core/values/error.h"
#include "widgets/paint/compare_figure.h"

#include <QSignalBlocker>
#include <QVBoxLayout>

namespace uc {

DifferencePane::DifferencePane(Workspace& workspace, QWidget* parent)
    : QWidget(parent),
      m_workspace(workspace),
      m_header(new PaneHeader(this)),
      m_stack(new QStackedWidget(this)),
      m_view(new HeatmapView(m_stack)),
      m_card(new StateCard(m_stack)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_header);
  column->addWidget(m_stack, 1);
  m_stack->addWidget(m_card);
  m_stack->addWidget(m_view);
  setMinimumSize(320, 280);
  m_view->setFocusPolicy(Qt::StrongFocus);
  m_header->viewButton().hide();
  setAccessibleName(tr("Difference"));
  connect(&workspace, &Workspace::panesChanged, this, &DifferencePane::watch);
  connect(m_view, &HeatmapView::cellHovered, this,
          [this](std::optional<Cell> cell) { m_workspace.document(0).setHovered(cell); });
  connect(m_view, &HeatmapView::cellClicked, this, [this](std::optional<Cell> cell) {
    ViewState next = m_workspace.document(0).view();
    next.locked = cell;
    m_workspace.document(0).change(cell ? tr("lock") : tr("unlock"), next);
  });
  connect(m_view, &HeatmapView::viewportChanged, this, [this](const Viewport& viewport) {
    ViewState next = m_workspace.document(0).view();
    next.viewport = viewport;
    m_workspace.document(0).change(tr("zoom"), next, true);
  });
  connect(m_header, &PaneHeader::closeWanted, this, [this] { m_workspace.setDifference(false); });
  hide();
}

void DifferencePane::setShown(bool isShown) {
  m_isShown = isShown;
  setVisible(isShown);
  m_header->setPlace({2, 3, false, false, m_workspace.links().crosshair});
  watch();
}

void DifferencePane::watch() {
  if (m_workspace.count() < 2) return;
  for (int i = 0; i < 2; ++i) {
    Document& document = m_workspace.document(i);
    connect(&document, &Document::contentChanged, this, &DifferencePane::showContent, Qt::UniqueConnection);
    connect(&document, &Document::viewChanged, this, &DifferencePane::showMarks, Qt::UniqueConnection);
    connect(&document, &Document::hoverChanged, this, &DifferencePane::showMarks, Qt::UniqueConnection);
  }
  showContent();
}

void DifferencePane::fail(const QString& what, const QString& todo) {
  m_content.reset();
  m_card->setContent({what, todo, false, {}, false});
  m_stack->setCurrentWidget(m_card);
}

void DifferencePane::showContent() {
  if (!m_isShown || m_workspace.count() < 2) return;
  m_header->setView(View::Compare, tr("Difference"), false);
  const auto a = m_workspace.document(0).content(), b = m_workspace.document(1).content();
  const Normalization normalization = m_workspace.document(0).contentView().display.normalization;
  if (!a || !b) return fail(tr("One of the two panes shows no map."), {});
  if (normalization != m_workspace.document(1).contentView().display.normalization)
    return fail(tr("The two panes have different normalizations."), tr("Choose the same for both."));
  try {
    m_content = std::make_shared<const HeatmapContent>(differenceContent(*a, *b, normalization));
  } catch (const Failure& failure) {
    return fail(QString::fromStdString(failure.error().what), QString::fromStdString(failure.error().todo));
  }
  m_header->title().setRuns({{m_content->title, TextRun::Kind::Secondary}});
  m_view->setContent(m_content);
  m_stack->setCurrentWidget(m_view);
  showMarks();
}

void DifferencePane::showMarks() {
  if (!m_isShown || m_workspace.count() < 2) return;
  const Document& first = m_workspace.document(0);
  const QSignalBlocker quiet(m_view);
  m_view->setViewport(first.view().viewport);
  m_view->setLocked(first.view().locked);
  m_view->setHovered(first.hovered());
}

}  // namespace uc
