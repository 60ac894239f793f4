// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// uc_frame_bench [MODEL] [TOKENS]: opens a text of about so many tokens, then measures how long frames take
// while one drags and zooms one lane of a long input's map at 1920 × 1080 in the raster canvas, through
// document, engine and painters as in the window. For each gesture: wall and processor time of the window's
// thread from the event to the painted picture.
#include "app/appearance.h"
#include "app/main_window.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace uc {
namespace {

constexpr int kFrameMs = 16;
constexpr int kFrames = 150;

double threadMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

struct Times {
  std::vector<double> wall, cpu;

  static double at(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
  }
  void print(const char* name, const TileServer& server, int64_t before) const {
    std::printf("%-26s", name);
    for (const auto* values : {&wall, &cpu}) {
      std::printf("  %s median %5.1f  95%% %5.1f  worst %5.1f ms", values == &wall ? "wall" : "cpu",
                  at(*values, 0.5), at(*values, 0.95), at(*values, 1.0));
    }
    std::printf("  tiles computed %lld, kept %lld\n", static_cast<long long>(server.computed() - before),
                static_cast<long long>(server.cache().size()));
  }
};

/// Everything from `event` to the picture is one frame; what arrives between frames is delivered in the next.
template <typename Event>
void frame(Times& times, Event event) {
  QElapsedTimer clock;
  clock.start();
  const double before = threadMs();
  event();
  QCoreApplication::processEvents();
  times.wall.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
  times.cpu.push_back(threadMs() - before);
  const int left = kFrameMs - static_cast<int>(clock.elapsed());
  if (left > 0) QThread::msleep(static_cast<unsigned long>(left));
}

/// Returns the longest time that the window's thread worked without looking at its events.
double settle(Document& document, EngineHost& host) {
  double longest = 0.0;
  while (document.isBusy() || host.isBusy()) {
    const double before = threadMs();
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    longest = std::max(longest, threadMs() - before);
  }
  return longest;
}

/// A made-up text with paragraphs.
QString book(int64_t bytes) {
  static const char* const kWords[] = {"the",   "tide",  "turns", "current", "runs", "north",
                                       "under", "pier",  "light", "falls",   "over", "water",
                                       "where", "birds", "wait",  "and"};
  QString text;
  uint64_t state = 1;
  for (int64_t words = 1; text.size() < bytes; ++words) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += QLatin1String(kWords[state >> 60U]);
    text += words % 90 == 0 ? QStringLiteral(".\n\n") : QStringLiteral(" ");
  }
  return text;
}

void move(QWidget& view, QEvent::Type type, const QPointF& at) {
  QMouseEvent event(type, at, view.mapToGlobal(at), type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton,
                    type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&view, &event);
}

void drag(const char* name, HeatmapView& view, Document& document, double turns) {
  Times times;
  const int64_t before = document.tiled().server().computed();
  const QPointF middle = view.layout().cells.center();
  move(view, QEvent::MouseButtonPress, middle);
  for (int i = 1; i <= kFrames; ++i) {
    const double angle = turns * 2.0 * 3.14159265358979 * i / kFrames, reach = 4.0 * i;
    frame(times, [&] {
      move(view, QEvent::MouseMove, middle + QPointF(reach * std::cos(angle), reach * std::sin(angle)));
    });
  }
  move(view, QEvent::MouseButtonRelease, middle);
  times.print(name, document.tiled().server(), before);
}

void wheel(const char* name, HeatmapView& view, Document& document, int notches) {
  Times times;
  const int64_t before = document.tiled().server().computed();
  // On the diagonal, where there is always something to see.
  const QPointF at = view.layout().cells.center();
  for (int i = 0; i < std::abs(notches) * 4; ++i) {
    frame(times, [&] {
      QWheelEvent event(at, view.mapToGlobal(at), {}, QPoint(0, notches > 0 ? 30 : -30), Qt::NoButton,
                        Qt::NoModifier, Qt::NoScrollPhase, false);
      QCoreApplication::sendEvent(&view, &event);
    });
  }
  times.print(name, document.tiled().server(), before);
}

