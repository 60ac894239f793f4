// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/world_vocabulary.h"

#include <zlib.h>

#include <new>
#include <span>
#include <stdexcept>

// resources/tokenizer/rwkv_vocab_v20230424.txt.gz, put into the program by world_built_in_data.S.
extern "C" const unsigned char uc_world_vocabulary[];
extern "C" const unsigned char uc_world_vocabulary_end[];

namespace uc {

std::string builtInWorldVocabulary() {
  const std::span<const unsigned char> file(uc_world_vocabulary, uc_world_vocabulary_end);
  uint32_t length = 0;  // a gzip file ends with the length of what it holds, little-endian
  for (size_t n = 1; n <= 4; ++n) length = length << 8 | file[file.size() - n];
  std::string text(length, '\0');
  z_stream stream = {};
  stream.next_in = const_cast<Bytef*>(file.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(file.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = length;
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) throw std::bad_alloc();
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::logic_error("the built-in World vocabulary is broken");
  return text;
}

}  // namespace uc
