// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/main_window.h"
#include "app/start_timings.h"
#include "app/trace.h"
#include "core/values/error.h"
#include "version.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QSettings>

#include <cstdio>
#include <cstdlib>

namespace {

/// `undercurrent [MODEL] [--text S | --text-file F | --image F]`: what to open once the window is there.
struct Wish {
  QString model = QStringLiteral("demo:mamba");
  std::optional<QString> text, image;
};

[[noreturn]] void leave(int status, const QString& words) {
  std::fprintf(stderr, "undercurrent: %s\n", uc::printable(words.toStdString(), 500).c_str());
  std::exit(status);
}

Wish parse(const QApplication& application) {
  QCommandLineParser parser;
  parser.setApplicationDescription(
      QObject::tr("Explorer of the implicit attention of gated-linear recurrent models."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(
      QStringLiteral("MODEL"),
      QObject::tr("A model's folder or weights, owner/name, demo:NAME, or an exported figure."),
      QStringLiteral("[MODEL]"));
  const QCommandLineOption text(QStringLiteral("text"), QObject::tr("The input."), QStringLiteral("S"));
  parser.addOption(text);
  const QCommandLineOption textFile(QStringLiteral("text-file"),
                                    QObject::tr("The input, from a file as it is (UTF-8)."),
                                    QStringLiteral("F"));
  parser.addOption(textFile);
  const QCommandLineOption image(QStringLiteral("image"), QObject::tr("A picture, for vision models."),
                                 QStringLiteral("F"));
  parser.addOption(image);
  if (!parser.parse(QCoreApplication::arguments()))
    leave(2, parser.errorText() + QObject::tr(" Run undercurrent --help."));
  if (parser.positionalArguments().size() > 1)
    leave(2, QObject::tr("Only one MODEL can be given. Run undercurrent --help."));
  if (int{parser.isSet(image)} + int{parser.isSet(text)} + int{parser.isSet(textFile)} > 1)
    leave(2, QObject::tr("Only one input can be given. Run undercurrent --help."));
  parser.process(application);  // --help, --version
  Wish wish;
  if (!parser.positionalArguments().isEmpty()) wish.model = parser.positionalArguments().first();
  if (parser.isSet(text)) wish.text = parser.value(text);
  if (parser.isSet(textFile)) {
    try {
      wish.text = uc::readTextFile(parser.value(textFile));
    } catch (const uc::Failure& failure) {
      leave(1, QString::fromStdString(uc::oneLine(failure.error())));
    }
  }
  if (parser.isSet(image)) wish.image = parser.value(image);
  return wish;
}

void open(uc::MainWindow& window, const Wish& wish) {
  if (QFileInfo::exists(wish.model)) {
    const uc::OpenTarget target = uc::recognize(wish.model);
    if (target.kind == uc::OpenTarget::Kind::Figure || target.kind == uc::OpenTarget::Kind::Session) {
      window.openPath(wish.model);
      return;
    }
  }
  window.document().source().open({wish.model, {}, wish.text, wish.image});
}

}  // namespace

int main(int argc, char** argv) {
  // Without a display Qt would abort; on its offscreen platform --help and wrong usage are answered all the
  // same.
  const bool hasDisplay = !qEnvironmentVariableIsEmpty("DISPLAY") ||
                          !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") ||
                          !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
  if (!hasDisplay) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qInstallMessageHandler(
        [](QtMsgType, const QMessageLogContext&, const QString&) {});  // one line is said, by us
  }
  QApplication application(argc, argv);
  QCoreApplication::setApplicationName(QStringLiteral("undercurrent"));
  QCoreApplication::setApplicationVersion(QStringLiteral(UNDERCURRENT_VERSION));
  QGuiApplication::setApplicationDisplayName(QStringLiteral("Undercurrent"));
  QGuiApplication::setDesktopFileName(QStringLiteral("io.github.undercurrent.Undercurrent"));
  const Wish wish = parse(application);
  if (!hasDisplay) leave(1, QObject::tr("There is no display. Set DISPLAY, or use undercurrent-cli."));

  QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("undercurrent"),
                     QStringLiteral("undercurrent"));
  uc::Appearance appearance;
  appearance.choose(
      static_cast<uc::Appearance::Choice>(settings.value(QStringLiteral("appearance/theme"), 0).toInt()));
  uc::EngineHost host(&uc::loadEngine);
  uc::MainWindow window(host, appearance, settings);
  uc::trace(window.document());
  // the engine is loaded only when the window is on the screen
  uc::StartTimings timings(&window, &window.pane().view(),
                           [&window] { return window.document().content() != nullptr; });
  QObject::connect(&timings, &uc::StartTimings::firstPainted, &window,
                   [&window, wish] { open(window, wish); });
  window.show();
  return QApplication::exec();
}
