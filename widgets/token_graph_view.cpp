// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/token_graph_view.h"

#include "widgets/gestures.h"
#include "widgets/viewport.h"
#include "widgets/widget_theme.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace uc {

namespace {

constexpr double kPixelsPerNotch = 60.0;  // of a touch pad
constexpr double kFewestTokens = 4.0;
constexpr int kTilePixels = 256;
constexpr int kMostTiles = 64;

/// "plus 0.2688", for screen readers.
QString spokenNumber(float value, bool isUnsigned) {
  const QString number = numberText(std::abs(static_cast<double>(value)));
  if (isUnsigned) return number;
  return (value < 0.0F ? TokenGraphView::tr("minus %1") : TokenGraphView::tr("plus %1")).arg(number);
}

QString textOf(const TokenGraphContent& content, qint64 token) {
  return token < content.tokens.size() ? content.tokens[token].trimmed() : QString();
}

QString spokenFocus(const TokenGraphContent& content, const GraphFocus& focus) {
  qint64 in = 0;
  const GraphArc* strongest = nullptr;
  for (const GraphArc& arc : focus.arcs) {
    if (arc.query != focus.token) continue;
    if (++in == 1) strongest = &arc;
  }
  QString text = TokenGraphView::tr("token %1 %2, %3 arcs in, %4 out")
                     .arg(focus.token)
                     .arg(textOf(content, focus.token))
                     .arg(in)
                     .arg(static_cast<qint64>(focus.arcs.size()) - in);
  if (strongest != nullptr)
    text += TokenGraphView::tr(", strongest from key %1 %2, %3")
                .arg(strongest->key)
                .arg(textOf(content, strongest->key), spokenNumber(strongest->alpha, content.isUnsigned));
  return text;
}

}  // namespace

TokenGraphView::TokenGraphView(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(tr("Token graph, empty"));
}

void TokenGraphView::setContent(std::shared_ptr<const TokenGraphContent> content) {
  m_content = std::move(content);
  if (m_content == nullptr) {
    setAccessibleName(tr("Token graph, empty"));
  } else {
    setAccessibleName(tr("Token graph, %1 tokens, %2")
                          .arg(m_content->endToken() - m_content->firstToken())
                          .arg(entriesText(m_content->kept)));
    m_viewport = m_viewport.isWhole() ? Viewport{} : kept(m_viewport.left, m_viewport.width);
    const auto isGone = [this](const std::optional<qint64>& token) {
      return token && (*token < m_content->firstToken() || *token >= m_content->endToken());
    };
    if (isGone(m_hovered)) m_hovered.reset();
    if (isGone(m_locked)) m_locked.reset();
  }
  focusChanged();
}

Viewport TokenGraphView::kept(double left, double count) const {
  const auto first = static_cast<double>(m_content->firstToken());
  const double all = std::max(1.0, static_cast<double>(m_content->endToken()) - first);
  count = std::max(count, std::min(kFewestTokens * static_cast<double>(m_content->grid.pool), all));
  if (count >= all) return {};
  return {std::clamp(left, first, first + all - count), 0.0, count, 0.0};
}

void TokenGraphView::setViewport(const Viewport& viewport) {
  m_viewport = viewport.isWhole() || m_content == nullptr ? viewport : kept(viewport.left, viewport.width);
  update();
}

void TokenGraphView::moveTo(const Viewport& viewport) {
  if (viewport == m_viewport) return;
  m_viewport = viewport;
  update();
  Q_EMIT viewportChanged(viewport);
}

void TokenGraphView::resetView() { moveTo({}); }

void TokenGraphView::setLocked(std::optional<qint64> token) {
  if (token == m_locked) return;
  m_locked = token;
  focusChanged();
}

void TokenGraphView::setHovered(std::optional<qint64> token) {
  if (token == m_hovered) return;
  m_hovered = token;
  focusChanged();
}

void TokenGraphView::hover(std::optional<qint64> token) {
  if (token == m_hovered) return;
  setHovered(token);
  Q_EMIT tokenHovered(token);
}

