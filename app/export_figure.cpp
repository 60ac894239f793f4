// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/export_figure.h"

#include "core/io/save.h"
#include "widgets/paint/figure.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <ostream>

namespace uc {

void showExportDialog(
    QWidget* parent,
    const std::function<QString(QWidget*, const QString&, const QString&, const QString&)>& askForFile,
    std::shared_ptr<const HeatmapContent> content, const ViewOrigin& origin, const ViewState& view,
    const QString& format, const std::function<void(const Error&)>& failed) {
  const bool isVector = format == QLatin1String("svg");
  const QString raster = QCoreApplication::translate("Export", "Pictures (*.png *.tiff)");
  const QString vector = QCoreApplication::translate("Export", "Vector figures (*.svg *.pdf)");
  const QString path = askForFile(
      parent, QCoreApplication::translate("Export", "Export the figure"), QStringLiteral("figure.") + format,
      isVector ? vector + QStringLiteral(";;") + raster : raster + QStringLiteral(";;") + vector);
  if (path.isEmpty()) return;
  try {
    const QByteArray bytes =
        encodeFigure(HeatmapFigure(std::move(content)), FigureOptions{},
                     QFileInfo(path).suffix().toLower().toStdString(), viewJson(origin, view));
    saveAtomically(path.toStdString(),
                   [&bytes](std::ostream& out) { out.write(bytes.constData(), bytes.size()); });
  } catch (const Failure& failure) {
    failed(failure.error());
  }
}

}  // namespace uc
