// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"

#include <string>
#include <string_view>

namespace uc {

/// What a JSON text is told to, value by value in the order of the text, so that a reader keeps only what it
/// needs. Functions may throw; the text is then read no further.
class JsonHandler {
 public:
  virtual ~JsonHandler() = default;
  virtual void beginObject() = 0;
  virtual void key(std::string& name) = 0;  // may be moved from
  virtual void endObject() = 0;             // after the object's keys were found to differ
  virtual void beginArray() = 0;
  virtual void endArray() = 0;
  virtual void scalar(Json value) = 0;  // null, boolean, number or string; unsigned wherever it is one

  /// Where the handler is ("tensor a"): put into messages beside the file's name.
  virtual std::string place() const { return {}; }
};

/// Reads a text by the rules of parseJson() and tells `handler`.
void streamJson(std::string_view text, const std::string& where, const JsonLimits& limits,
                JsonHandler& handler);

}  // namespace uc