void hover(const char* name, HeatmapView& view, Document& document) {
  Times times;
  const int64_t before = document.tiled().server().computed();
  const QRectF cells = view.layout().cells;
  for (int i = 1; i <= kFrames; ++i) {
    frame(times, [&] {
      const QPointF at =
          cells.center() + QPointF(-0.3 * cells.width() * i / kFrames, 7.0 * std::sin(0.2 * i));
      QMouseEvent event(QEvent::MouseMove, at, view.mapToGlobal(at), Qt::NoButton, Qt::NoButton,
                        Qt::NoModifier);
      QCoreApplication::sendEvent(&view, &event);
    });
  }
  times.print(name, document.tiled().server(), before);
}

void gestures(HeatmapView& view, Document& document, EngineHost& host) {
  const QSize size = view.size();
  const QSizeF plot = view.layout().cells.size();
  std::printf("canvas %d x %d, plot %.0f x %.0f\n", size.width(), size.height(), plot.width(), plot.height());
  const auto at = [&](const char* name, const Viewport& viewport, double turns) {
    ViewState next = document.view();
    next.viewport = viewport;
    document.change(QStringLiteral("zoom"), next);
    settle(document, host);
    drag(name, view, document, turns);
  };
  const auto tokens = static_cast<double>(document.tokens()->size());
  at("drag, 1 : 1", {tokens / 2 - 400, tokens / 2 - 400, 800, 800}, 2.0);
  at("drag, cells of 4 pixels", {tokens / 2 - 100, tokens / 2 - 100, 200, 200}, 2.0);
  at("drag, wide, 1 : 1", {tokens / 2 - 800, tokens / 2 - 400, 1400, 700}, 1.0);
  at("drag, 1 : 8", {tokens / 2 - 4000, tokens / 2 - 4000, 7000, 7000}, 2.0);
  hover("hover, 1 : 8", view, document);
  document.change(QStringLiteral("zoom"), [&] {
    ViewState next = document.view();
    next.viewport = {};
    return next;
  }());
  settle(document, host);
  wheel("zoom in, whole to 1 : 1", view, document, 25);
  settle(document, host);
  wheel("zoom out to the whole", view, document, -25);
  settle(document, host);
  hover("hover, whole", view, document);
  std::printf("%s, draw %.1f ms\n", qPrintable(document.detail()), view.drawMs());
}

int run(const QString& model, int64_t tokens) {
  EngineHost host(&loadEngine);
  QTemporaryDir folder;
  QSettings settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
  Appearance appearance;
  appearance.choose(Appearance::Choice::Light);
  MainWindow window(host, appearance, settings);
  window.resize(1920, 1080);
  window.show();
  Document& document = window.document();
  document.source().open({model, {}, {}});
  settle(document, host);
  if (!document.hasModel()) {
    std::fprintf(stderr, "%s\n", document.error().what.c_str());
    return 1;
  }
  const QString sample = book(4096);
  document.replaceText(sample);
  document.update();
  settle(document, host);
  const double perToken = static_cast<double>(sample.size()) / static_cast<double>(document.tokens()->size());
  QElapsedTimer clock;
  clock.start();
  const double start = threadMs();
  document.source().replaceText(book(static_cast<int64_t>(static_cast<double>(tokens) * perToken)));
  document.update();
  double longest = threadMs() - start;
  longest = std::max(longest, settle(document, host));
  std::printf("%s, %lld tokens: run, overview and checks %.1f s, map %.0f ms, %s; longest gap %.0f ms cpu\n",
              qPrintable(model), static_cast<long long>(document.tokens()->size()),
              static_cast<double>(clock.elapsed()) * 1e-3, document.map()->seconds * 1e3,
              qPrintable(document.detail()), longest);
  double load = 0.0;
  if (getloadavg(&load, 1) == 1)
    std::printf("load %.1f on %d processors\n", load, QThread::idealThreadCount());
  std::printf("-- the window\n");
  gestures(window.pane().view(), document, host);
  std::printf("-- the canvas alone\n");
  window.hide();
  Pane pane(document);
  pane.resize(1920, 1080);
  pane.show();
  document.setHovered(std::nullopt);
  Q_EMIT document.contentChanged();
  gestures(pane.view(), document, host);
  return 0;
}

}  // namespace
}  // namespace uc

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("UNDERCURRENT_CANVAS", "raster");
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  QApplication application(argc, argv);
  const QStringList arguments = QCoreApplication::arguments();
  const QString model = arguments.value(1, QStringLiteral("demo:mamba"));
  const int64_t tokens = arguments.size() > 2 ? arguments[2].toLongLong() : 65536;
  return uc::run(model, tokens);
}
