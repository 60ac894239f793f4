// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

namespace uc {

class Document;

/// With UNDERCURRENT_TIMINGS set: what the document shows, a line each on stderr, for tests that see the
/// window only from the outside. "view {…}" after every change of the view and "map 0.0312 s {…}" after every
/// new picture, with the view as figures carry it, but of a long input only its begin, length and hash;
/// "failed WHAT" when a model was not opened.
void trace(Document& document);

}  // namespace uc
