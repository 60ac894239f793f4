// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"
#include "core/values/matrix.h"
#include "core/values/tokens.h"

#include <vector>

namespace uc {

/// A stretch of a text that begins and ends between tokens in two ways of cutting it: the smallest there is.
struct AlignedSegment {
  size_t begin = 0, end = 0;  // UTF-8 byte offsets into the text; equal for tokens in front of it
  TokenRange a, b;            // its tokens in either way
  bool operator==(const AlignedSegment&) const = default;
};

/// The segments of one text that two tokenizers have in common, in order, for comparing maps whose tokens are
/// not the same. White space that belongs to no token of one input may lie on either side of a border. Tokens
/// without characters in front of the text are paired one by one where both inputs have equally many, and
/// left out where not, as are those behind it.
/// Throws Failure where the texts differ, or there is none.
std::vector<AlignedSegment> alignByCharacters(const Tokens& a, const Tokens& b);

/// A map of tokens as one of segments, `side` saying whose tokens they are: what a segment reads from another
/// one is the mean over its query tokens of the sum over the other one's key tokens. (A token that is cut in
/// two reads twice, but is read as much as before.) `map` is the whole map, its unattended entries 0.
/// Throws Failure where the map is not of those tokens.
Matrix alignedMap(const Matrix& map, const std::vector<AlignedSegment>& segments,
                  TokenRange AlignedSegment::*side);

}  // namespace uc
