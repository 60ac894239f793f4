// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/action_table.h"

#include "app/view_steps.h"
#include "core/values/display.h"
#include "core/values/map_id.h"

#include <QCoreApplication>
#include <QStringList>

namespace uc {

namespace {

QString words(const char* text) { return QCoreApplication::translate("Actions", text); }

QList<QKeySequence> keys(std::initializer_list<const char*> list) {
  QList<QKeySequence> result;
  for (const char* key : list) result << QKeySequence(QString::fromLatin1(key), QKeySequence::PortableText);
  return result;
}

/// Builds the table: each row starts from the one before's menu.
class Table {
 public:
  Table& menu(const char* path) {
    m_menu = QString::fromLatin1(path);
    return *this;
  }
  Table& section() {
    m_startsSection = true;
    return *this;
  }
  ActionSpec& add(const QString& id, const QString& text, std::initializer_list<const char*> keyList = {},
                  Need need = Need::Nothing) {
    ActionSpec spec;
    spec.id = id;
    spec.menu = m_menu;
    spec.words = text;
    spec.keys = keys(keyList);
    spec.need = need;
    spec.startsSection = std::exchange(m_startsSection, false);
    rows.push_back(spec);
    return rows.back();
  }
  ActionSpec& add(const char* id, const char* text, std::initializer_list<const char*> keyList = {},
                  Need need = Need::Nothing) {
    return add(QString::fromLatin1(id), words(text), keyList, need);
  }
  /// Keys that act only in the pane.
  ActionSpec& addInPane(const char* id, const char* text, std::initializer_list<const char*> keyList,
                        Need need) {
    ActionSpec& spec = add(id, text, keyList, need);
    spec.isInPane = true;
    return spec;
  }
  void addChoice(const QString& group, const QString& id, const QString& text, Need need) {
    ActionSpec& spec = add(id, text, {}, need);
    spec.isCheckable = true;
    spec.group = group;
  }
  std::vector<ActionSpec> rows;

 private:
  QString m_menu;
  bool m_startsSection = false;
};

void onToolbar(ActionSpec& spec, const char* icon) {
  spec.icon = QString::fromLatin1(icon);
  spec.isInToolbar = true;
}

}  // namespace

const std::vector<std::pair<QString, QString>>& demoModels() {
  static const std::vector<std::pair<QString, QString>> list = {
      {QStringLiteral("mamba"), QStringLiteral("Mamba")},
      {QStringLiteral("mamba2"), QStringLiteral("Mamba-2")},
      {QStringLiteral("griffin"), QStringLiteral("Griffin")},
      {QStringLiteral("rwkv"), QStringLiteral("RWKV-4")},
      {QStringLiteral("vision"), QStringLiteral("Vision Mamba")},
  };
  return list;
}

namespace {

void addFile(Table& table) {
  table.menu("File");
  onToolbar(table.add("file.open", QT_TRANSLATE_NOOP("Actions", "Open model…"), {"Ctrl+O"}), "open");
  table.menu("File/Open recent");
  for (int i = 1; i <= 9; ++i) {
    ActionSpec& spec = table.add(QStringLiteral("file.recent.%1").arg(i),
                                 words("Open recent model %1").arg(i), {}, Need::File);
    spec.keys = {QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + i))};
  }
  table.menu("File/Open demo");
  for (const auto& [model, title] : demoModels()) table.add(QStringLiteral("file.demo.") + model, title);
  table.menu("File");
  table.add("file.text", QT_TRANSLATE_NOOP("Actions", "Open text…"), {}, Need::Text);
  table.add("file.picture", QT_TRANSLATE_NOOP("Actions", "Open picture…"), {}, Need::Vision);
  table.section().add("file.openSession", QT_TRANSLATE_NOOP("Actions", "Open session…"));
  table.add("file.saveSession", QT_TRANSLATE_NOOP("Actions", "Save session"), {"Ctrl+S"}, Need::Model);
  table.add("file.saveSessionAs", QT_TRANSLATE_NOOP("Actions", "Save session as…"), {"Ctrl+Shift+S"},
            Need::Model);
  onToolbar(table.section().add("file.export", QT_TRANSLATE_NOOP("Actions", "Export figure…"),
                                {"Ctrl+Shift+E"}, Need::Map),
            "export");
  table.add("file.exportVector", QT_TRANSLATE_NOOP("Actions", "Export vector figure…"),
            {"Ctrl+Alt+E", "Ctrl+Alt+V"}, Need::Map);
  table.add("file.exportData", QT_TRANSLATE_NOOP("Actions", "Export data…"), {}, Need::Map);
  table.section().add("file.quit", QT_TRANSLATE_NOOP("Actions", "Quit"), {"Ctrl+Q"});
}

