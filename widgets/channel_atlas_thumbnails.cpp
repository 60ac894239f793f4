// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/channel_atlas_thumbnails.h"

#include "widgets/paint/theme.h"
#include "widgets/widget_theme.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>
#include <set>

namespace uc {

namespace {
constexpr int kHead = 30;  // the line above the cells
constexpr int kRow = 114;  // from one row to the next
constexpr int kCaption = 20;
constexpr double kLeastPitch = 104.0, kGoodPitch = 124.0, kLeft = 6.0, kTop = 4.0;
constexpr int kPauseMs = 30;
}  // namespace

ChannelAtlasThumbnails::ChannelAtlasThumbnails(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setProperty("largeFocus", true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setViewportMargins(0, kHead, 0, 0);
  viewport()->setMouseTracking(true);
  verticalScrollBar()->setSingleStep(kRow / 3);
  setAccessibleName(tr("Lanes of the atlas, none"));
  m_pause.setSingleShot(true);
  m_pause.setInterval(kPauseMs);
  connect(&m_pause, &QTimer::timeout, this, &ChannelAtlasThumbnails::tellWanted);
}

void ChannelAtlasThumbnails::setContent(std::shared_ptr<const AtlasContent> content) {
  const bool isSameList = m_content && content && m_content->selected == content->selected;
  m_content = std::move(content);
  setAccessibleName(m_content && m_content->choice.brush ? tr("Lanes in the brush, %1").arg(count())
                                                         : tr("Lanes of the atlas, %1").arg(count()));
  placeColumns();
  if (!isSameList) verticalScrollBar()->setValue(0);
  m_pause.start();
  update();
  viewport()->update();
}

void ChannelAtlasThumbnails::setMarks(const AtlasMarks& marks) {
  if (marks.hovered == m_marks.hovered && marks.locked == m_marks.locked && marks.panes == m_marks.panes)
    return;
  m_marks = marks;
  const auto lane = m_marks.hovered ? m_marks.hovered : m_marks.locked;
  QString spoken;
  if (lane && m_content) {
    const auto index = m_content->lanes().indexOf(*lane);
    const AtlasColumn& sort = atlasColumn(m_content->choice.sort);
    if (index)
      spoken = tr("layer %1, lane %2, %3 %4")
                   .arg(lane->layer)
                   .arg(lane->lane)
                   .arg(columnTitle(sort), valueText(sort, sort.of(m_content->lanes().lanes[*index])));
  }
  setAccessibleDescription(spoken);
  viewport()->update();
}

void ChannelAtlasThumbnails::setThumbnail(const LaneRef& lane, const QImage& image) {
  m_images[lane] = image;
  if (m_images.size() > kMostKept) {
    const auto seen = visibleLanes();
    const std::set<LaneRef> kept(seen.begin(), seen.end());
    std::erase_if(m_images,
                  [&](const auto& item) { return item.first != lane && !kept.contains(item.first); });
  }
  viewport()->update();
}

void ChannelAtlasThumbnails::clearThumbnails() {
  m_images.clear();
  m_wanted.clear();
  m_pause.start();
  viewport()->update();
}

LaneRef ChannelAtlasThumbnails::laneOf(qint64 place) const {
  return m_content->lanes().refOf(m_content->selected[static_cast<size_t>(place)]);
}

void ChannelAtlasThumbnails::placeColumns() {
  const double width = viewport()->width() - kLeft;
  m_columns = std::max(1, static_cast<int>(width / kLeastPitch));
  m_pitch = std::min(width / m_columns, kGoodPitch);
  const qint64 rows = (count() + m_columns - 1) / m_columns;
  const qint64 height = rows * kRow + static_cast<qint64>(kTop);
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setRange(0, static_cast<int>(std::max<qint64>(0, height - viewport()->height())));
}

std::pair<qint64, qint64> ChannelAtlasThumbnails::visibleRange() const {
  const qint64 top = verticalScrollBar()->value();
  const qint64 first = top / kRow, last = (top + viewport()->height() - 1) / kRow;
  return {std::min(count(), first * m_columns), std::min(count(), (last + 1) * m_columns)};
}

std::vector<LaneRef> ChannelAtlasThumbnails::visibleLanes() const {
  std::vector<LaneRef> lanes;
  const auto [first, last] = visibleRange();
  for (qint64 place = first; place < last; ++place) lanes.push_back(laneOf(place));
  return lanes;
}

QRectF ChannelAtlasThumbnails::cellRect(qint64 place) const {
  const qint64 row = place / m_columns, column = place % m_columns;
  return {kLeft + static_cast<double>(column) * m_pitch,
          kTop + static_cast<double>(row * kRow - verticalScrollBar()->value()), kSide, kSide + kCaption};
}

std::optional<LaneRef> ChannelAtlasThumbnails::laneAt(const QPointF& point) const {
  const auto [first, last] = visibleRange();
  for (qint64 place = first; place < last; ++place)
    if (cellRect(place).contains(point)) return laneOf(place);
  return std::nullopt;
}

std::optional<qint64> ChannelAtlasThumbnails::placeOf(const LaneRef& lane) const {
  const auto index = m_content ? m_content->lanes().indexOf(lane) : std::nullopt;
  if (!index) return std::nullopt;
  const auto found = std::find(m_content->selected.begin(), m_content->selected.end(), *index);
  return found == m_content->selected.end() ? std::nullopt
                                            : std::optional<qint64>(found - m_content->selected.begin());
}

void ChannelAtlasThumbnails::tellWanted() {
  std::vector<LaneRef> wanted;
  if (isVisible()) wanted = visibleLanes();
  std::erase_if(wanted, [this](const LaneRef& lane) { return m_images.contains(lane); });
  if (wanted == m_wanted) return;
  m_wanted = wanted;
  Q_EMIT thumbnailsWanted(wanted);
}

void ChannelAtlasThumbnails::hover(std::optional<LaneRef> lane) {
  if (lane == m_marks.hovered) return;
  AtlasMarks marks = m_marks;
  marks.hovered = lane;
  setMarks(marks);
  Q_EMIT laneHovered(lane);
}

void ChannelAtlasThumbnails::go(qint64 steps) {
  if (count() == 0) return;
  const auto current = m_marks.locked ? m_marks.locked : m_marks.hovered;
  const auto at = current ? placeOf(*current) : std::nullopt;
  const qint64 place = at ? std::clamp<qint64>(*at + steps, 0, count() - 1) : 0;
  const double top = cellRect(place).top(), bottom = cellRect(place).bottom();
  auto* bar = verticalScrollBar();
  if (top < 0) bar->setValue(bar->value() + static_cast<int>(std::floor(top - kTop)));
  const double rest = bottom + (kRow - kSide - kCaption) - viewport()->height();
  if (rest > 0) bar->setValue(bar->value() + static_cast<int>(std::ceil(rest)));
  if (at == place) return;
  if (m_marks.locked) {
    Q_EMIT laneClicked(laneOf(place));
  } else {
    hover(laneOf(place));
  }
}

void ChannelAtlasThumbnails::paintHead(QPainter& painter) const {
  const Theme& theme = themeOf(*this);
  const QRectF head(kLeft, 0, viewport()->width() - kLeft - 8.0, kHead);
  painter.setFont(textFont(13, true));
  painter.setPen(theme.text);
  const QString what = !m_content->choice.brush ? tr("%1 lanes").arg(countText(count()))
                       : count() == 1           ? tr("1 lane in the brush")
                                                : tr("%1 lanes in the brush").arg(countText(count()));
  painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, what);
  const double used = QFontMetricsF(textFont(13, true)).horizontalAdvance(what) + 16.0;
  if (count() == 0) return;
  const auto [first, last] = visibleRange();
  const QString sort = columnTitle(atlasColumn(m_content->choice.sort));
  const QString words = first == 0 ? tr("first %1, by %2").arg(countText(last), sort)
                                   : tr("%1 … %2, by %3").arg(countText(first + 1), countText(last), sort);
  painter.setFont(textFont(12));
  painter.setPen(theme.text2);
  const QRectF rest = head.adjusted(used, 0, 0, 0);
  painter.drawText(rest, Qt::AlignRight | Qt::AlignVCenter,
                   QFontMetricsF(textFont(12)).elidedText(words, Qt::ElideRight, rest.width()));
}

void ChannelAtlasThumbnails::paintCell(QPainter& painter, qint64 place) const {
  const Theme& theme = themeOf(*this);
  const LaneRef lane = laneOf(place);
  const QRectF cell = cellRect(place);
  const QRectF picture(cell.left(), cell.top(), kSide, kSide);
  const auto image = m_images.find(lane);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(picture, theme.hatchGround);
  if (image != m_images.end()) painter.drawImage(picture, image->second);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme.line, 1));
  painter.drawRect(picture.adjusted(0, 0, -1, -1));
  const auto pane = std::find_if(m_marks.panes.begin(), m_marks.panes.end(),
                                 [&lane](const AtlasMarks::Pane& each) { return each.lane == lane; });
  const bool isOpen = pane != m_marks.panes.end();
  painter.setRenderHint(QPainter::Antialiasing);
  if (isOpen || m_marks.locked == lane) {
    painter.setPen(QPen(theme.accent, 2));
    painter.drawRoundedRect(picture.adjusted(-1.5, -1.5, 1.5, 1.5), 2, 2);
  }
  if (m_marks.hovered == lane) {
    painter.setPen(QPen(theme.text, 1, Qt::DashLine));
    painter.drawRect(picture.adjusted(-3.5, -3.5, 3.5, 3.5));
  }
  if (isOpen)
    paintPaneLetter(painter, QRectF(picture.right() - 20, picture.top() + 4, 16, 16), pane->letter, theme);
  const AtlasColumn& sort = atlasColumn(m_content->choice.sort);
  const LaneStatistics& of = m_content->lanes().lanes[m_content->selected[static_cast<size_t>(place)]];
  const QRectF words(cell.left(), picture.bottom() + 1, m_pitch - 14.0, kCaption);
  painter.setFont(textFont(12));
  painter.setPen(theme.text);
  painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, laneName(lane));
  const QString value = valueText(sort, sort.of(of));
  const double room = words.width() - QFontMetricsF(textFont(12)).horizontalAdvance(laneName(lane)) - 6.0;
  if (QFontMetricsF(textFont(12)).horizontalAdvance(value) > room) return;
  painter.setPen(theme.text2);
  painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, value);
}

