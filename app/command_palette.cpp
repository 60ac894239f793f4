// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/command_palette.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QRegularExpression>
#include <QVBoxLayout>

#include <algorithm>

namespace uc {

namespace {
constexpr int kWidth = 560, kMostRows = 10, kRowHeight = 26;
}

int paletteRank(const QString& words, const QString& text) {
  const QString wanted = text.trimmed();
  if (wanted.isEmpty()) return 1;
  if (words.startsWith(wanted, Qt::CaseInsensitive)) return 3;
  for (const QString& word : wanted.split(QLatin1Char(' '), Qt::SkipEmptyParts))
    if (!words.contains(word, Qt::CaseInsensitive)) return 0;
  return words.contains(wanted, Qt::CaseInsensitive) ? 2 : 1;
}

bool parseLaneName(const QString& text, qint64* layer, qint64* lane) {
  static const QRegularExpression name(QStringLiteral("^\\s*[lL](\\d{1,9})(?:\\s*[cC](\\d{1,9}))?\\s*$"));
  const QRegularExpressionMatch match = name.match(text);
  if (!match.hasMatch()) return false;
  *layer = match.captured(1).toLongLong();
  *lane = match.captured(2).isEmpty() ? -1 : match.captured(2).toLongLong();
  return true;
}

CommandPalette::CommandPalette(QWidget* window)
    : QFrame(window), m_field(new QLineEdit(this)), m_list(new QListWidget(this)) {
  setProperty("role", QStringLiteral("palette"));
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 8);
  column->setSpacing(6);
  column->addWidget(m_field);
  column->addWidget(m_list);
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setFocusPolicy(Qt::NoFocus);
  m_list->setAccessibleName(tr("Found"));
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_field->installEventFilter(this);
  window->installEventFilter(this);
  connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::refresh);
  connect(m_list, &QListWidget::itemClicked, this, [this] { runCurrent(); });
  hide();
}

void CommandPalette::open(const QString& hint, Search search) {
  m_search = std::move(search);
  if (!isVisible()) m_focusBefore = QApplication::focusWidget();
  m_field->setPlaceholderText(hint);
  m_field->setAccessibleName(hint);
  m_field->clear();
  refresh();
  show();
  raise();
  m_field->setFocus();
}

void CommandPalette::refresh() {
  m_entries = m_search ? m_search(m_field->text()) : std::vector<PaletteEntry>{};
  m_list->clear();
  for (const PaletteEntry& entry : m_entries) {
    auto* item = new QListWidgetItem(m_list);
    const bool canRun = entry.unavailable.isEmpty();
    item->setText(entry.words + (canRun ? QString() : QStringLiteral("  –  ") + entry.unavailable));
    item->setData(Qt::AccessibleDescriptionRole, entry.right);
    item->setToolTip(entry.right);
    if (!canRun) item->setForeground(palette().color(QPalette::Disabled, QPalette::Text));
    auto* right = new QLabel(entry.right, m_list);
    right->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    right->setContentsMargins(0, 0, 8, 0);
    right->setProperty("role", QStringLiteral("small"));
    right->setAttribute(Qt::WA_TransparentForMouseEvents);
    item->setSizeHint({0, kRowHeight});
    m_list->setItemWidget(item, right);
  }
  m_list->setCurrentRow(m_entries.empty() ? -1 : 0);
  place();
}

void CommandPalette::place() {
  const int rows = std::clamp(m_list->count(), 1, kMostRows);
  m_list->setFixedHeight(rows * kRowHeight + 2);
  const int width = std::min(kWidth, parentWidget()->width() - 40);
  resize(width, sizeHint().height());
  move((parentWidget()->width() - width) / 2, parentWidget()->height() / 8);
}

void CommandPalette::leave() {
  hide();
  if (m_focusBefore) m_focusBefore->setFocus();
}

void CommandPalette::runCurrent() {
  const int row = m_list->currentRow();
  if (row < 0 || row >= static_cast<int>(m_entries.size())) return;
  const PaletteEntry entry = m_entries[static_cast<size_t>(row)];
  if (!entry.unavailable.isEmpty()) return;
  leave();
  entry.run();
}

bool CommandPalette::eventFilter(QObject* object, QEvent* event) {
  if (object == parent() && event->type() == QEvent::Resize && isVisible()) place();
  if (object != m_field) return QFrame::eventFilter(object, event);
  if (event->type() == QEvent::FocusOut && isVisible() && !m_list->underMouse()) hide();
  if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride)
    return QFrame::eventFilter(object, event);
  const auto* key = static_cast<QKeyEvent*>(event);
  const bool isOurs = key->key() == Qt::Key_Escape || key->key() == Qt::Key_Return ||
                      key->key() == Qt::Key_Enter || key->key() == Qt::Key_Up || key->key() == Qt::Key_Down;
  if (!isOurs) return QFrame::eventFilter(object, event);
  if (event->type() == QEvent::ShortcutOverride) {
    event->accept();  // the window's Esc waits
    return true;
  }
  const int count = m_list->count();
  if (key->key() == Qt::Key_Escape)
    leave();
  else if (key->key() == Qt::Key_Up || key->key() == Qt::Key_Down)
    m_list->setCurrentRow(
        count == 0 ? -1 : (m_list->currentRow() + (key->key() == Qt::Key_Down ? 1 : count - 1)) % count);
  else
    runCurrent();
  return true;
}

}  // namespace uc
