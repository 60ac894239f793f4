// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/view_json.h"
#include "core/values/error.h"
#include "widgets/paint/heatmap_painter.h"

#include <QString>
#include <QWidget>

#include <functional>
#include <memory>

namespace uc {

/// Asks for a file and writes the figure of a content there, with its view inside. `format`: "png" or "svg"
/// to begin with; the file's ending decides.
void showExportDialog(
    QWidget* parent,
    const std::function<QString(QWidget*, const QString&, const QString&, const QString&)>& askForFile,
    std::shared_ptr<const HeatmapContent> content, const ViewOrigin& origin, const ViewState& view,
    const QString& format, const std::function<void(const Error&)>& failed);

}  // namespace uc
