// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/lists.h"

#include "app/action_table.h"
#include "version.h"
#include "widgets/paint/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QVBoxLayout>

namespace uc {

ListDialog::ListDialog(const QString& title, const QStringList& columns, QWidget* parent)
    : QDialog(parent), m_rows(new QTreeWidget(this)), m_note(new QLabel(this)) {
  setWindowTitle(title);
  setAttribute(Qt::WA_DeleteOnClose);
  m_rows->setHeaderLabels(columns);
  m_rows->setRootIsDecorated(false);
  m_rows->setItemsExpandable(false);
  m_rows->setIndentation(12);
  m_rows->setUniformRowHeights(true);
  m_rows->setAccessibleName(title);
  m_rows->setFrameShape(QFrame::NoFrame);
  m_rows->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_note->setWordWrap(true);
  m_note->setProperty("role", QStringLiteral("small"));
  m_note->hide();
  auto* close = new QPushButton(tr("Close"), this);
  connect(close, &QPushButton::clicked, this, &QDialog::close);
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(12, 4, 12, 12);
  foot->addWidget(m_note, 1);
  foot->addStretch(0);
  foot->addWidget(close);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(m_rows, 1);
  column->addLayout(foot);
  resize(560, 520);
}

void ListDialog::setNote(const QString& note) {
  m_note->setText(note);
  m_note->setVisible(!note.isEmpty());
}

void ListDialog::addHeading(const QString& title) {
  m_heading = new QTreeWidgetItem(m_rows, {title});
  m_heading->setFirstColumnSpanned(true);
  m_heading->setFont(0, textFont(13, true));
  m_heading->setFlags(Qt::ItemIsEnabled);
  m_heading->setExpanded(true);
}

void ListDialog::addRow(const QStringList& cells) {
  if (m_heading)
    new QTreeWidgetItem(m_heading, cells);
  else
    new QTreeWidgetItem(m_rows, cells);
}

ShortcutSheet::ShortcutSheet(QWidget* parent)
    : ListDialog(tr("Keyboard shortcuts"), {tr("Action"), tr("Keys")}, parent) {
  QString menu;
  for (const ActionSpec& spec : actionTable()) {
    if (spec.keys.isEmpty()) continue;
    const QString top = spec.menu.section(QLatin1Char('/'), 0, 0);
    if (top != menu) addHeading(menu = top);
    QStringList keys;
    for (const QKeySequence& key : spec.keys) keys << key.toString(QKeySequence::NativeText);
    addRow({spec.words, keys.join(tr(" or "))});
  }
  addHeading(tr("Heatmap"));
  addRow({tr("Read a cell"), tr("point at it, or Alt + arrows")});
  addRow({tr("Lock or unlock a cell"), tr("click, or Enter")});
  addRow({tr("Zoom about the pointer"), tr("wheel")});
  addRow({tr("Pan"), tr("drag, or Space + drag")});
  addRow({tr("Menu of the cell"), tr("right click")});
  setNote(tr("Letters, arrows and brackets act while the heatmap has the focus."));
  rows().resizeColumnToContents(0);
  resize(520, 600);
}

VerifyList::VerifyList(Document& document, QWidget* parent)
    : ListDialog(tr("Verify"), {tr("Layer"), tr("Kind"), tr("Error"), tr("Scale"), tr("Relative")}, parent),
      m_document(document) {
  for (int column = 2; column < 5; ++column) rows().headerItem()->setTextAlignment(column, Qt::AlignRight);
  connect(&document, &Document::checksChanged, this, &VerifyList::showChecks);
  connect(&document, &Document::progressed, this, &VerifyList::showChecks);
  showChecks();
}

void VerifyList::showChecks() {
  rows().clear();
  double worst = 0.0;
  for (const LayerCheck& check : m_document.source().checks()) {
    addRow({QString::number(check.layer), QString::fromStdString(check.kind), numberText(check.error, 2),
            numberText(check.scale, 3), numberText(check.relative, 2)});
    for (int column = 2; column < 5; ++column)
      rows().topLevelItem(rows().topLevelItemCount() - 1)->setTextAlignment(column, Qt::AlignRight);
    worst = std::max(worst, check.relative);
  }
  const size_t done = m_document.source().checks().size(),
               all = static_cast<size_t>(m_document.info().layers);
  if (done < all)
    setNote(tr("%1 of %2 layers are checked.").arg(done).arg(all));
  else
    setNote(tr("α·x and the additive terms rebuild each layer’s output. Worst relative error: %1.")
                .arg(numberText(worst, 2)));
}

DeviceList::DeviceList(EngineHost& host, QWidget* parent)
    : ListDialog(tr("Devices"), {tr("Name"), tr("Kind"), tr("Memory"), tr("Matrix product")}, parent) {
  setNote(tr("Measuring"));
  EngineHost::Job<std::vector<Device>> job;
  job.work = [&host](const Feedback&) { return host.functions().devices(); };
  job.done = [this](const std::vector<Device>& devices) {
    for (const Device& device : devices)
      addRow({QString::fromStdString(device.name), QString::fromStdString(device.kind),
              tr("%1 GB").arg(static_cast<double>(device.memoryMb) / 1000.0, 0, 'f', 1),
              tr("%1 GFLOP/s").arg(device.matrixGflops, 0, 'f', 0)});
    for (int column = 0; column < 4; ++column) rows().resizeColumnToContents(column);
    setNote(tr("Product of two float32 matrices of 1,024 × 1,024, measured now."));
  };
  job.failed = [this](const Error& error) { setNote(QString::fromStdString(error.what)); };
  host.start(m_job, std::move(job));
  resize(620, 240);
}

ConventionList::ConventionList(QWidget* parent)
    : ListDialog(tr("Conventions explained"), {tr("Convention"), tr("What the map is")}, parent) {
  addRow({QStringLiteral("exact"), tr("Gate, scan, activation, convolution and skip: with the additive terms "
                                      "it is the layer’s output.")});
  addRow({QStringLiteral("unified"),
          tr("Gate, scan, activation and convolution: the unified implicit attention. The default.")});
  addRow({QStringLiteral("scan"), tr("The selective scan alone.")});
  addRow({QStringLiteral("no-step"), tr("The scan without the step size of the key token.")});
  addHeading(tr("Merges over lanes"));
  addRow({QStringLiteral("mean"), tr("Mean over the lanes, with sign.")});
  addRow({QStringLiteral("mean-abs"), tr("Mean of the absolute values. The default.")});
  addRow({QStringLiteral("max-abs"), tr("The entry of largest magnitude, with its sign.")});
  addRow({QStringLiteral("l2"), tr("Square root of the mean of squares.")});
  addRow({QStringLiteral("positive-mean"), tr("Mean of the positive parts.")});
  rows().resizeColumnToContents(0);
  setNote(
      tr("A custom set of factors is the product of those that are on. The badge says how much of the "
         "layer’s output a map gives."));
  resize(720, 380);
}

AboutDialog::AboutDialog(EngineHost& host, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("About Undercurrent"));
  setAttribute(Qt::WA_DeleteOnClose);
  auto* name = new QLabel(tr("Undercurrent %1").arg(QStringLiteral(UNDERCURRENT_VERSION)), this);
  name->setProperty("role", QStringLiteral("title"));
  auto* purpose = new QLabel(tr("Explorer of the implicit attention of gated-linear recurrent models.\nMIT "
                                "license. Fonts: Roboto (Apache 2.0), JetBrains Mono (OFL)."),
                             this);
  auto* details = new QLabel(this);
  details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  details->setProperty("role", QStringLiteral("secondary"));
  auto* copy = new QPushButton(tr("Copy diagnostics"), this);
  auto* close = new QPushButton(tr("Close"), this);
  copy->setEnabled(false);
  close->setDefault(true);
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  row->addWidget(copy);
  row->addWidget(close);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(20, 18, 20, 16);
  column->setSpacing(10);
  column->addWidget(name);
  column->addWidget(purpose);
  column->addWidget(details, 1);
  column->addLayout(row);
  connect(close, &QPushButton::clicked, this, &QDialog::close);
  connect(copy, &QPushButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(m_diagnostics); });
  EngineHost::Job<std::vector<std::pair<std::string, std::string>>> job;
  job.work = [&host](const Feedback&) { return host.functions().versions(); };
  job.done = [this, details, copy](const std::vector<std::pair<std::string, std::string>>& versions) {
    QStringList lines;
    for (const auto& [part, version] : versions)
      lines << QString::fromStdString(part) + QStringLiteral(": ") + QString::fromStdString(version);
    lines << QStringLiteral("Qt: ") + QString::fromLatin1(qVersion())
          << QStringLiteral("platform: ") + QGuiApplication::platformName();
    m_diagnostics = lines.join(QLatin1Char('\n'));
    details->setText(m_diagnostics);
    copy->setEnabled(true);
  };
  job.failed = [details](const Error& error) { details->setText(QString::fromStdString(error.what)); };
  host.start(m_job, std::move(job));
  resize(480, 280);
}

}  // namespace uc
