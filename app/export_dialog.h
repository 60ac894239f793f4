// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/figure_preview.h"
#include "core/io/view_json.h"
#include "core/values/error.h"
#include "widgets/paint/figure.h"
#include "widgets/segmented_control.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QTimer>

#include <functional>
#include <memory>

namespace uc {

/// Everything about a figure file, with the figure beside it as it will be. Writes the file itself and stays
/// open, with the reason, when that fails; accepted once the file is there.
class ExportDialog : public QDialog {
  Q_OBJECT

 public:
  /// Asks for a file name; `suggested` has the ending already. An empty answer: not now.
  using ChooseFile = std::function<QString(QWidget* parent, const QString& suggested)>;

  /// `format`: "png", "tiff", "svg" or "pdf" to begin with. The figure shows the part of the map that `view`
  /// shows.
  ExportDialog(std::shared_ptr<const HeatmapContent> content, const ViewOrigin& origin, const ViewState& view,
               const QString& format, QWidget* parent = nullptr);
  /// The same for another figure than a heatmap's, which has no matrix, grid or crosshair to choose about.
  ExportDialog(std::shared_ptr<const Figure> figure, const ViewOrigin& origin, const ViewState& view,
               const QString& format, QWidget* parent = nullptr);

  /// In place of the file dialog.
  void setChooseFile(ChooseFile choose) { m_chooseFile = std::move(choose); }

  QString format() const;
  FigureOptions options() const;
  QString savedPath() const { return m_savedPath; }

 private:
  void buildControls();
  QWidget* sizeControls();
  QWidget* showControls();
  QWidget* inkControls();
  QWidget* footer();
  void connectControls();
  void fitChosen(int index);
  void changed();
  void showPreview();
  void showSize();
  void showMatrixChoice();
  void estimate();
  void exportFile();
  void save(const QString& path, const QString& format);
  void showError(const Error& error);
  QString suggestedName() const;

  ExportDialog(std::shared_ptr<const HeatmapContent> content, std::shared_ptr<const Figure> figure,
               const ViewOrigin& origin, const ViewState& view, const QString& format, QWidget* parent);

  std::shared_ptr<const HeatmapContent> m_content;  // of a heatmap
  std::shared_ptr<const Figure> m_figure;
  std::string m_view;
  QString m_name;
  ChooseFile m_chooseFile;
  QString m_savedPath;
  QTimer m_previewTimer, m_estimateTimer;

  FigurePreview* m_preview;
  SegmentedControl *m_format, *m_theme, *m_ground, *m_matrix;
  QComboBox* m_fits;
  QDoubleSpinBox *m_width, *m_dpi, *m_text;
  QCheckBox *m_title, *m_colorbar, *m_tokens, *m_caption, *m_grid, *m_crosshair, *m_keepView;
  QLabel *m_height, *m_size, *m_bytes, *m_error;
  QPushButton *m_cancel, *m_export;
};

}  // namespace uc