void addEdit(Table& table) {
  table.menu("Edit");
  onToolbar(table.add("edit.undo", QT_TRANSLATE_NOOP("Actions", "Undo"), {"Ctrl+Z"}, Need::Undo), "undo");
  onToolbar(table.add("edit.redo", QT_TRANSLATE_NOOP("Actions", "Redo"), {"Ctrl+Shift+Z"}, Need::Redo),
            "redo");
  table.section()
      .add("edit.copy", QT_TRANSLATE_NOOP("Actions", "Copy read-out"), {"Ctrl+C"}, Need::Lock)
      .isInPane = true;
  table.add("edit.copyCommand", QT_TRANSLATE_NOOP("Actions", "Copy as command"), {}, Need::Map);
  table.section().add("edit.find", QT_TRANSLATE_NOOP("Actions", "Find token, layer or lane"), {"Ctrl+F"},
                      Need::Model);
  table.section().add("edit.continue", QT_TRANSLATE_NOOP("Actions", "Continue by 20 tokens"), {"Ctrl+Return"},
                      Need::Text);
}

void addView(Table& table) {
  table.menu("View");
  table.add("view.reset", QT_TRANSLATE_NOOP("Actions", "Reset view"), {"Ctrl+R"}, Need::Map).icon =
      QStringLiteral("reset");
  table.addInPane("view.zoomIn", QT_TRANSLATE_NOOP("Actions", "Zoom in"), {"+", "="}, Need::Map).icon =
      QStringLiteral("zoom-in");
  table.addInPane("view.zoomOut", QT_TRANSLATE_NOOP("Actions", "Zoom out"), {"-"}, Need::Map).icon =
      QStringLiteral("zoom-out");
  ActionSpec& grid =
      table.section().add("view.grid", QT_TRANSLATE_NOOP("Actions", "Grid"), {"Ctrl+G"}, Need::Map);
  grid.isCheckable = true;
  onToolbar(grid, "grid");
  table.add("view.overlay", QT_TRANSLATE_NOOP("Actions", "Overlay")).isCheckable = true;
  table.menu("View/Theme");
  table.addChoice(QStringLiteral("theme"), QStringLiteral("theme.system"), words("System"), Need::Nothing);
  table.addChoice(QStringLiteral("theme"), QStringLiteral("theme.light"), words("Light"), Need::Nothing);
  table.addChoice(QStringLiteral("theme"), QStringLiteral("theme.dark"), words("Dark"), Need::Nothing);
  table.menu("View");
  table.add("view.fullScreen", QT_TRANSLATE_NOOP("Actions", "Full screen"), {"F11"}).isCheckable = true;
  table.add("view.nextRegion", QT_TRANSLATE_NOOP("Actions", "Next region"), {"F6"});
  table.add("view.previousRegion", QT_TRANSLATE_NOOP("Actions", "Previous region"), {"Shift+F6"});
  ActionSpec& outline = table.section().add("dock.outline", QT_TRANSLATE_NOOP("Actions", "Model outline"));
  outline.isCheckable = true;
  table.add("dock.input", QT_TRANSLATE_NOOP("Actions", "Input")).isCheckable = true;
  table.add("dock.strip", QT_TRANSLATE_NOOP("Actions", "Token strip")).isCheckable = true;
  table.add("dock.atlas", QT_TRANSLATE_NOOP("Actions", "Channel atlas")).isCheckable = true;
  table.add("dock.inspector", QT_TRANSLATE_NOOP("Actions", "Inspector")).isCheckable = true;
  table.add("dock.reset", QT_TRANSLATE_NOOP("Actions", "Reset layout"));
}

