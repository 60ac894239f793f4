// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/fuzz/targets.h"

#include "core/io/convert.h"
#include "core/io/image_header.h"
#include "core/io/json.h"
#include "core/io/read_npy.h"
#include "core/io/safetensors.h"
#include "core/io/sentencepiece.h"
#include "core/io/session.h"
#include "core/io/tokenizer.h"
#include "core/io/weights_file.h"
#include "core/io/weights_index.h"
#include "core/io/world.h"
#include "core/values/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/zips.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace uc::fuzz {

namespace {

std::string_view textOf(Bytes input) { return {reinterpret_cast<const char*>(input.data()), input.size()}; }

// What no text may break: an emoji, byte fallback, runs of spaces, a special token, no character at all.
constexpr std::string_view kText =
    "The  quick\r\n\tfox's 12345 \xF0\x9F\xA6\x80 cafe\xCC\x81<s><|endoftext|> \0.";

// Every element of every tensor that can be read as numbers.
void readAll(const WeightsFile& file) {
  for (size_t i = 0; i < file.tensors().size(); ++i) {
    const TensorInfo& info = file.tensors()[i];
    const size_t size = elementSize(info.dtype) * static_cast<size_t>(info.count());
    if (size == 0 || size > (size_t{1} << 20)) continue;
    std::vector<std::byte> values(size);
    file.read(i, 0, values);
  }
}

void useTokenizer(const Tokenizer& tokenizer) {
  const Tokens tokens = tokenizer.encode(kText);
  size_t end = 0;
  for (const Token& token : tokens.list) {
    if (token.begin > token.end || token.end > kText.size() || token.begin < end) std::abort();
    end = token.end;
  }
  tokenizer.decode(tokens.ids(), true);
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
  useTokenizer(*tokenizerFromJson(json, "tokenizer.json", 65536));
}

void session(Bytes input) { parseView(std::string(textOf(input)), "fuzz.undercurrent"); }

void world(Bytes input) { useTokenizer(*worldTokenizer(textOf(input), "vocab.txt", 65536)); }

void sentencePiece(Bytes input) {
  useTokenizer(*sentencePieceTokenizer(textOf(input), Json(), "tokenizer.model", 65536));
}

void pickle(Bytes input) {
  const std::vector<std::string> storages = {std::string(64, '\1'), std::string(24, '\2')};
  const std::string file = test::zipFile(test::torchParts(std::string(textOf(input)), storages));
  readAll(*openTorchFile(std::make_unique<test::MemorySource>(file)));
}

void archive(Bytes input) {
  readAll(*openTorchFile(std::make_unique<test::MemorySource>(std::string(textOf(input)))));
}

void weightsIndex(Bytes input) { parseWeightsIndex(textOf(input), "model.safetensors.index.json"); }

void npy(Bytes input) {
  static const test::TemporaryFolder folder;
  readNpyFloats(folder.write("picture.npy", textOf(input)), {3, 2, 2});
}

void picture(Bytes input) { readImageHeader(textOf(input), "picture"); }

// `pickle` is one in a sound archive, `archive` the zip file itself.
constexpr Target kTargets[] = {
    {"safetensors", safetensorsHeader},
    {"config", config},
    {"tokenizer", tokenizer},
    {"session", session},
    {"world", world},
    {"sentencepiece", sentencePiece},
    {"pickle", pickle},
    {"archive", archive},
    {"index", weightsIndex},
    {"npy", npy},
    {"picture", picture},
};

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

}  // namespace uc::fuzz