void TokenGraphView::focusChanged() {
  m_focus.reset();
  const std::optional<qint64> token = m_hovered ? m_hovered : m_locked;
  if (m_content != nullptr && token) m_focus = graphFocus(*m_content, *token, token == m_locked);
  setAccessibleDescription(m_focus ? spokenFocus(*m_content, *m_focus) : QString());
  update();
}

HeatmapStyle TokenGraphView::style() const {
  HeatmapStyle style;
  style.theme = themeOf(*this);
  return style;
}

GraphLayout TokenGraphView::layout() const {
  if (m_content == nullptr) return {};
  GraphLayout layout = layoutGraph(*m_content, QRectF(rect()), m_viewport, style());
  // Tiles lie on whole pixels, and everything else with them.
  const double ratio = devicePixelRatioF(), origin = layout.xOf(0.0);
  layout.left += std::round(origin * ratio) / ratio - origin;
  return layout;
}

const QImage& TokenGraphView::tile(const GraphLayout& layout, Layer layer, qint64 index) {
  const qint64 key = 3 * index + static_cast<qint64>(layer);
  if (const auto known = m_tiles.find(key); known != m_tiles.end()) return *known;
  const double ratio = devicePixelRatioF(), width = kTilePixels / ratio;
  QImage image(kTilePixels, static_cast<int>(std::ceil(height() * ratio)),
               QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(ratio);
  image.fill(Qt::transparent);
  QPainter painter(&image);
  GraphLayout local = layout;
  local.first = 0.0;
  local.left = -width * static_cast<double>(index);
  const QRectF clip(0.0, 0.0, width, height());
  if (layer == Layer::Arcs) {
    paintGraphArcs(painter, *m_content, local, style(), clip, 1.0);
  } else {
    paintGraphNodes(painter, *m_content, local, style(), clip, layer == Layer::DimmedNodes);
  }
  painter.end();
  return *m_tiles.insert(key, std::move(image));
}

void TokenGraphView::paintLayer(QPainter& painter, const GraphLayout& layout, Layer layer) {
  const double tileWidth = kTilePixels / devicePixelRatioF(), origin = layout.xOf(0.0);
  const auto last = static_cast<qint64>(std::floor((width() - origin) / tileWidth));
  for (auto i = static_cast<qint64>(std::floor(-origin / tileWidth)); i <= last; ++i)
    painter.drawImage(QPointF(origin + static_cast<double>(i) * tileWidth, 0.0), tile(layout, layer, i));
}

void TokenGraphView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const HeatmapStyle look = style();
  painter.fillRect(rect(), look.theme.canvas);
  if (m_content == nullptr) return;
  const GraphLayout now = layout();
  const TileFrame frame{m_content,           now.perToken, now.ratio, now.line,         now.labels,
                        devicePixelRatioF(), now.drawn,    height(),  look.theme.isDark};
  if (!(frame == m_frame) || m_tiles.size() > kMostTiles) m_tiles.clear();
  m_frame = frame;
  if (m_focus) painter.setOpacity(kDimmed);
  paintLayer(painter, now, Layer::Arcs);
  painter.setOpacity(1.0);
  paintLayer(painter, now, m_focus ? Layer::DimmedNodes : Layer::Nodes);
  if (m_focus) paintGraphFocus(painter, *m_content, now, look, *m_focus);
  if (m_locked && m_focus && m_focus->token != *m_locked)
    paintGraphRing(painter, *m_content, now, look, *m_locked, true);
  paintGraphLegend(painter, *m_content, now, look, m_focus ? &*m_focus : nullptr);
}

void TokenGraphView::zoomBy(double factor, double x) {
  if (m_content == nullptr) return;
  const GraphLayout now = layout();
  const double count = now.count / factor, token = now.tokenAt(x);
  moveTo(kept(token - (token - now.first) / factor, count));
}

bool TokenGraphView::event(QEvent* event) {
  if (const auto* gesture = pinch(*event)) {
    zoomBy(1.0 + gesture->value(), gesture->position().x());
    return true;
  }
  // Arrows are ours before they are a shortcut of the window; Esc only while there is a drag to take back.
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isArrow =
        key->modifiers() == Qt::NoModifier && (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right);
    if (isArrow || (key->key() == Qt::Key_Escape && m_drag && m_drag->isPanning)) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

void TokenGraphView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_content == nullptr) return QWidget::mousePressEvent(event);
  const GraphLayout now = layout();
  m_drag = Drag{event->position(), m_viewport, now.first, now.perToken, false};
}