void addMapSteps(Table& table) {
  table.menu("Map/Layer");
  table.addInPane("layer.previous", QT_TRANSLATE_NOOP("Actions", "Previous layer"), {"Up"}, Need::Model);
  table.addInPane("layer.next", QT_TRANSLATE_NOOP("Actions", "Next layer"), {"Down"}, Need::Model);
  table.addInPane("layer.previous10", QT_TRANSLATE_NOOP("Actions", "10 layers back"), {"Shift+Up"},
                  Need::Model);
  table.addInPane("layer.next10", QT_TRANSLATE_NOOP("Actions", "10 layers on"), {"Shift+Down"}, Need::Model);
  table.menu("Map/Lane");
  table.addInPane("lane.previous", QT_TRANSLATE_NOOP("Actions", "Previous lane"), {"Left"}, Need::Model);
  table.addInPane("lane.next", QT_TRANSLATE_NOOP("Actions", "Next lane"), {"Right"}, Need::Model);
  table.addInPane("lane.previous10", QT_TRANSLATE_NOOP("Actions", "10 lanes back"), {"Shift+Left"},
                  Need::Model);
  table.addInPane("lane.next10", QT_TRANSLATE_NOOP("Actions", "10 lanes on"), {"Shift+Right"}, Need::Model);
}

void addMap(Table& table) {
  addMapSteps(table);
  table.menu("Map/Merge");
  const QString lanes = QStringLiteral("lanes");
  table.addChoice(lanes, QStringLiteral("lanes.one"), words("One lane"), Need::Model);
  table.addChoice(lanes, QStringLiteral("lanes.head"), words("One head"), Need::Heads);
  for (Merge merge : allMerges())
    table.addChoice(lanes, QStringLiteral("lanes.") + toQString(name(merge)), toQString(name(merge)),
                    Need::Model);
  table.menu("Map/Convention");
  table.section();
  for (Convention convention : allConventions())
    table.addChoice(QStringLiteral("convention"), QStringLiteral("convention.") + toQString(name(convention)),
                    toQString(name(convention)), Need::Model);
  table.menu("Map/Factors");
  for (Factor factor : allFactors()) {
    if (factor == Factor::NoStep) continue;  // a convention of its own
    table.add(QStringLiteral("factor.") + toQString(name(factor)), toQString(name(factor)), {}, Need::Model)
        .isCheckable = true;
  }
  table.menu("Map");
  onToolbar(table.section().addInPane("map.sign", QT_TRANSLATE_NOOP("Actions", "Absolute values"), {"A"},
                                      Need::SignedMap),
            "sign");
  table.rows.back().isCheckable = true;
  table.menu("Map/Normalization");
  table.addInPane("normalization.next", QT_TRANSLATE_NOOP("Actions", "Next normalization"), {"N"},
                  Need::Model);
  table.section();
  for (Normalization normalization : allNormalizations())
    table.addChoice(QStringLiteral("normalization"),
                    QStringLiteral("normalization.") + toQString(name(normalization)),
                    toQString(title(normalization)), Need::Model);
  table.menu("Map");
  table.section().addInPane("token.previous", QT_TRANSLATE_NOOP("Actions", "Previous token"), {"["},
                            Need::Map);
  table.addInPane("token.next", QT_TRANSLATE_NOOP("Actions", "Next token"), {"]"}, Need::Map);
}

