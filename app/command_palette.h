// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QFrame>
#include <QKeySequence>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QString>

#include <functional>
#include <vector>

namespace uc {

/// One thing that a palette offers.
struct PaletteEntry {
  QString words;
  QString right;        // a key, or what kind of thing it is
  QString unavailable;  // why it cannot be run now; empty: it can
  std::function<void()> run;
};

/// A field over the window that finds things while one types: actions, layers and lanes, tokens. Enter runs
/// the chosen one, Esc closes, the focus goes back to where it was. Shows at most ten rows. GUI thread.
class CommandPalette : public QFrame {
  Q_OBJECT

 public:
  /// Everything that fits a text, best first; asked at every key.
  using Search = std::function<std::vector<PaletteEntry>(const QString& text)>;

  explicit CommandPalette(QWidget* window);
  void open(const QString& hint, Search search);
  QLineEdit& field() { return *m_field; }
  const std::vector<PaletteEntry>& entries() const { return m_entries; }
  void runCurrent();

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void refresh();
  void place();
  void leave();

  Search m_search;
  QPointer<QWidget> m_focusBefore;
  std::vector<PaletteEntry> m_entries;
  QLineEdit* m_field;
  QListWidget* m_list;
};

/// Whether all words of `text` are in `words`, whatever their case; where `text` begins counts more. 0: no.
int paletteRank(const QString& words, const QString& text);

/// A layer and perhaps a lane as they are written: "L12", "L12 C345", "l3c4". False: neither.
bool parseLaneName(const QString& text, qint64* layer, qint64* lane);

}  // namespace uc
