// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/status_line.h"

#include <QFile>
#include <QHBoxLayout>

#include <unistd.h>

namespace uc {

namespace {

constexpr int kSentenceMs = 5000, kRefreshMs = 2000;

/// Resident memory of this process in GB.
double memoryGb() {
  QFile file(QStringLiteral("/proc/self/statm"));
  if (!file.open(QIODevice::ReadOnly)) return 0.0;
  const QList<QByteArray> fields = file.readLine().split(' ');
  return fields.size() < 2 ? 0.0 : fields[1].toDouble() * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e9;
}

}  // namespace

StatusLine::StatusLine(Workspace& workspace, QWidget* parent)
    : QStatusBar(parent),
      m_workspace(workspace),
      m_readOut(new RichLine(12, this)),
      m_job(new QLabel(this)),
      m_detail(new QLabel(this)),
      m_machine(new QLabel(this)) {
  setSizeGripEnabled(false);
  setFixedHeight(24);
  auto* whole = new QWidget(this);
  auto* row = new QHBoxLayout(whole);
  row->setContentsMargins(12, 0, 12, 0);
  row->setSpacing(24);
  row->addWidget(m_readOut, 1);
  row->addWidget(m_job);
  row->addWidget(m_detail);
  row->addWidget(m_machine);
  addWidget(whole, 1);
  for (QLabel* label : {m_job, m_detail, m_machine}) label->setProperty("role", QStringLiteral("status"));
  m_readOut->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  m_sentence.setSingleShot(true);
  connect(&m_sentence, &QTimer::timeout, this, &StatusLine::showReadOut);
  connect(&m_refresh, &QTimer::timeout, this, [this] {
    showMachine();
    showProgress();
  });
  workspace.follow(this, &Document::readOutChanged, &StatusLine::showReadOut);
  workspace.follow(this, &Document::contentChanged, &StatusLine::showReadOut);
  workspace.follow(this, &Document::modelChanged, &StatusLine::showMachine);
  workspace.follow(this, &Document::progressed, &StatusLine::showProgress);
  workspace.follow(this, &Document::said, &StatusLine::say);
  m_refresh.start(kRefreshMs);
  showMachine();
}

void StatusLine::say(const QString& sentence) {
  m_readOut->setRuns({{sentence, TextRun::Kind::Words}});
  m_sentence.start(kSentenceMs);
}

void StatusLine::showReadOut() {
  if (m_sentence.isActive()) return;
  const auto out = document().currentReadOut();
  m_readOut->setRuns(out ? readOutLine(*out) : std::vector<TextRun>{});
}

void StatusLine::showDetail(const QString& words) { m_detail->setText(words); }

void StatusLine::showProgress() { m_job->setText(document().progressText()); }

void StatusLine::showMachine() {
  QStringList parts;
  if (document().source().threads() > 0)
    parts << tr("CPU · %1 threads · float32").arg(document().source().threads());
  parts << tr("Memory %1 GB").arg(memoryGb(), 0, 'f', 1);
  m_machine->setText(parts.join(QStringLiteral("      ")));
}

}  // namespace uc
