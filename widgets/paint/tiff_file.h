// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>
#include <QImage>

#include <string>

namespace uc {

/// The bytes of a TIFF file, 8 bits a channel, deflate, with resolution and, when not empty, `description` as
/// ImageDescription. Throws Failure when libtiff refuses.
QByteArray encodeTiff(const QImage& image, double dpi, const QByteArray& description);

/// The ImageDescription of a TIFF file if it is a view (begins with '{'), else an empty string.
std::string tiffView(const QByteArray& bytes);

}  // namespace uc
