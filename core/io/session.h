// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/view_json.h"
#include "core/values/session.h"

#include <filesystem>
#include <string>

namespace uc {

/// A session as the JSON text of its file (docs/session.md), for a file in `folder`: a model and a picture
/// that lie in or below it are named from there, so that the folder can be moved; an empty folder: named as
/// they are.
std::string sessionJson(const Session& session, const std::filesystem::path& folder);

/// Reads what sessionJson wrote, or a figure's view. A path is looked for in `folder` first, then as it is
/// written. What is not known is kept in `unknown`. Throws Failure (what, `where`, what to do) when the text
/// is no session, is of a newer version, or holds something that cannot be read.
Session parseSession(const std::string& json, const std::string& where, const std::filesystem::path& folder);

/// The session of one source and one pane: what a figure embeds.
std::string figureSession(const ViewOrigin& origin, const ViewState& view);

/// The active pane of a session with its origin; a text of a single view, as data files hold it, is one too.
ParsedView parseView(const std::string& json, const std::string& where);

/// Written as a whole or not at all.
void saveSession(const std::filesystem::path& file, const Session& session);
/// Throws Failure: not a regular file, larger than 64 MB, not a session.
Session openSession(const std::filesystem::path& file);

}  // namespace uc
