// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/pane.h"

#include "app/badge_words.h"
#include "app/view_steps.h"
#include "widgets/widget_theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStyle>
#include <QVBoxLayout>

#include <cmath>

namespace uc {

namespace {
constexpr int kStillMs = 250;
}

/// The 2 px under the header that fill while something runs.
class Pane::ProgressLine : public QWidget {
 public:
  explicit ProgressLine(QWidget* parent) : QWidget(parent) { setFixedHeight(2); }
  void setFraction(double fraction) {
    m_fraction = fraction;
    setAccessibleName(fraction < 0 ? QString() : tr("Progress, %1 percent").arg(std::lround(fraction * 100)));
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const Theme& theme = themeOf(*this);
    painter.fillRect(QRect(0, 0, width(), 1), theme.line);
    painter.fillRect(QRect(0, 1, width(), 1), theme.canvas);
    if (m_fraction < 0) return;
    painter.fillRect(QRectF(0, 0, width() * std::max(0.02, m_fraction), 2), theme.accent);
  }

 private:
  double m_fraction = -1;
};

/// "Out of date: the input changed" over the lower edge of the picture, with the button that mends it.
class Pane::StaleTag : public QWidget {
 public:
  explicit StaleTag(QWidget* parent)
      : QWidget(parent), m_words(new QLabel(this)), update(new QPushButton(tr("Update"), this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(36, 8, 10, 8);
    row->setSpacing(10);
    row->addWidget(m_words);
    row->addWidget(update);
    hide();
  }
  void announce(const QString& reason) {
    m_words->setText(tr("Out of date: %1").arg(reason));
    adjustSize();
    place();
    show();
    raise();
  }
  void place() { move((parentWidget()->width() - width()) / 2, parentWidget()->height() - height() - 16); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = themeOf(*this);
    painter.setPen(QPen(theme.border, 1));
    painter.setBrush(theme.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    paintIcon(painter, QRectF(12, height() / 2.0 - 8, 16, 16), QStringLiteral("warning"), theme.warn);
  }

 private:
  QLabel* m_words;

 public:
  QPushButton* update;
};

Pane::Pane(Document& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_header(new QWidget(this)),
      m_name(new QLabel(tr("Heatmap"), m_header)),
      m_title(new RichLine(13, m_header)),
      m_badge(new Badge(m_header)),
      m_progress(new ProgressLine(this)),
      m_stack(new QStackedWidget(this)),
      m_view(new HeatmapView(m_stack)),
      m_card(new StateCard(m_stack)),
      m_stale(new StaleTag(m_stack)) {
  buildHeader();
  m_stack->addWidget(m_card);
  m_stack->addWidget(m_view);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_header);
  column->addWidget(m_progress);
  column->addWidget(m_stack, 1);
  setMinimumSize(320, 280);
  setFocusPolicy(Qt::ClickFocus);
  setProperty("largeFocus", true);
  setAccessibleName(tr("Pane"));
  m_view->setFocusPolicy(Qt::StrongFocus);
  m_view->setProperty("largeFocus", true);
  m_view->installEventFilter(this);
  connectView();
  connect(&document, &Document::phaseChanged, this, &Pane::showPhase);
  connect(&document, &Document::viewChanged, this, &Pane::showHeader);
  connect(&document, &Document::modelChanged, this, &Pane::showHeader);
  connect(&document, &Document::contentChanged, this, &Pane::showContent);
  connect(&document, &Document::tilesChanged, this, &Pane::showTiles);
  connect(&document, &Document::badgeChanged, this, &Pane::showBadge);
  connect(&document, &Document::progressed, this, &Pane::showProgress);
  connect(&document, &Document::readOutChanged, this, &Pane::showReadOut);
  showPhase();
}

void Pane::buildHeader() {
  m_header->setFixedHeight(30);
  m_name->setProperty("role", QStringLiteral("strong"));
  auto* row = new QHBoxLayout(m_header);
  row->setContentsMargins(34, 2, 10, 0);
  row->setSpacing(14);
  row->addWidget(m_name);
  row->addWidget(m_title, 1);
  row->addWidget(m_badge);
  m_header->installEventFilter(this);
  connect(m_badge, &QAbstractButton::clicked, this, &Pane::verifyWanted);
  m_still.setSingleShot(true);
  m_still.setInterval(kStillMs);
  connect(&m_still, &QTimer::timeout, this, [this] {
    const QString detail = m_document.detail();
    Q_EMIT detailChanged(
        detail.isEmpty() ? detail : tr("%1 · draw %2 ms").arg(detail).arg(m_view->drawMs(), 0, 'f', 1));
  });
}

void Pane::connectView() {
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
  connect(m_card, &StateCard::buttonClicked, this, &Pane::cardClicked);
  connect(m_stale->update, &QPushButton::clicked, &m_document, &Document::update);
}

bool Pane::isCardShown() const { return m_stack->currentWidget() == m_card; }

void Pane::setTheme(const Theme& theme) { m_view->setTheme(theme); }

StateCard::Content Pane::cardContent() const {
  StateCard::Content content;
  switch (m_document.phase()) {
    case Document::Phase::NoModel:
      return {tr("No model is open."),
              tr("Drop a model folder or a weights file here."),
              false,
              {tr("Open model…"), tr("Open demo")},
              true};
    case Document::Phase::Loading:
      return {m_document.hasModel() ? tr("Running the input") : tr("Opening the model"),
              m_document.stage(),
              false,
              {},
              false};
    case Document::Phase::Empty:
      return {
          tr("The input has no tokens."),
          m_document.isVision() ? tr("Open a picture to see its map.") : tr("Type a text to see its map."),
          false,
          {m_document.isVision() ? tr("Open picture…") : tr("Go to the input")},
          false};
    case Document::Phase::Stale:
      return {tr("Nothing is shown."),
              tr("Out of date: %1").arg(m_document.staleReason()),
              false,
              {tr("Update")},
              true};
    case Document::Phase::Failed: {
      const Error& error = m_document.error();
      content.title = QString::fromStdString(error.what);
      QStringList lines;
      for (const std::string& line : {error.where, error.todo})
        if (!line.empty()) lines << QString::fromStdString(line);
      content.text = lines.join(QLatin1Char('\n'));
      content.isError = true;
      content.buttons = {tr("Try again")};
      content.buttons.push_back(m_document.hasModel() ? tr("Go to the input") : tr("Open model…"));
      return content;
    }
    case Document::Phase::Ready:
      break;
  }
  return content;
}

void Pane::cardClicked(int index) {
  switch (m_document.phase()) {
    case Document::Phase::NoModel:
      index == 0 ? Q_EMIT openWanted() : Q_EMIT demoWanted();
      break;
    case Document::Phase::Empty:
      Q_EMIT inputWanted();
      break;
    case Document::Phase::Stale:
      m_document.update();
      break;
    case Document::Phase::Failed:
      if (index == 0)
        m_document.update();
      else if (m_document.hasModel())
        Q_EMIT inputWanted();
      else
        Q_EMIT openWanted();
      break;
    case Document::Phase::Loading:
    case Document::Phase::Ready:
      break;
  }
}

void Pane::showPhase() {
  const Document::Phase phase = m_document.phase();
  const bool isPicture =
      m_document.content() && (phase == Document::Phase::Ready || phase == Document::Phase::Stale);
  if (!isPicture) m_card->setContent(cardContent());
  // hiding what has the focus would pass it on to whatever is next
  const QWidget* focused = window()->focusWidget();
  const bool hasFocusInside = focused == this || (focused && m_stack->isAncestorOf(focused));
  if (hasFocusInside) setFocus();
  m_stack->setCurrentWidget(isPicture ? static_cast<QWidget*>(m_view) : m_card);
  if (hasFocusInside && isPicture) m_view->setFocus();
  const bool isStale = isPicture && phase == Document::Phase::Stale;
  m_view->setStale(isStale);
  if (isStale)
    m_stale->announce(m_document.staleReason());
  else
    m_stale->hide();
  showHeader();
  showBadge();
  showProgress();
}

void Pane::showHeader() {
  const bool isFailed = m_document.phase() == Document::Phase::Failed;
  QString title = tr("No model");
  if (m_document.hasModel())
    title = paneTitle(m_document.view());
  else if (m_document.phase() == Document::Phase::Loading)
    title = tr("Opening the model");
  else if (isFailed)
    title = tr("The model was not opened");
  m_title->setRuns({{title, TextRun::Kind::Secondary}});
  const QString role = isFailed ? QStringLiteral("errorTitle") : QStringLiteral("strong");
  if (m_name->property("role").toString() != role) {
    m_name->setProperty("role", role);
    m_name->style()->unpolish(m_name);
    m_name->style()->polish(m_name);
  }
  const QString badgeText =
      m_badge->state() == Badge::State::Empty ? QString() : QStringLiteral(", ") + m_badge->text();
  m_view->setAccessibleName(
      tr("Heatmap, %1%2").arg(title.replace(QStringLiteral(" · "), QStringLiteral(", ")), badgeText));
  if (m_document.content() && m_view->viewport() != m_document.view().viewport) {
    const QSignalBlocker quiet(m_view);
    m_view->setViewport(m_document.view().viewport);
  }
  m_view->setLocked(m_document.view().locked);
  m_header->update();
}

void Pane::showContent() {
  m_view->setContent(m_document.content());
  showTiles();
  showPhase();
}

void Pane::showTiles() {
  const TiledMap& tiled = m_document.tiled();
  m_view->setTiles(tiled.tiles(), tiled.pool(), tiled.isCovered());
  const auto map = m_document.tiled().isEmpty() ? m_document.map() : nullptr;
  m_view->setOverlay(m_document.detail(),
                     map ? tr("tile %1 ms").arg(map->seconds * 1e3, 0, 'f', 1) : QString());
  m_still.start();
}

void Pane::showBadge() {
  const BadgeWords words = badgeWords(m_document);
  m_badge->setState(words.state, words.words, words.brief, words.tip);
}

void Pane::showReadOut() {
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

void Pane::showProgress() {
  m_progress->setFraction(m_document.isBusy() ? m_document.progress() : -1);
  if (m_document.phase() == Document::Phase::Loading) m_card->setContent(cardContent());
}

void Pane::resizeEvent(QResizeEvent*) {
  m_name->setVisible(width() > 620);
  m_badge->setBrief(width() < 480);
  m_stale->place();
}

bool Pane::eventFilter(QObject* object, QEvent* event) {
  if (object == m_view && (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)) update();
  if (object == m_view && event->type() == QEvent::Resize) m_stale->place();
  if (object == m_header && event->type() == QEvent::Paint) {
    QPainter painter(m_header);
    const Theme& theme = themeOf(*this);
    painter.fillRect(m_header->rect(), theme.panel);
    painter.fillRect(QRect(0, 0, m_header->width(), 2), theme.accent);
    const bool isFailed = m_document.phase() == Document::Phase::Failed;
    paintIcon(painter, QRectF(10, 8, 16, 16),
              isFailed ? QStringLiteral("warning") : QStringLiteral("heatmap"),
              isFailed ? theme.error : theme.text2);
  }
  return QWidget::eventFilter(object, event);
}

void Pane::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), themeOf(*this).canvas);
}

}  // namespace uc
