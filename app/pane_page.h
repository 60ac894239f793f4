// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
#include "widgets/paint/figure.h"

#include <QPoint>
#include <QString>
#include <QWidget>

#include <memory>

namespace uc {

/// One way of showing a document inside a pane: a view of widgets/ and the wiring between the two. Made when
/// the pane first shows that view, and told by the document's own signals what changed. GUI thread.
class PanePage : public QWidget {
  Q_OBJECT

 public:
  PanePage(Document& document, QWidget* parent) : QWidget(parent), m_document(document) {}

  /// What takes the keyboard.
  virtual QWidget& canvas() = 0;
  /// A row of choices under the pane's header, or none. Owned by the page until the pane takes it.
  virtual QWidget* controls() { return nullptr; }
  /// One sentence why the document cannot be shown so ("Image overlay needs an image; this input is text."),
  /// or nothing.
  virtual QString obstacle() const { return {}; }
  virtual void setTheme(const Theme& theme) = 0;
  virtual void setStale(bool isStale) = 0;
  virtual void zoomBy(double /*factor*/) {}
  /// What an exported figure shows; nothing while there is no picture.
  virtual std::shared_ptr<const Figure> figure() const = 0;

 Q_SIGNALS:
  /// What a cell of the picture is and what drawing took, once the picture stands still.
  void detailChanged(const QString& words);
  void contextMenuWanted(const QPoint& globalPos);

 protected:
  /// Fills the page with `view`, in which `canvas` takes the keyboard.
  void fill(QWidget* view, QWidget* canvas);

  Document& m_document;
};

/// The page for a view.
std::unique_ptr<PanePage> makePage(View view, Document& document, QWidget* parent);
/// The views that panes have, in the order of menus.
const std::vector<View>& paneViews();

}  // namespace uc