bool ChannelAtlasThumbnails::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::Leave) hover(std::nullopt);
  return QAbstractScrollArea::viewportEvent(event);
}

bool ChannelAtlasThumbnails::event(QEvent* event) {
  if (event->type() == QEvent::Show) m_pause.start();
  // The head is on the area itself, above the viewport.
  if (event->type() == QEvent::Paint) {
    QPainter painter(this);
    painter.fillRect(rect(), themeOf(*this).panel);
    if (m_content) paintHead(painter);
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride) {
    switch (static_cast<QKeyEvent*>(event)->key()) {
      case Qt::Key_Left:
      case Qt::Key_Right:
      case Qt::Key_Up:
      case Qt::Key_Down:
      case Qt::Key_Home:
      case Qt::Key_End:
      case Qt::Key_Return:
      case Qt::Key_Enter:
        event->accept();
        return true;
      default:
        break;
    }
  }
  return QAbstractScrollArea::event(event);
}

void ChannelAtlasThumbnails::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), themeOf(*this).panel);
  const auto [first, last] = visibleRange();
  for (qint64 place = first; place < last; ++place) paintCell(painter, place);
}

void ChannelAtlasThumbnails::resizeEvent(QResizeEvent*) {
  placeColumns();
  m_pause.start();
}

void ChannelAtlasThumbnails::scrollContentsBy(int, int) {
  m_pause.start();
  update();
  viewport()->update();
}

