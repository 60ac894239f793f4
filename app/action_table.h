// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QKeySequence>
#include <QList>
#include <QString>

#include <utility>
#include <vector>

namespace uc {

/// What an action needs to be possible; where it is missing, the action is gray and says so.
enum class Need {
  Nothing,
  Model,
  Map,
  Lock,
  SignedMap,
  Undo,
  Redo,
  Job,
  Heads,
  Vision,
  Text,
  File,
  Panes,
  Pair
};

/// One thing that a user can do. Menus, toolbar, keys and the shortcut sheet are made from these.
struct ActionSpec {
  QString id;    // "view.reset"
  QString menu;  // "View", "Map/Layer"; a slash leads into a submenu
  QString words;
  QList<QKeySequence> keys;
  QString icon;  // of resources/icons, or empty
  Need need = Need::Nothing;
  bool isInPane = false;  // its keys act only while the pane has the focus
  bool isCheckable = false;
  QString group;               // checkable ones of a group exclude each other
  bool startsSection = false;  // a line above it
  bool isInToolbar = false;
};

/// All actions, in the order of the menus.
const std::vector<ActionSpec>& actionTable();

/// The demo models that come with the program, as demo:NAME, and what the menu calls them.
const std::vector<std::pair<QString, QString>>& demoModels();

/// The titles of the menus in order.
QStringList menuTitles();

/// One sentence: why an action with that need is gray.
QString whyUnavailable(Need need);

}  // namespace uc
