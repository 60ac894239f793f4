// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/session.h"

#include <QString>

#include <cstddef>
#include <vector>

namespace uc {

/// Undo and redo of what the panes show: a list of steps, each the panes before and after with words that
/// name it. A value.
class ViewHistory {
 public:
  /// `joins`: a step of a continuous gesture (zooming, dragging an end of the range) that becomes one with
  /// the step before when that has the same words.
  void record(const QString& words, const Panes& before, const Panes& after, bool joins);
  void clear();
  /// Ends a gesture: the next step does not join.
  void seal() { m_isSealed = true; }

  bool canUndo() const { return m_position > 0; }
  bool canRedo() const { return m_position < m_steps.size(); }
  QString undoWords() const { return canUndo() ? m_steps[m_position - 1].words : QString(); }
  QString redoWords() const { return canRedo() ? m_steps[m_position].words : QString(); }
  /// The panes to go to. Precondition: canUndo() or canRedo().
  const Panes& undo() { return m_steps[--m_position].before; }
  const Panes& redo() { return m_steps[m_position++].after; }

 private:
  struct Step {
    QString words;
    Panes before, after;
  };
  std::vector<Step> m_steps;
  size_t m_position = 0;  // steps before it can be undone
  bool m_isSealed = false;
};

}  // namespace uc
