// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/trace.h"

#include "app/document.h"
#include "core/io/view_json.h"

#include <QHash>

#include <cstdio>

namespace uc {

namespace {

/// The document's origin, but of a long input only how it begins, its length and a number that tells it from
/// others: a line for every step of a zoom shall not hold a book.
ViewOrigin briefOrigin(const Document& document) {
  constexpr size_t kMostIds = 64;
  constexpr qsizetype kMostText = 256, kBegin = 32;
  ViewOrigin origin = document.source().origin();
  if (origin.text && document.source().text().size() > kMostText) {
    origin.text = QStringLiteral("%1… (%2 bytes, %3)")
                      .arg(document.source().text().left(kBegin), QString::number(origin.text->size()),
                           QString::number(qHash(document.source().text(), 0), 16))
                      .toStdString();
  } else if (origin.ids.size() > kMostIds) {
    origin.text = QStringLiteral("%1 ids, %2")
                      .arg(origin.ids.size())
                      .arg(qHashRange(origin.ids.begin(), origin.ids.end(), 0), 0, 16)
                      .toStdString();
    origin.ids.clear();
  }
  return origin;
}

}  // namespace

void trace(Document& document) {
  if (qEnvironmentVariableIsEmpty("UNDERCURRENT_TIMINGS")) return;
  QObject::connect(&document, &Document::viewChanged, &document, [&document] {
    std::fprintf(stderr, "view %s\n", viewJson(briefOrigin(document), document.view()).c_str());
  });
  QObject::connect(&document, &Document::contentChanged, &document, [&document] {
    if (!document.content()) return;
    std::fprintf(stderr, "map %.4f s %s\n", document.map()->seconds,
                 viewJson(briefOrigin(document), document.shownView()).c_str());
  });
  QObject::connect(&document, &Document::openFailed, &document,
                   [](const Error& error) { std::fprintf(stderr, "failed %s\n", error.what.c_str()); });
}

}  // namespace uc
