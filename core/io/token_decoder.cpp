// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/token_decoder.h"

#include "core/io/byte_alphabet.h"
#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace uc {

namespace {

std::string replaced(std::string_view text, std::string_view pattern, std::string_view content) {
  std::string result;
  size_t at = 0;
  for (size_t found = text.find(pattern); found != std::string_view::npos; found = text.find(pattern, at)) {
    result.append(text, at, found - at).append(content);
    at = found + pattern.size();
  }
  return result.append(text, at, text.size() - at);
}

std::string stripped(std::string_view token, std::string_view scalar, size_t left, size_t right) {
  for (; left > 0 && token.starts_with(scalar); --left) token.remove_prefix(scalar.size());
  for (; right > 0 && token.ends_with(scalar); --right) token.remove_suffix(scalar.size());
  return std::string(token);
}

std::vector<std::string> withBytesDecoded(const std::vector<std::string>& tokens) {
  std::vector<std::string> result;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (firstInvalidUtf8(bytes) == std::string_view::npos) {
      result.push_back(std::move(bytes));
    } else {
      result.insert(result.end(), bytes.size(), "\uFFFD");
    }
    bytes.clear();
  };
  for (const std::string& token : tokens) {
    if (const auto byte = byteOfToken(token)) {
      bytes.push_back(*byte);
    } else {
      flush();
      result.push_back(token);
    }
  }
  flush();
  return result;
}

size_t countField(const Json& json, const char* key, const std::string& where) {
  const int64_t value = idField(json, key, where);
  if (value < 0) failTokenizer(fmt::format("The field {} is negative.", key), where);
  return static_cast<size_t>(value);
}

}  // namespace

std::optional<char> byteOfToken(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  int value = 0;
  for (const char digit : token.substr(3, 2)) {
    const bool isLetter = (digit >= 'A' && digit <= 'F') || (digit >= 'a' && digit <= 'f');
    if (!isLetter && (digit < '0' || digit > '9')) return std::nullopt;
    value = value * 16 + (isLetter ? (digit & 0xF) + 9 : digit - '0');
  }
  return static_cast<char>(value);
}

TokenDecoder::TokenDecoder(const Json& json, const std::string& where) : m_exists(!json.is_null()) {
  if (m_exists) add(json, where);
}

void TokenDecoder::add(const Json& json, const std::string& where) {
  const std::string type = componentType(json, "decoder", where);
  if (type == "Sequence") {
    for (const Json& part : componentList(json, "decoders", where)) add(part, where);
  } else {
    m_steps.push_back(step(type, json, where));
  }
}

TokenDecoder::Step TokenDecoder::step(const std::string& type, const Json& json, const std::string& where) {
  Step step;
  if (type == "ByteLevel") {
    step.kind = Kind::ByteLevel;
  } else if (type == "ByteFallback") {
    step.kind = Kind::ByteFallback;
  } else if (type == "Fuse") {
    step.kind = Kind::Fuse;
  } else if (type == "Replace") {
    step.kind = Kind::Replace;
    step.pattern = stringPattern(json, where);
    step.content = stringField(json, "content", where);
  } else if (type == "Strip") {
    step.kind = Kind::Strip;
    step.pattern = scalarField(json, "content", where);
    step.left = countField(json, "start", where);
    step.right = countField(json, "stop", where);
  } else if (type == "Metaspace") {
    const Metaspace metaspace = metaspaceFromJson(json, where);
    step.kind = Kind::Metaspace;
    step.pattern = metaspace.replacement;
    step.dropsFirst = metaspace.prepend != Metaspace::Prepend::Never;
  } else {
    failUnknown("decoder", type, where);
  }
  return step;
}

bool TokenDecoder::isByteLevel() const {
  return std::any_of(m_steps.begin(), m_steps.end(),
                     [](const Step& step) { return step.kind == Kind::ByteLevel; });
}

void TokenDecoder::run(const Step& step, std::vector<std::string>& tokens) {
  const auto fuse = [&](std::string text) { tokens.assign(1, std::move(text)); };
  switch (step.kind) {
    case Kind::ByteLevel: {
      std::string all;
      for (const std::string& token : tokens) all += bytesOfLetters(token).value_or(token);
      return fuse(lossyUtf8(all));
    }
    case Kind::ByteFallback:
      tokens = withBytesDecoded(tokens);
      return;
    case Kind::Fuse:
      return fuse(fmt::format("{}", fmt::join(tokens, "")));
    case Kind::Replace:
      for (std::string& token : tokens) token = replaced(token, step.pattern, step.content);
      return;
    case Kind::Strip:
      for (std::string& token : tokens) token = stripped(token, step.pattern, step.left, step.right);
      return;
    case Kind::Metaspace:
      for (size_t n = 0; n < tokens.size(); ++n) {
        tokens[n] = replaced(tokens[n], step.pattern, n == 0 && step.dropsFirst ? "" : " ");
      }
      return;
  }
}

std::string TokenDecoder::text(std::vector<std::string> tokens) const {
  for (const Step& step : m_steps) run(step, tokens);
  return fmt::format("{}", fmt::join(tokens, m_exists ? "" : " "));
}

std::string TokenDecoder::bytes(const std::string& token) const {
  std::string result = token;
  for (const Step& step : m_steps) {
    if (step.kind == Kind::ByteLevel) {
      result = bytesOfLetters(result).value_or(result);
    } else if (step.kind == Kind::Replace) {
      result = replaced(result, step.pattern, step.content);
    } else if (step.kind == Kind::Metaspace) {
      result = replaced(result, step.pattern, " ");
    } else if (step.kind == Kind::ByteFallback) {
      if (const auto byte = byteOfToken(token)) return std::string(1, *byte);
    }
  }
  return result;
}

}  // namespace uc
