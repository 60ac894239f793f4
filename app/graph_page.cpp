// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/graph_page.h"

#include "widgets/paint/token_graph_painter.h"

#include <QShowEvent>
#include <QSignalBlocker>

namespace uc {

GraphPage::GraphPage(Document& document, QWidget* parent)
    : PanePage(document, parent), m_view(new TokenGraphView(this)), m_controls(new GraphControls(this)) {
  fill(m_view, m_view);
  connectView();
  connect(&document, &Document::viewChanged, this, &GraphPage::showView);
  connect(&document, &Document::graphChanged, this, &GraphPage::showGraph);
  connect(&document, &Document::hoverChanged, this, [this] {
    const auto cell = m_document.hovered();
    m_view->setHovered(cell ? std::optional<qint64>(cell->row) : std::nullopt);
  });
  showGraph();
  showView();
}

void GraphPage::connectView() {
  connect(m_view, &TokenGraphView::tokenHovered, this, [this](std::optional<qint64> token) {
    m_document.setHovered(token ? std::optional(m_document.strongestIn(*token).value_or(Cell{*token, *token}))
                                : std::nullopt);
  });
  connect(m_view, &TokenGraphView::tokenClicked, this, [this](std::optional<qint64> token) {
    ViewState next = m_document.view();
    next.locked.reset();
    if (token) next.locked = m_document.strongestIn(*token).value_or(Cell{*token, *token});
    m_document.change(token ? tr("lock") : tr("unlock"), next);
  });
  connect(m_view, &TokenGraphView::viewportChanged, this, [this](const Viewport& viewport) {
    ViewState next = m_document.view();
    next.viewport = {viewport.left, viewport.left, viewport.width, viewport.width};
    m_document.change(tr("zoom"), next, true);
  });
  connect(m_view, &TokenGraphView::contextMenuWanted, this,
          [this](const QPoint& position, std::optional<qint64>) { Q_EMIT contextMenuWanted(position); });
  connect(m_controls, &GraphControls::choiceEdited, this, [this](const GraphChoice& choice) {
    ViewState next = m_document.view();
    next.graph = choice;
    m_document.change(tr("kept arcs"), next, true);
  });
}

void GraphPage::showView() {
  const ViewState& view = m_document.view();
  const auto graph = m_document.graph();
  m_controls->setChoice(view.graph, graph ? static_cast<double>(graph->largest()) : 1.0);
  if (graph && m_view->viewport().left != view.viewport.left) {
    const QSignalBlocker quiet(m_view);
    m_view->setViewport(view.viewport);
  }
  m_view->setLocked(view.locked ? std::optional<qint64>(view.locked->row) : std::nullopt);
}

void GraphPage::showGraph() {
  const auto graph = m_document.graph();
  m_view->setContent(graph);
  m_controls->setEntries(graph ? entriesText(graph->kept) : QString());
  showView();
}

std::shared_ptr<const Figure> GraphPage::figure() const {
  if (!m_document.graph()) return nullptr;
  auto content = std::make_shared<TokenGraphContent>(*m_document.graph());
  content->viewport = m_document.view().viewport;
  if (m_document.view().locked) content->choice.token = m_document.view().locked->row;
  return std::make_shared<TokenGraphFigure>(std::move(content));
}

}  // namespace uc