void addCompare(Table& table) {
  table.menu("Compare");
  const auto pin = [&](const char* id, const char* text, const char* key) {
    ActionSpec& spec = table.addInPane(id, text, {key}, Need::Map);
    spec.isCheckable = true;
    onToolbar(spec, "pin");
  };
  pin("compare.pinA", QT_TRANSLATE_NOOP("Actions", "Pin A"), "1");
  pin("compare.pinB", QT_TRANSLATE_NOOP("Actions", "Pin B"), "2");
  onToolbar(table.addInPane("compare.swap", QT_TRANSLATE_NOOP("Actions", "Swap A and B"), {"X"}, Need::Panes),
            "swap");
  onToolbar(
      table.addInPane("compare.difference", QT_TRANSLATE_NOOP("Actions", "Difference"), {"D"}, Need::Pair),
      "difference");
  table.rows.back().isCheckable = true;
  table.menu("Compare/Link");
  for (const auto& [id, text] : {std::pair{"link.position", QT_TRANSLATE_NOOP("Actions", "Position")},
                                 std::pair{"link.crosshair", QT_TRANSLATE_NOOP("Actions", "Crosshair")},
                                 std::pair{"link.range", QT_TRANSLATE_NOOP("Actions", "Range")}})
    table.add(id, text).isCheckable = true;
  table.menu("Compare/Panes");
  const char* counts[] = {QT_TRANSLATE_NOOP("Actions", "One pane"), QT_TRANSLATE_NOOP("Actions", "Two panes"),
                          QT_TRANSLATE_NOOP("Actions", "Three panes"),
                          QT_TRANSLATE_NOOP("Actions", "Four panes")};
  for (int i = 0; i < 4; ++i)
    table.add(QStringLiteral("panes.%1").arg(i + 1), words(counts[i]), {}, Need::Model);
  table.menu("Compare");
  table.section().add("pane.duplicate", QT_TRANSLATE_NOOP("Actions", "Duplicate pane"), {"Ctrl+T"},
                      Need::Model);
  table.add("pane.solo", QT_TRANSLATE_NOOP("Actions", "Show pane alone"), {}, Need::Panes);
  table.add("pane.next", QT_TRANSLATE_NOOP("Actions", "Next pane"), {"Ctrl+Tab"}, Need::Panes);
  table.add("pane.close", QT_TRANSLATE_NOOP("Actions", "Close pane"), {"Ctrl+W"}, Need::Panes);
}

void addTools(Table& table) {
  table.menu("Tools");
  table.add("tools.palette", QT_TRANSLATE_NOOP("Actions", "Command palette"), {"Ctrl+Shift+P"});
  table.add("tools.verify", QT_TRANSLATE_NOOP("Actions", "Verify"), {}, Need::Map);
  table.add("tools.devices", QT_TRANSLATE_NOOP("Actions", "Devices"));
  table.section().add("tools.cancel", QT_TRANSLATE_NOOP("Actions", "Cancel job or unlock"), {"Esc"},
                      Need::Job);
  table.menu("Help");
  table.add("help.shortcuts", QT_TRANSLATE_NOOP("Actions", "Keyboard shortcuts"), {"F1", "?"});
  table.add("help.conventions", QT_TRANSLATE_NOOP("Actions", "Conventions explained"));
  table.section().add("help.about", QT_TRANSLATE_NOOP("Actions", "About Undercurrent"));
}

}  // namespace

const std::vector<ActionSpec>& actionTable() {
  static const std::vector<ActionSpec> rows = [] {
    Table table;
    addFile(table);
    addEdit(table);
    addView(table);
    addMap(table);
    addCompare(table);
    addTools(table);
    return table.rows;
  }();
  return rows;
}

QStringList menuTitles() {
  return {words("File"),    words("Edit"),  words("View"), words("Map"),
          words("Compare"), words("Tools"), words("Help")};
}

QString whyUnavailable(Need need) {
  switch (need) {
    case Need::Nothing:
      return {};
    case Need::Model:
      return words("No model is open.");
    case Need::Map:
      return words("No map is shown.");
    case Need::Lock:
      return words("No cell is under the pointer or locked.");
    case Need::SignedMap:
      return words("The values of this map are never negative.");
    case Need::Undo:
      return words("There is nothing to undo.");
    case Need::Redo:
      return words("There is nothing to redo.");
    case Need::Job:
      return words("Nothing is running and no cell is locked.");
    case Need::Heads:
      return words("The lanes of this model share no scan.");
    case Need::Vision:
      return words("No model of pictures is open.");
    case Need::Text:
      return words("No model of text is open.");
    case Need::File:
      return words("No recent model.");
    case Need::Pair:
      return words("Nothing is pinned as A and B, and there is only one pane.");
    case Need::Panes:
      return words("There is only one pane.");
  }
  return {};
}

}  // namespace uc