void ChannelAtlasThumbnails::mouseMoveEvent(QMouseEvent* event) { hover(laneAt(event->position())); }

void ChannelAtlasThumbnails::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) m_clicks.press(event->position());
}

void ChannelAtlasThumbnails::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const QPointF point = event->position();
  if (const auto wanted = m_clicks.release(point, laneAt(point), m_marks.locked)) Q_EMIT laneClicked(*wanted);
}

void ChannelAtlasThumbnails::mouseDoubleClickEvent(QMouseEvent* event) {
  const auto lane = laneAt(event->position());
  if (event->button() != Qt::LeftButton || !lane) return;
  if (const auto before = m_clicks.pressAgain(event->position(), m_marks.locked)) Q_EMIT laneClicked(*before);
  Q_EMIT laneOpened(*lane);
}

void ChannelAtlasThumbnails::keyPressEvent(QKeyEvent* event) {
  const auto current = m_marks.locked ? m_marks.locked : m_marks.hovered;
  switch (event->key()) {
    case Qt::Key_Left:
      return go(-1);
    case Qt::Key_Right:
      return go(1);
    case Qt::Key_Up:
      return go(-m_columns);
    case Qt::Key_Down:
      return go(m_columns);
    case Qt::Key_Home:
      return go(-count());
    case Qt::Key_End:
      return go(count());
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current) Q_EMIT laneOpened(*current);
      return;
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void ChannelAtlasThumbnails::contextMenuEvent(QContextMenuEvent* event) {
  auto lane = laneAt(event->pos());
  QPoint at = event->globalPos();
  if (event->reason() == QContextMenuEvent::Keyboard) {
    lane = m_marks.locked ? m_marks.locked : m_marks.hovered;
    const auto place = lane ? placeOf(*lane) : std::nullopt;
    if (place) at = viewport()->mapToGlobal(cellRect(*place).center().toPoint());
  }
  Q_EMIT contextMenuWanted(at, lane);
  event->accept();
}

}  // namespace uc
