// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/view_json.h"
#include "tests/support/temporary_folder.h"

#include <QImage>
#include <QPoint>
#include <QProcess>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace uc::test {

/// Asks again and again until `condition` holds; false when it never did. The limit is for a machine that is
/// busy with other things: what works takes a moment.
bool eventually(const std::function<bool()>& condition);

/// The program on the X display that the test runs on, with a home, settings and a runtime folder of its own.
/// What it shows is known by its window's title and by the lines that UNDERCURRENT_TIMINGS makes it write on
/// stderr; what the user does goes through xdotool.
class Desktop {
 public:
  explicit Desktop(const std::map<std::string, std::string>& settings = {});
  ~Desktop();

  const TemporaryFolder& folder() const { return m_folder; }
  void start(const std::vector<std::string>& arguments = {});
  /// Waits until a window of the program with this title is there (a regular expression) and gives it the
  /// keyboard: under a bare Xvfb nobody else does.
  bool focus(const std::string& title);
  bool hasWindow(const std::string& title) { return !find(title).empty(); }
  std::string mainTitle();

  void press(const std::string& keys) { xdotool({"key", keys}); }  // "ctrl+shift+e"
  void type(const std::string& text) { xdotool({"type", "--delay", "6", text}); }
  /// A point of the window, as shares of its width and height.
  QPoint at(double x, double y);
  void pointAt(const QPoint& point) { xdotool({"mousemove", text(point.x()), text(point.y())}); }
  void click(int button = 1) { xdotool({"click", text(button)}); }
  void drag(const QPoint& from, const QPoint& to);
  void resize(int width, int height);
  /// Fills in the file dialog that is open and waits until it is gone.
  bool answerFileDialog(const std::string& title, const std::string& path);

  /// What the screen shows.
  QImage shot();
  /// The same once nothing moves any more; saved as `name`.png in the folder that UNDERCURRENT_SHOTS names.
  QImage settledShot(const std::string& name);

  using Condition = std::function<bool(const ParsedView&)>;
  /// Waits until the last view, or the view of the last map that was drawn, is such a one.
  bool awaitView(const Condition& condition) { return await("view", condition); }
  bool awaitMap(const Condition& condition) { return await("map", condition); }
  ParsedView view() { return last("view").value_or(ParsedView{}); }
  ParsedView map() { return last("map").value_or(ParsedView{}); }
  /// Lines on stderr that begin with this.
  std::vector<std::string> lines(const std::string& start);
  /// Lines on stderr that are not of those that were asked for: warnings of all kinds.
  std::string warnings();

  /// Waits until the program ended; its exit status, or -1 when it crashed or goes on.
  int exitStatus();

 private:
  static std::string text(int number) { return std::to_string(number); }
  std::string xdotool(const std::vector<std::string>& words);
  std::string find(const std::string& title);
  bool await(const std::string& kind, const Condition& condition);
  std::optional<ParsedView> last(const std::string& kind);

  TemporaryFolder m_folder;
  QProcess m_program;
  std::string m_main;  // window id
  std::string m_errors;
};

}  // namespace uc::test
