// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
#include "app/engine_host.h"

#include <QDialog>
#include <QLabel>
#include <QTreeWidget>

namespace uc {

/// A window of rows in columns beside the main one, never modal: the shortcut sheet, the devices, the checks.
class ListDialog : public QDialog {
  Q_OBJECT

 public:
  ListDialog(const QString& title, const QStringList& columns, QWidget* parent);
  QTreeWidget& rows() { return *m_rows; }
  void setNote(const QString& note);

 protected:
  /// A heading over the rows that follow, where `addRow` puts them.
  void addHeading(const QString& title);
  void addRow(const QStringList& cells);

 private:
  QTreeWidget* m_rows;
  QTreeWidgetItem* m_heading = nullptr;
  QLabel* m_note;
};

/// Every action with its keys, and the gestures, by menu.
class ShortcutSheet : public ListDialog {
  Q_OBJECT

 public:
  explicit ShortcutSheet(QWidget* parent);
};

/// Each layer's check as the document finds it out.
class VerifyList : public ListDialog {
  Q_OBJECT

 public:
  VerifyList(Document& document, QWidget* parent);

 private:
  void showChecks();
  Document& m_document;
};

/// The devices of the machine, measured on the worker.
class DeviceList : public ListDialog {
  Q_OBJECT

 public:
  DeviceList(EngineHost& host, QWidget* parent);

 private:
  LatestJob m_job;
};

/// The named conventions: what each map is made of and what it leaves out.
class ConventionList : public ListDialog {
  Q_OBJECT

 public:
  explicit ConventionList(QWidget* parent);
};

/// Version and license, and what a report of a fault should hold.
class AboutDialog : public QDialog {
  Q_OBJECT

 public:
  AboutDialog(EngineHost& host, QWidget* parent);
  QString diagnostics() const { return m_diagnostics; }

 private:
  LatestJob m_job;
  QString m_diagnostics;
};

}  // namespace uc
