// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/heatmap_page.h"

#include "widgets/paint/badge_text.h"

#include <QSignalBlocker>

namespace uc {

namespace {
constexpr int kStillMs = 250;
}

HeatmapPage::HeatmapPage(Document& document, QWidget* parent)
    : PanePage(document, parent), m_view(new HeatmapView(this)) {
  fill(m_view, m_view);
  m_still.setSingleShot(true);
  m_still.setInterval(kStillMs);
  connect(&m_still, &QTimer::timeout, this, [this] {
    const QString detail = m_document.detail();
    Q_EMIT detailChanged(
        detail.isEmpty() ? detail : tr("%1 · draw %2 ms").arg(detail).arg(m_view->drawMs(), 0, 'f', 1));
  });
  connectView();
  connect(&document, &Document::viewChanged, this, &HeatmapPage::showView);
  connect(&document, &Document::contentChanged, this, &HeatmapPage::showContent);
  connect(&document, &Document::tilesChanged, this, &HeatmapPage::showTiles);
  connect(&document, &Document::readOutChanged, this, &HeatmapPage::showReadOut);
  showContent();
  showView();
}

void HeatmapPage::connectView() {
  connect(m_view, &HeatmapView::cellHovered, this,
          [this](std::optional<Cell> cell) { m_document.setHovered(cell); });
  connect(m_view, &HeatmapView::cellClicked, this, [this](std::optional<Cell> cell) {
    ViewState next = m_document.view();
    next.locked = cell;
    m_document.change(cell ? tr("lock") : tr("unlock"), next);
  });
  connect(m_view, &HeatmapView::viewportChanged, this, [this](const Viewport& viewport) {
    ViewState next = m_document.view();
    next.viewport = viewport;
    m_document.change(tr("zoom"), next, true);
  });
  connect(m_view, &HeatmapView::rangeEdited, this, [this](const ValueRange& range) {
    ViewState next = m_document.view();
    next.display.range = range;
    m_document.change(tr("color range"), next, true);
  });
  connect(m_view, &HeatmapView::gammaEdited, this, [this](double gamma) {
    ViewState next = m_document.view();
    next.display.gamma = gamma;
    m_document.change(tr("gamma"), next, true);
  });
  connect(m_view, &HeatmapView::contextMenuWanted, this,
          [this](const QPoint& position, std::optional<Cell>) { Q_EMIT contextMenuWanted(position); });
  connect(m_view, &HeatmapView::plotResized, &m_document, &Document::setPlotPixels);
  connect(&m_document, &Document::hoverChanged, this, [this] { m_view->setHovered(m_document.hovered()); });
}

void HeatmapPage::showView() {
  if (m_document.content() && m_view->viewport() != m_document.view().viewport) {
    const QSignalBlocker quiet(m_view);
    m_view->setViewport(m_document.view().viewport);
  }
  m_view->setLocked(m_document.view().locked);
}

void HeatmapPage::showContent() {
  m_view->setContent(m_document.content());
  showTiles();
}

void HeatmapPage::showTiles() {
  const TiledMap& tiled = m_document.tiled();
  m_view->setTiles(tiled.tiles(), tiled.pool(), tiled.hidesContent());
  const auto map = m_document.tiled().isEmpty() ? m_document.map() : nullptr;
  m_view->setOverlay(m_document.detail(),
                     map ? tr("tile %1 ms").arg(map->seconds * 1e3, 0, 'f', 1) : QString());
  m_still.start();
}

void HeatmapPage::showReadOut() {
  const auto out = m_document.currentReadOut();
  if (!out) return;
  // The overlay lies on the map: the two numbers that are looked at most, the inspector has the rest.
  std::vector<ReadOutLine> lines;
  if (out->isAttended) {
    const QString awaited = QStringLiteral("…");
    lines.push_back({QStringLiteral("α"), out->alpha ? numberText(*out->alpha, 4, out->isSigned) : awaited});
    if (out->view.map.lanes.kind == LaneChoice::Kind::Lane)
      lines.push_back({tr("decay product"), out->decay ? numberText(*out->decay, 4) : awaited});
  }
  m_view->setReadOut(spokenReadOut(*out), std::move(lines));
}

std::shared_ptr<const HeatmapContent> HeatmapPage::figureContent() const {
  if (!m_document.content()) return nullptr;
  auto content = std::make_shared<HeatmapContent>(*m_document.figureContent());
  if (m_document.badge()) content->caption += QLatin1Char('\n') + badgeCaption(*m_document.badge());
  return content;
}

std::shared_ptr<const Figure> HeatmapPage::figure() const {
  const auto content = figureContent();
  return content ? std::make_shared<HeatmapFigure>(content) : nullptr;
}

}  // namespace uc
