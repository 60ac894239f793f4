// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/fuzz/targets.h"

#include "core/io/image_header.h"
#include "core/io/json.h"
#include "core/io/safetensors.h"
#include "core/io/tokenizer.h"
#include "core/io/view_json.h"
#include "core/values/error.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace uc::fuzz {

namespace {

constexpr Target kTargets[] = {
    {"safetensors", safetensorsHeader},
    {"config", config},
    {"tokenizer", tokenizer},
    {"session", session},
    {"picture", picture},
};

// What no text may break: an emoji, byte fallback, runs of spaces, a special token, no character at all.
constexpr std::string_view kText =
    "The  quick\r\n\tfox's 12345 \xF0\x9F\xA6\x80 cafe\xCC\x81<s><|endoftext|> \0.";

}  // namespace

std::span<const Target> targets() { return kTargets; }

void guarded(void (*parse)(Bytes), Bytes input) {
  try {
    parse(input);
  } catch (const Failure& failure) {
    const std::string line = oneLine(failure.error());
    const bool isOneLine = !line.empty() && line.size() <= 600 && line.find('\n') == std::string::npos;
    if (isOneLine && !failure.error().todo.empty()) return;
    std::fprintf(stderr, "A message that is not fit to be shown: %s\n", line.c_str());
    std::abort();
  }
}

void safetensorsHeader(Bytes input) {
  const std::string_view text = textOf(input);
  // The first byte says how much of the file lies beyond the input: nothing, or a few sizes of data.
  const uint64_t beyond = input.empty() ? 0 : uint64_t{input[0] % 4u} * 1024u;
  const std::string_view head = text.substr(std::min<size_t>(text.size(), 1));
  const uint64_t size = head.size() + beyond;
  if (headSize(head.substr(0, 64), size) > head.size() && beyond > 0) return;  // the reader would read on
  parseSafetensors(head, size, "fuzz.safetensors");
}

void config(Bytes input) {
  const Json json = parseJson(textOf(input), "config.json", {size_t{1} << 20, 64});
  const std::string text = json.dump(-1, ' ', true);
  if (parseJson(text, "config.json", {size_t{8} << 20, 64}).dump(-1, ' ', true) != text) std::abort();
}

void tokenizer(Bytes input) {
  const Json json = parseJson(textOf(input), "tokenizer.json");
  const auto opened = tokenizerFromJson(json, "tokenizer.json", 65536);
  const Tokens tokens = opened->encode(kText);
  size_t end = 0;
  for (const Token& token : tokens.list) {
    if (token.begin > token.end || token.end > kText.size() || token.begin < end) std::abort();
    end = token.end;
  }
  opened->decode(tokens.ids(), true);
}

void session(Bytes input) { parseView(std::string(textOf(input)), "fuzz.undercurrent"); }

// The header alone: what decodes is not ours.
void picture(Bytes input) {
  const ImageHeader header = readImageHeader(textOf(input), "fuzz.png");
  const bool isSize = header.width >= 1 && header.height >= 1 && header.width <= kMaxImageSide &&
                      header.height <= kMaxImageSide && header.width * header.height <= kMaxImagePixels;
  if (!isSize || header.orientation < 1 || header.orientation > 8) std::abort();
  if (std::max(header.orientationAt, header.alphaAt) + 2 > input.size()) std::abort();
}

}  // namespace uc::fuzz
