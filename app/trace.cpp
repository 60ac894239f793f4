// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/trace.h"

#include "app/document.h"
#include "core/io/view_json.h"

#include <cstdio>

namespace uc {

void trace(Document& document) {
  if (qEnvironmentVariableIsEmpty("UNDERCURRENT_TIMINGS")) return;
  QObject::connect(&document, &Document::viewChanged, &document, [&document] {
    std::fprintf(stderr, "view %s\n", viewJson(document.origin(), document.view()).c_str());
  });
  QObject::connect(&document, &Document::contentChanged, &document, [&document] {
    if (!document.content()) return;
    std::fprintf(stderr, "map %.4f s %s\n", document.map()->seconds,
                 viewJson(document.origin(), document.contentView()).c_str());
  });
  QObject::connect(&document, &Document::openFailed, &document,
                   [](const Error& error) { std::fprintf(stderr, "failed %s\n", error.what.c_str()); });
}

}  // namespace uc
