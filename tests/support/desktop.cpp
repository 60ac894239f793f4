// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/desktop.h"

#include "core/io/session.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QGuiApplication>
#include <QPixmap>
#include <QProcessEnvironment>
#include <QScreen>

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace uc::test {

namespace {

constexpr int kLimitMs = 60000, kBreathMs = 20;

/// Only what a program needs to find the display: no desktop of the developer decides which dialogs come up.
QProcessEnvironment privateEnvironment(const TemporaryFolder& folder) {
  const QProcessEnvironment ours = QProcessEnvironment::systemEnvironment();
  QProcessEnvironment result;
  for (const char* name : {"PATH", "DISPLAY", "XAUTHORITY", "LD_LIBRARY_PATH", "ASAN_OPTIONS"})
    if (ours.contains(QLatin1String(name)))
      result.insert(QLatin1String(name), ours.value(QLatin1String(name)));
  for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"})
    result.insert(QLatin1String(name), QString::fromStdString((folder / name).string()));
  result.insert(QStringLiteral("LANG"), QStringLiteral("C.UTF-8"));
  result.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("xcb"));
  result.insert(QStringLiteral("UNDERCURRENT_CANVAS"), QStringLiteral("opengl"));
  result.insert(QStringLiteral("UNDERCURRENT_TIMINGS"), QStringLiteral("1"));
  return result;
}

QStringList listOf(const std::vector<std::string>& words) {
  QStringList result;
  for (const std::string& word : words) result << QString::fromStdString(word);
  return result;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const QDeadlineTimer limit(kLimitMs);
  while (!condition()) {
    if (limit.hasExpired()) return false;
    poll(nullptr, 0, kBreathMs);  // leaves the processor to the program
  }
  return true;
}

Desktop::Desktop(const std::map<std::string, std::string>& settings) {
  for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"})
    ::mkdir((m_folder / name).c_str(), 0700);
  std::map<std::string, std::string> groups;
  for (const auto& [key, value] : settings) {
    const size_t slash = key.find('/');
    groups[key.substr(0, slash)] += key.substr(slash + 1) + "=" + value + "\n";
  }
  std::string file;
  for (const auto& [group, rows] : groups) file += "[" + group + "]\n" + rows;
  if (!file.empty()) m_folder.write("XDG_CONFIG_HOME/undercurrent/undercurrent.ini", file);
}

Desktop::~Desktop() {
  if (m_program.state() == QProcess::NotRunning) return;
  m_program.kill();
  m_program.waitForFinished();
}

void Desktop::start(const std::vector<std::string>& arguments) {
  m_program.setProcessEnvironment(privateEnvironment(m_folder));
  m_program.setWorkingDirectory(QString::fromStdString((m_folder / "HOME").string()));
  m_program.start(QStringLiteral(BINARY_FOLDER "/undercurrent"), listOf(arguments));
  if (!m_program.waitForStarted()) throw std::runtime_error("undercurrent cannot be started");
}

std::string Desktop::xdotool(const std::vector<std::string>& words) {
  QProcess tool;
  tool.start(QStringLiteral("xdotool"), listOf(words));
  if (!tool.waitForFinished(kLimitMs)) throw std::runtime_error("xdotool does not answer");
  return tool.readAllStandardOutput().trimmed().toStdString();
}

std::string Desktop::find(const std::string& title) {
  const std::string program = std::to_string(m_program.processId());
  const std::string ids = xdotool({"search", "--all", "--onlyvisible", "--pid", program, "--name", title});
  return ids.substr(0, ids.find('\n'));
}

bool Desktop::focus(const std::string& title) {
  std::string id;
  if (!eventually([&] { return !(id = find(title)).empty(); })) return false;
  if (m_main.empty()) m_main = id;
  return eventually([&] {
    xdotool({"windowfocus", id});
    return xdotool({"getwindowfocus"}) == id;
  });
}

std::string Desktop::mainTitle() { return xdotool({"getwindowname", m_main}); }

QPoint Desktop::at(double x, double y) {
  std::map<std::string, int> values;
  std::istringstream stream(xdotool({"getwindowgeometry", "--shell", m_main}));
  for (std::string line; std::getline(stream, line);) {
    const size_t equals = line.find('=');
    values[line.substr(0, equals)] = std::atoi(line.c_str() + equals + 1);
  }
  return {values["X"] + qRound(x * values["WIDTH"]), values["Y"] + qRound(y * values["HEIGHT"])};
}

void Desktop::drag(const QPoint& from, const QPoint& to) {
  const QPoint middle = (from + to) / 2;
  xdotool({"mousemove", text(from.x()), text(from.y()), "mousedown", "1", "mousemove", text(middle.x()),
           text(middle.y()), "mousemove", text(to.x()), text(to.y()), "mouseup", "1"});
}

void Desktop::resize(int width, int height) {
  xdotool({"windowmove", m_main, "0", "0", "windowsize", m_main, text(width), text(height)});
}

bool Desktop::answerFileDialog(const std::string& title, const std::string& path) {
  if (!focus(title)) return false;
  type(path);
  // the first Return may go to the list of completions
  return eventually([&] {
    press("Return");
    return !hasWindow(title);
  });
}

QImage Desktop::shot() {
  // Qt 6.4 gives out memory that it has freed: a few of the first pixels may be anything.
  constexpr int kUnsureRows = 8;
  QImage result =
      QGuiApplication::primaryScreen()->grabWindow(0).toImage().convertToFormat(QImage::Format_RGB32).copy();
  for (int y = 0; y < kUnsureRows; ++y)
    std::copy_n(result.scanLine(kUnsureRows), result.bytesPerLine(), result.scanLine(y));
  return result;
}

QImage Desktop::settledShot(const std::string& name) {
  constexpr int kSameInARow = 10;
  QImage image;
  int same = 0;
  eventually([&] {
    const QImage next = shot();
    same = next == image ? same + 1 : 0;
    image = next;
    return same == kSameInARow;
  });
  const QString folder = qEnvironmentVariable("UNDERCURRENT_SHOTS");
  if (!folder.isEmpty()) image.save(QDir(folder).filePath(QString::fromStdString(name + ".png")));
  return image;
}

std::vector<std::string> Desktop::lines(const std::string& start) {
  m_program.waitForReadyRead(0);
  m_errors += m_program.readAllStandardError().toStdString();
  std::vector<std::string> result;
  std::istringstream stream(m_errors.substr(0, m_errors.rfind('\n') + 1));
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with(start)) result.push_back(line);
  return result;
}

std::string Desktop::warnings() {
  std::string result;
  for (const std::string& line : lines("")) {
    bool isAsked = false;
    for (const char* start : {"view {", "map ", "painted ", "failed "})
      isAsked = isAsked || line.starts_with(start);
    if (!isAsked) result += line + "\n";
  }
  return result;
}

std::optional<ParsedView> Desktop::last(const std::string& kind) {
  const auto all = lines(kind + " ");
  if (all.empty()) return std::nullopt;
  return parseView(all.back().substr(all.back().find('{')), kind);
}

bool Desktop::await(const std::string& kind, const Condition& condition) {
  return eventually([&] {
    const auto shown = last(kind);
    return shown && condition(*shown);
  });
}

int Desktop::exitStatus() {
  if (!m_program.waitForFinished(kLimitMs) || m_program.exitStatus() != QProcess::NormalExit) return -1;
  return m_program.exitCode();
}

}  // namespace uc::test
