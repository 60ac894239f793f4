// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/view_state.h"

#include <QString>

#include <cstddef>
#include <vector>

namespace uc {

/// Undo and redo of a pane's view: a list of steps, each a view before and after with words that name it. A
/// value.
class ViewHistory {
 public:
  /// `joins`: a step of a continuous gesture (zooming, dragging an end of the range) that becomes one with
  /// the step before when that has the same words.
  void record(const QString& words, const ViewState& before, const ViewState& after, bool joins);
  void clear();
  /// Ends a gesture: the next step does not join.
  void seal() { m_isSealed = true; }

  bool canUndo() const { return m_position > 0; }
  bool canRedo() const { return m_position < m_steps.size(); }
  QString undoWords() const { return canUndo() ? m_steps[m_position - 1].words : QString(); }
  QString redoWords() const { return canRedo() ? m_steps[m_position].words : QString(); }
  /// The view to go to. Precondition: canUndo() or canRedo().
  const ViewState& undo() { return m_steps[--m_position].before; }
  const ViewState& redo() { return m_steps[m_position++].after; }

 private:
  struct Step {
    QString words;
    ViewState before, after;
  };
  std::vector<Step> m_steps;
  size_t m_position = 0;  // steps before it can be undone
  bool m_isSealed = false;
};

}  // namespace uc
