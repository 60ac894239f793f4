// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_figure.h"

#include "core/io/save.h"
#include "widgets/paint/badge_text.h"
#include "widgets/paint/figure.h"

#include <QByteArray>
#include <QGuiApplication>

#include <cstdio>
#include <memory>

namespace uc {
namespace {

Matrix floatValues(const AnyMatrix& any) {
  if (const auto* single = std::get_if<Matrix>(&any)) return *single;
  const auto& wide = std::get<Matrix64>(any);
  Matrix result(wide.rows, wide.cols);
  for (size_t i = 0; i < wide.values.size(); ++i) result.values[i] = static_cast<float>(wide.values[i]);
  return result;
}

HeatmapFigure heatmapFigure(const CliFigure& figure, const ModelInfo& info, const Tokens& tokens,
                            const Arguments& arguments) {
  HeatmapSource source;
  source.values = floatValues(figure.map.values);
  source.grid = {figure.map.row0,
                 figure.map.row1,
                 figure.map.col0,
                 figure.map.col1,
                 figure.map.pool,
                 figure.map.attended == Attended::Earlier,
                 figure.map.attended == Attended::Later};
  source.isUnsigned = figure.map.isUnsigned;
  for (const Token& token : tokens.list)
    source.tokens.push_back(token.text ? QString::fromStdString(*token.text) : QString());
  source.modelName = QString::fromStdString(info.name);
  source.dtype = QString::fromStdString(arguments.open.dtype);
  source.badgeLine = badgeCaption(figure.badge);
  auto content = std::make_shared<HeatmapContent>(heatmapContent(std::move(source), figure.view));
  if (arguments.paper.title) content->title = QString::fromStdString(*arguments.paper.title);
  return HeatmapFigure(std::move(content));
}

FigureOptions figureOptions(const PaperOptions& paper) {
  FigureOptions options;
  if (paper.widthMm) options.widthMm = *paper.widthMm;
  if (paper.dpi) options.dpi = *paper.dpi;
  options.isDark = paper.isDark;
  options.isTransparent = paper.isTransparent;
  options.showColorbar = !paper.noColorbar;
  return options;
}

/// Qt asks every program with a window system for a runtime folder; drawing to a file needs none.
void showQtMessage(QtMsgType, const QMessageLogContext&, const QString& text) {
  if (text.startsWith(QLatin1String("QStandardPaths: XDG_RUNTIME_DIR"))) return;
  std::fputs((text.toStdString() + "\n").c_str(), stderr);
}

void save(const std::string& file, const QByteArray& bytes) {
  saveAtomically(file, [&](std::ostream& out) { out.write(bytes.constData(), bytes.size()); });
}

}  // namespace

void drawFigures(const std::vector<CliFigure>& figures, const std::vector<std::string>& files,
                 const ModelInfo& info, const Tokens& tokens, const Arguments& arguments) {
  qputenv("QT_QPA_PLATFORM", "offscreen");  // also on a desktop: nothing is shown
  qInstallMessageHandler(showQtMessage);
  int argc = 1;
  char program[] = "undercurrent-cli";
  char* argv[] = {program, nullptr};
  const QGuiApplication application(argc, argv);
  const FigureOptions options = figureOptions(arguments.paper);
  std::vector<HeatmapFigure> pages;
  for (const CliFigure& figure : figures) pages.push_back(heatmapFigure(figure, info, tokens, arguments));
  if (files.size() < pages.size()) {
    std::vector<const Figure*> list;
    for (const HeatmapFigure& page : pages) list.push_back(&page);
    save(files.front(), encodePages(list, options, figures.front().json));
    return;
  }
  const std::string format = arguments.ending.substr(1);
  for (size_t i = 0; i < pages.size(); ++i) {
    save(files[i], encodeFigure(pages[i], options, format, figures[i].json));
  }
}

}  // namespace uc
