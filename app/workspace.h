// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
#include "app/view_history.h"

#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

namespace uc {

/// What is open: the sources, one document for each pane, which of them the keys act on, what is pinned and
/// linked, and the undo steps of all that. Never without a pane. GUI thread.
class Workspace : public QObject {
  Q_OBJECT

 public:
  static constexpr int kMostPanes = 4;

  explicit Workspace(EngineHost& host, QObject* parent = nullptr);
  ~Workspace() override;

  int count() const { return static_cast<int>(m_open.size()); }
  Document& document(int index) const { return *m_open[static_cast<size_t>(index)].document; }
  int activeIndex() const { return m_active; }
  Document& active() const { return document(m_active); }
  int indexOf(const Document& document) const;
  void activate(int index);
  /// Calls `slot` of `receiver` at the active document's `signal`, and, where it takes nothing, when another
  /// document becomes active.
  template <typename Receiver, typename Signal, typename Slot>
  void follow(Receiver* receiver, Signal signal, Slot slot) {
    auto connection = std::make_shared<QMetaObject::Connection>();
    const auto bind = [this, receiver, signal, slot, connection] {
      QObject::disconnect(*connection);
      *connection = connect(&active(), signal, receiver, slot);
    };
    bind();
    connect(this, &Workspace::activeChanged, receiver, [receiver, slot, bind] {
      bind();
      if constexpr (std::is_invocable_v<Slot, Receiver*>)
        std::invoke(slot, receiver);
      else if constexpr (std::is_invocable_v<Slot>)
        slot();
    });
  }

  /// Another pane beside the active one, with its view; then the active one. Precondition: count() <
  /// kMostPanes.
  void duplicate();
  /// Another pane for a model of its own. Same precondition.
  void openBeside(const Source::OpenRequest& request);
  /// Precondition: count() > 1.
  void close(int index);
  /// One to four panes: closes the last ones, or adds some that show the layers that follow.
  void setCount(int count);

  /// Keeps what the active pane shows as A (0) or B (1); the same again lets it go.
  void pin(int which);
  const std::optional<PaneState>& pinned(int which) const { return m_pinned[static_cast<size_t>(which)]; }
  /// A becomes B and B becomes A, in the panes too where they are shown.
  void swapPins();
  /// Shows the first two panes, or what is pinned, and their difference beside them; or ends that.
  void setDifference(bool isShown);
  bool hasDifference() const { return m_hasDifference; }
  /// Whether there is something to take a difference of.
  bool canDiffer() const;

  const PaneLinks& links() const { return m_links; }
  void setLinks(const PaneLinks& links);

  const ViewHistory& history() const { return m_history; }
  void undo();
  void redo();

  /// What is open now, without the window's layout.
  Session session() const;
  /// Opens what a session holds in place of all that is open.
  void restore(const Session& session);

 Q_SIGNALS:
  void panesChanged();   // other documents, or in another order
  void activeChanged();  // the active document is another one
  void historyChanged();
  void pinsChanged();  // or links, or whether there is a difference
  /// Anything that a session holds: time to save.
  void edited();

 private:
  Panes panes() const;
  void apply(const Panes& panes);
  void record(const QString& words, const Panes& before, bool joins = false);
  template <typename Edit>
  void change(const QString& words, Edit edit);
  struct Open {
    int64_t id = 0;
    std::unique_ptr<Document> document;
  };
  Open make(int64_t id, const std::shared_ptr<Source>& source);
  std::shared_ptr<Source> makeSource();
  int64_t sourceIndex(const Document& document) const;
  void dropUnusedSources();
  void wasEdited(Document& document, const QString& words, const ViewState& before, bool joins);
  void lead(Document& document);
  void shareHover(Document& document);
  void shareRange();

  EngineHost& m_host;
  std::vector<std::shared_ptr<Source>> m_sources;
  std::vector<Open> m_open;
  int64_t m_lastId = 0;
  int m_active = 0;
  std::array<std::optional<PaneState>, 2> m_pinned;
  bool m_hasDifference = false;
  PaneLinks m_links;
  ViewHistory m_history;
  bool m_isApplying = false;
};

/// The cell of `to` that a cell of `from` stands for: by the same place in the same text, where the tokens
/// differ; nothing where there is none.
std::optional<Cell> matchingCell(const Tokens& from, const Tokens& to, const Cell& cell);

}  // namespace uc
