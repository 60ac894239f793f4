// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/channel_atlas_filter.h"

#include "widgets/widget_theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {
constexpr int kRow = 26, kHandle = 13;
constexpr double kLabel = 70, kValue = 92;
}  // namespace

class ChannelAtlasFilter::Handle : public QWidget {
 public:
  Handle(ChannelAtlasFilter* filter, End end) : QWidget(filter), m_filter(filter), m_end(end) {
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::SizeHorCursor);
    resize(kHandle, kHandle);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = themeOf(*this);
    painter.setPen(QPen(isEnabled() ? theme.accent : theme.line, 1.5));
    painter.setBrush(theme.base);
    painter.drawEllipse(QRectF(rect()).adjusted(1, 1, -1, -1));
  }
  void mousePressEvent(QMouseEvent* event) override { event->accept(); }
  void mouseMoveEvent(QMouseEvent* event) override {
    const double x = mapToParent(event->pos()).x();
    m_filter->move(m_end, (x - m_filter->left()) / (m_filter->right() - m_filter->left()));
  }
  void mouseReleaseEvent(QMouseEvent*) override { m_filter->tell(); }
  void keyPressEvent(QKeyEvent* event) override {
    double place = m_filter->placeOf(m_end);
    switch (event->key()) {
      case Qt::Key_Left:
      case Qt::Key_Down:
        place -= m_filter->step(m_end);
        break;
      case Qt::Key_Right:
      case Qt::Key_Up:
        place += m_filter->step(m_end);
        break;
      case Qt::Key_Home:
        place = 0.0;
        break;
      case Qt::Key_End:
        place = 1.0;
        break;
      default:
        QWidget::keyPressEvent(event);
        return;
    }
    m_filter->move(m_end, place);
    m_filter->tell();
  }

 private:
  ChannelAtlasFilter* m_filter;
  End m_end;
};

ChannelAtlasFilter::ChannelAtlasFilter(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  for (const End end : {FirstLayer, LastLayer, LeastHalfLife}) m_handles[end] = new Handle(this, end);
  setContent(nullptr);
}

void ChannelAtlasFilter::setContent(std::shared_ptr<const AtlasContent> content) {
  m_content = std::move(content);
  m_choice = m_content ? m_content->choice : AtlasChoice();
  setEnabled(m_content && m_content->lanes().layers > 0);
  placeHandles();
}

QWidget& ChannelAtlasFilter::handle(End end) const { return *m_handles[end]; }

double ChannelAtlasFilter::left() const { return kLabel + 0.5 * kHandle; }
double ChannelAtlasFilter::right() const { return width() - kValue - 0.5 * kHandle; }

double ChannelAtlasFilter::step(End end) const {
  if (end == LeastHalfLife || !m_content) return 1.0 / 50.0;
  return 1.0 / std::max(1.0, static_cast<double>(m_content->lanes().layers - 1));
}

double ChannelAtlasFilter::placeOf(End end) const {
  if (!m_content) return end == LastLayer ? 1.0 : 0.0;
  if (end == LeastHalfLife) {
    const AtlasAxis& axis = m_content->lanes().columnOf(atlasColumn("half_life")).axis;
    return std::clamp(axis.placeOf(m_choice.leastHalfLife), 0.0, 1.0);
  }
  const auto last = static_cast<double>(m_content->lanes().layers - 1);
  if (end == LastLayer && m_choice.lastLayer < 0) return 1.0;
  const auto layer = static_cast<double>(end == FirstLayer ? m_choice.firstLayer : m_choice.lastLayer);
  return std::clamp(layer / std::max(1.0, last), 0.0, 1.0);
}

void ChannelAtlasFilter::move(End end, double place) {
  if (!isEnabled()) return;
  const double inside = std::clamp(place, 0.0, 1.0);
  const int64_t last = m_content->lanes().layers - 1;
  const int64_t layer = std::llround(inside * static_cast<double>(last));
  if (end == FirstLayer) {
    m_choice.firstLayer = std::min(layer, m_choice.lastLayer < 0 ? last : m_choice.lastLayer);
  } else if (end == LastLayer) {
    m_choice.lastLayer = layer == last ? -1 : std::max(layer, m_choice.firstLayer);
  } else {
    m_choice.leastHalfLife = m_content->lanes().columnOf(atlasColumn("half_life")).axis.valueAt(inside);
  }
  placeHandles();
}

void ChannelAtlasFilter::tell() {
  if (m_content && !(m_choice == m_content->choice)) Q_EMIT choiceEdited(m_choice);
}

QString ChannelAtlasFilter::valueText(End end) const {
  if (!m_content) return {};
  if (end != LeastHalfLife) {
    const int64_t last = m_choice.lastLayer < 0 ? m_content->lanes().layers - 1 : m_choice.lastLayer;
    return tr("%1 … %2").arg(m_choice.firstLayer).arg(last);
  }
  const double least = m_choice.leastHalfLife;
  if (least >= AtlasAxis::kEndless) return QStringLiteral("∞");
  return tr("%1 … ∞").arg(bareText(atlasColumn("half_life"), least));
}

void ChannelAtlasFilter::placeHandles() {
  for (const End end : {FirstLayer, LastLayer, LeastHalfLife}) {
    const double x = left() + placeOf(end) * (right() - left());
    const int row = end == LeastHalfLife ? kRow : 0;
    m_handles[end]->QWidget::move(static_cast<int>(std::lround(x)) - kHandle / 2, row + (kRow - kHandle) / 2);
  }
  m_handles[FirstLayer]->setAccessibleName(tr("First layer, of %1").arg(valueText(FirstLayer)));
  m_handles[LastLayer]->setAccessibleName(tr("Last layer, of %1").arg(valueText(LastLayer)));
  m_handles[LeastHalfLife]->setAccessibleName(
      tr("Least half-life, tokens, %1").arg(valueText(LeastHalfLife)));
  update();
}

void ChannelAtlasFilter::resizeEvent(QResizeEvent*) { placeHandles(); }

void ChannelAtlasFilter::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  painter.setFont(textFont(13));
  for (const bool isLayer : {true, false}) {
    const QRectF row(0, isLayer ? 0 : kRow, width(), kRow);
    painter.setPen(theme.text2);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, isLayer ? tr("Layer") : tr("Half-life"));
    painter.setPen(theme.text);
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, valueText(isLayer ? FirstLayer : LeastHalfLife));
    const QRectF track(left(), row.center().y() - 1, right() - left(), 2);
    const double from = placeOf(isLayer ? FirstLayer : LeastHalfLife),
                 to = isLayer ? placeOf(LastLayer) : 1.0;
    painter.fillRect(track, theme.line);
    painter.fillRect(QRectF(track.left() + from * track.width(), track.top(), (to - from) * track.width(), 2),
                     isEnabled() ? theme.accent : theme.line);
  }
}

}  // namespace uc
