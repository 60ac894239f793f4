// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/pane.h"

#include "app/badge_words.h"
#include "app/view_steps.h"
#include "widgets/widget_theme.h"

#include <QEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

namespace uc {

Pane::Pane(Document& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_header(new PaneHeader(this)),
      m_viewMenu(new QMenu(this)),
      m_progress(new ProgressLine(this)),
      m_controls(new QStackedWidget(this)),
      m_stack(new QStackedWidget(this)),
      m_card(new StateCard(m_stack)),
      m_stale(new StaleTag(m_stack)) {
  m_stack->addWidget(m_card);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_header);
  column->addWidget(m_progress);
  column->addWidget(m_controls);
  column->addWidget(m_stack, 1);
  m_controls->addWidget(new QWidget(m_controls));  // of views without any
  m_controls->hide();
  setMinimumSize(320, 280);
  setFocusPolicy(Qt::ClickFocus);
  setProperty("largeFocus", true);
  setAccessibleName(tr("Pane"));
  buildHeader();
  connect(m_card, &StateCard::buttonClicked, this, &Pane::cardClicked);
  connect(m_stale, &StaleTag::updateWanted, &m_document, &Document::update);
  connect(&document, &Document::phaseChanged, this, &Pane::showPhase);
  connect(&document, &Document::viewChanged, this, &Pane::showPage);
  connect(&document, &Document::modelChanged, this, &Pane::showHeader);
  connect(&document, &Document::contentChanged, this, &Pane::showPhase);
  connect(&document, &Document::badgeChanged, this, &Pane::showBadge);
  connect(&document, &Document::progressed, this, &Pane::showProgress);
  showPage();
  showPhase();
}

void Pane::buildHeader() {
  fillViewMenu();
  m_header->viewButton().setMenu(m_viewMenu);
  connect(m_viewMenu, &QMenu::aboutToShow, this, &Pane::activated);
  connect(&m_header->badge(), &QAbstractButton::clicked, this, &Pane::verifyWanted);
  connect(m_header, &PaneHeader::closeWanted, this, &Pane::closeWanted);
  connect(m_header, &PaneHeader::soloToggled, this, &Pane::soloToggled);
  connect(m_header, &PaneHeader::linkToggled, this, &Pane::linkToggled);
}

void Pane::fillViewMenu() {
  for (const View each : paneViews()) {
    QAction* action = m_viewMenu->addAction(themeIcon(iconOf(each)), toQString(uc::title(each)));
    connect(action, &QAction::triggered, this, [this, each] {
      ViewState next = m_document.view();
      next.view = each;
      m_document.change(tr("view"), next);
    });
  }
}

// ---- pages

PanePage& Pane::pageOf(View view) {
  const auto known = m_pages.find(view);
  if (known != m_pages.end()) return *known->second;
  PanePage* page = makePage(view, m_document, m_stack).release();
  m_pages[view] = page;
  m_stack->addWidget(page);
  if (QWidget* controls = page->controls()) m_controls->addWidget(controls);
  page->setTheme(m_theme);
  page->canvas().installEventFilter(this);
  connect(page, &PanePage::detailChanged, this, &Pane::detailChanged);
  connect(page, &PanePage::contextMenuWanted, this, &Pane::contextMenuWanted);
  if (auto* heatmap = qobject_cast<HeatmapPage*>(page)) heatmap->setOverlayVisible(m_isOverlayVisible);
  return *page;
}

HeatmapView& Pane::view() { return static_cast<HeatmapPage&>(pageOf(View::Heatmap)).view(); }

void Pane::showPage() {
  PanePage& page = pageOf(m_document.view().view);
  if (m_page != &page) {
    m_page = &page;
    QWidget* controls = page.controls();
    m_controls->setCurrentWidget(controls ? controls : m_controls->widget(0));
    m_controls->setVisible(controls != nullptr);
    showPhase();
  }
  showHeader();
}

bool Pane::isCardShown() const { return m_stack->currentWidget() == m_card; }

bool Pane::hasFocusInside() const {
  const QWidget* focused = window()->focusWidget();
  return focused == this || (focused && m_stack->isAncestorOf(focused));
}

void Pane::showPhase() {
  const Document::Phase phase = m_document.phase();
  const bool isPicture = m_document.content() && m_page->obstacle().isEmpty() &&
                         (phase == Document::Phase::Ready || phase == Document::Phase::Stale);
  if (!isPicture) m_card->setContent(cardContent());
  // hiding what has the focus would pass it on to whatever is next
  const bool hadFocus = hasFocusInside();
  QWidget* shown = isPicture ? static_cast<QWidget*>(m_page) : m_card;
  if (hadFocus && m_stack->currentWidget() != shown) setFocus();
  m_stack->setCurrentWidget(shown);
  if (hadFocus && isPicture) m_page->canvas().setFocus();
  showStale();
  showHeader();
  showBadge();
  showProgress();
}

void Pane::showStale() {
  const bool isStale = !isCardShown() && m_document.phase() == Document::Phase::Stale;
  m_page->setStale(isStale);
  if (isStale)
    m_stale->announce(m_document.staleReason());
  else
    m_stale->hide();
}

// ---- header

void Pane::showHeader() {
  const bool isFailed = m_document.phase() == Document::Phase::Failed;
  QString title = tr("No model");
  if (m_document.hasModel())
    title = paneTitle(m_document.view());
  else if (m_document.phase() == Document::Phase::Loading)
    title = tr("Opening the model");
  else if (isFailed)
    title = tr("The model was not opened");
  m_header->title().setRuns({{title, TextRun::Kind::Secondary}});
  const QString name = toQString(uc::title(m_document.view().view));
  m_header->setView(m_document.view().view, name, isFailed);
  const QString badgeText =
      badge().state() == Badge::State::Empty ? QString() : QStringLiteral(", ") + badge().text();
  m_page->canvas().setAccessibleName(
      tr("%1, %2%3").arg(name, title.replace(QStringLiteral(" · "), QStringLiteral(", ")), badgeText));
}

void Pane::showBadge() {
  const BadgeWords words = badgeWords(m_document);
  badge().setState(words.state, words.words, words.brief, words.tip);
}

void Pane::showProgress() {
  m_progress->setFraction(m_document.isBusy() ? m_document.progress() : -1);
  if (m_document.phase() == Document::Phase::Loading) m_card->setContent(cardContent());
}

void Pane::setPlace(const PanePlace& place) {
  m_header->setPlace(place);
  setAccessibleName(place.count > 1 ? tr("Pane %1").arg(m_header->letter()) : tr("Pane"));
}

void Pane::setTheme(const Theme& theme) {
  m_theme = theme;
  for (const auto& [view, page] : m_pages) page->setTheme(theme);
}

void Pane::setOverlayVisible(bool isVisible) {
  m_isOverlayVisible = isVisible;
  const auto heatmap = m_pages.find(View::Heatmap);
  if (heatmap != m_pages.end()) static_cast<HeatmapPage*>(heatmap->second)->setOverlayVisible(isVisible);
}

// ---- card

StateCard::Content Pane::cardContent() const {
  StateCard::Content content;
  if (const QString obstacle = m_page->obstacle();
      !obstacle.isEmpty() && m_document.phase() == Document::Phase::Ready)
    return {obstacle, {}, false, {tr("Show the heatmap")}, false};
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
    case Document::Phase::Ready:
      obstacleClicked();
      break;
    case Document::Phase::Loading:
      break;
  }
}

void Pane::obstacleClicked() {
  ViewState next = m_document.view();
  next.view = View::Heatmap;
  m_document.change(tr("view"), next);
}

// ---- events

void Pane::resizeEvent(QResizeEvent*) {
  m_header->setRoom(width());
  m_stale->place();
}

void Pane::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  Q_EMIT activated();
}

void Pane::mousePressEvent(QMouseEvent* event) {
  QWidget::mousePressEvent(event);
  Q_EMIT activated();
}

bool Pane::eventFilter(QObject* object, QEvent* event) {
  const bool isCanvas = m_page && object == &m_page->canvas();
  if (isCanvas && (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)) update();
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::MouseButtonPress) Q_EMIT activated();
  if (isCanvas && event->type() == QEvent::Resize) m_stale->place();
  return QWidget::eventFilter(object, event);
}

void Pane::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), themeOf(*this).canvas);
}

}  // namespace uc
