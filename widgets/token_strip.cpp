// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/token_strip.h"

#include "widgets/paint/heatmap_painter.h"
#include "widgets/widget_theme.h"

#include <QHash>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {
constexpr double kTokenHeight = 22, kLine = 30, kMargin = 14, kTop = 10;
constexpr double kPixels = 12;
}  // namespace

TokenStrip::TokenStrip(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setAccessibleName(tr("Token strip, no tokens"));
}

void TokenStrip::setTokens(const QStringList& tokens) {
  if (tokens == m_tokens) return;
  m_tokens = tokens;
  m_widths.clear();
  const QFont font = tokenFont(kPixels);
  QHash<QString, double> known;  // few words make a long text
  for (const QString& token : m_tokens) {
    auto width = known.find(token);
    if (width == known.end()) width = known.insert(token, std::max(6.0, tokenWidth(token, font)) + 8);
    m_widths.push_back(*width);
  }
  m_valueOf = nullptr;
  m_subject = m_partner = m_cursor = std::nullopt;
  layOut(width(), &m_places);
  setAccessibleName(tr("Token strip, %n tokens", nullptr, static_cast<int>(m_tokens.size())));
  updateGeometry();
  update();
}

void TokenStrip::setValues(std::function<Value(qint64)> valueOf, const ColorScale& scale) {
  m_valueOf = std::move(valueOf);
  m_scale = scale;
  update();
}

void TokenStrip::setMarks(std::optional<qint64> subject, std::optional<qint64> partner) {
  if (subject == m_subject && partner == m_partner) return;
  m_subject = subject;
  m_partner = partner;
  update();
}

double TokenStrip::layOut(int width, std::vector<QRectF>* places) const {
  double x = kMargin, y = kTop;
  if (places) places->clear();
  for (double tokenSpan : m_widths) {
    if (x > kMargin && x + tokenSpan > width - kMargin) {
      x = kMargin;
      y += kLine;
    }
    if (places) places->emplace_back(x, y, tokenSpan, kTokenHeight);
    x += tokenSpan + 1;
  }
  return y + kTokenHeight + kTop;
}

int TokenStrip::heightForWidth(int width) const {
  return static_cast<int>(std::ceil(layOut(width, nullptr)));
}
QSize TokenStrip::sizeHint() const { return {400, heightForWidth(std::max(200, width()))}; }
void TokenStrip::resizeEvent(QResizeEvent*) { layOut(width(), &m_places); }

QRectF TokenStrip::tokenRect(qint64 token) const { return m_places[static_cast<size_t>(token)]; }

std::optional<qint64> TokenStrip::tokenAt(const QPointF& point) const {
  // lines are in order: find the line, then the token on it
  auto found =
      std::lower_bound(m_places.begin(), m_places.end(), point, [](const QRectF& place, const QPointF& p) {
        return place.bottom() < p.y() || (place.top() <= p.y() && place.right() < p.x());
      });
  if (found == m_places.end() || !found->contains(point)) return std::nullopt;
  return found - m_places.begin();
}

void TokenStrip::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  const QFont font = tokenFont(kPixels);
  const QRectF dirty = QRectF(event->rect()).adjusted(-4, -4, 4, 4);
  const auto first = std::partition_point(m_places.begin(), m_places.end(), [&dirty](const QRectF& place) {
    return place.bottom() < dirty.top();
  });
  for (auto place = first; place != m_places.end() && place->top() <= dirty.bottom(); ++place) {
    if (!place->intersects(dirty)) continue;
    const qint64 token = place - m_places.begin();
    QColor text = theme.text;
    if (m_valueOf) {
      const Value value = m_valueOf(token);
      if (!value.isAttended) {
        text = theme.text2;
      } else if (std::isfinite(value.shown)) {
        const QColor ground = QColor::fromRgb(m_scale.color(value.shown));
        painter.fillRect(*place, ground);
        text = textOn(ground);
      }
    }
    paintToken(painter, {place->left() + 4, place->top() + 15.5}, m_tokens[token], font, text);
  }
  painter.setBrush(Qt::NoBrush);
  const auto frame = [&](const std::optional<qint64>& token, const QPen& pen, double outset) {
    if (!token || *token >= static_cast<qint64>(m_places.size())) return;
    painter.setPen(pen);
    painter.drawRect(tokenRect(*token).adjusted(-outset, -outset, outset, outset));
  };
  frame(m_partner, QPen(theme.text, 1), 0.5);
  frame(m_subject, QPen(theme.accent, 2), 0);
  if (hasFocus() || underMouse()) frame(m_cursor, QPen(theme.text, 1, Qt::DashLine), 1.5);
}

void TokenStrip::setCursorToken(std::optional<qint64> token) {
  if (token == m_cursor) return;
  m_cursor = token;
  setAccessibleDescription(token ? tr("token %1 %2").arg(*token).arg(m_tokens[*token].trimmed()) : QString());
  update();
  Q_EMIT tokenHovered(token);
}

void TokenStrip::mouseMoveEvent(QMouseEvent* event) { setCursorToken(tokenAt(event->position())); }
void TokenStrip::leaveEvent(QEvent*) { setCursorToken(std::nullopt); }

void TokenStrip::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (auto token = tokenAt(event->position())) Q_EMIT tokenClicked(*token);
}

void TokenStrip::keyPressEvent(QKeyEvent* event) {
  const qint64 last = static_cast<qint64>(m_tokens.size()) - 1;
  const qint64 current = m_cursor.value_or(m_subject.value_or(0));
  switch (event->key()) {
    case Qt::Key_Left:
      setCursorToken(std::clamp<qint64>(current - 1, 0, std::max<qint64>(0, last)));
      break;
    case Qt::Key_Right:
      setCursorToken(std::clamp<qint64>(current + 1, 0, std::max<qint64>(0, last)));
      break;
    case Qt::Key_Home:
      setCursorToken(0);
      break;
    case Qt::Key_End:
      setCursorToken(last);
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (m_cursor) Q_EMIT tokenClicked(*m_cursor);
      break;
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace uc