void TokenGraphView::mouseMoveEvent(QMouseEvent* event) {
  if (m_content == nullptr) return;
  if (m_drag) {
    const QPointF way = event->position() - m_drag->from;
    if (!m_drag->isPanning && isDrag(m_drag->from, event->position())) {
      m_drag->isPanning = true;
      setCursor(Qt::ClosedHandCursor);
    }
    // From where the drag began: steps would add up their rounding.
    if (m_drag->isPanning && !m_drag->viewport.isWhole())
      moveTo(kept(m_drag->left - way.x() / m_drag->perToken, m_drag->viewport.width));
    return;
  }
  hover(graphTokenAt(*m_content, layout(), event->position()));
}

void TokenGraphView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !m_drag) return QWidget::mouseReleaseEvent(event);
  const Drag drag = *std::exchange(m_drag, std::nullopt);
  unsetCursor();
  if (drag.isPanning || m_content == nullptr) return;
  const auto token = graphTokenAt(*m_content, layout(), event->position());
  if (token) Q_EMIT tokenClicked(token == m_locked ? std::nullopt : token);
}

void TokenGraphView::wheelEvent(QWheelEvent* event) {
  const QPoint pixels = event->pixelDelta(), angle = event->angleDelta();
  const double units =
      !pixels.isNull() ? pixels.y() / kPixelsPerNotch * 120.0 : static_cast<double>(angle.y());
  if (units != 0.0) zoomBy(wheelFactor(units), event->position().x());
  event->accept();
}

void TokenGraphView::leaveEvent(QEvent*) { hover(std::nullopt); }

void TokenGraphView::moveHovered(qint64 steps) {
  const qint64 pool = m_content->grid.pool, first = m_content->firstToken();
  const auto middle = static_cast<qint64>(layout().tokenAt(width() / 2.0));
  const qint64 from = m_hovered ? *m_hovered : m_locked.value_or(first + (middle - first) / pool * pool);
  const qint64 last = first + (m_content->endToken() - 1 - first) / pool * pool;
  const qint64 token = std::clamp(from + steps * pool, first, last);
  hover(token);
  if (m_viewport.isWhole()) return;
  const auto place = static_cast<double>(token), cell = static_cast<double>(pool);
  const double left = std::min(m_viewport.left, place - cell);
  moveTo(kept(std::max(left, place + 2.0 * cell - m_viewport.width), m_viewport.width));
}

void TokenGraphView::keyPressEvent(QKeyEvent* event) {
  if (m_content == nullptr) return QWidget::keyPressEvent(event);
  const qint64 all = m_content->endToken() - m_content->firstToken();
  const double middle = m_focus ? nodeX(*m_content, layout(), m_focus->token) : width() / 2.0;
  switch (event->key()) {
    case Qt::Key_Left:
      return moveHovered(-1);
    case Qt::Key_Right:
      return moveHovered(1);
    case Qt::Key_Home:
      return moveHovered(-all);
    case Qt::Key_End:
      return moveHovered(all);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(kKeyZoom, middle);
    case Qt::Key_Minus:
      return zoomBy(1.0 / kKeyZoom, middle);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (m_hovered) Q_EMIT tokenClicked(m_hovered == m_locked ? std::nullopt : m_hovered);
      return;
    case Qt::Key_Escape:
      if (m_drag && m_drag->isPanning) {
        moveTo(m_drag->viewport);
        m_drag.reset();
        unsetCursor();
        return;
      }
      break;
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

void TokenGraphView::contextMenuEvent(QContextMenuEvent* event) {
  const bool isByMouse = event->reason() == QContextMenuEvent::Mouse;
  std::optional<qint64> token = m_focus ? std::optional(m_focus->token) : std::nullopt;
  if (isByMouse && m_content != nullptr) token = graphTokenAt(*m_content, layout(), QPointF(event->pos()));
  Q_EMIT contextMenuWanted(event->globalPos(), token);
}

}  // namespace uc
