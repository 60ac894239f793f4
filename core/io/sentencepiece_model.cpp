// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/sentencepiece_model.h"

#include "core/io/protobuf.h"
#include "core/io/token_decoder.h"
#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <cmath>

namespace uc {

namespace {

constexpr size_t kMostPieces = size_t{1} << 20;
constexpr size_t kLongestPiece = 512;  // bytes; bounds the time a hostile model can cost

std::string textField(const ProtobufReader& field, const std::string& where) {
  const std::string_view text = field.bytes();
  if (firstInvalidUtf8(text) != std::string_view::npos) {
    failTokenizer(fmt::format("The text of the field {} is not valid UTF-8.", field.number()), where);
  }
  if (text.size() > kLongestPiece) {
    failTokenizer(fmt::format("The text of the field {} has {} bytes, more than {}.", field.number(),
                              text.size(), kLongestPiece),
                  where);
  }
  return std::string(text);
}

SentencePieceModel::Piece pieceOf(ProtobufReader field, const std::string& where) {
  SentencePieceModel::Piece piece;
  while (field.next()) {
    if (field.number() == 1) {
      piece.text = textField(field, where);
    } else if (field.number() == 2) {
      piece.score = field.real();
    } else if (field.number() == 3) {
      const uint64_t type = field.integer();
      if (type < 1 || type > 6) failTokenizer(fmt::format("There is no type of piece {}.", type), where);
      piece.type = static_cast<SentencePieceModel::Type>(type);
    }
  }
  if (piece.text.empty()) failTokenizer("A piece is empty.", where);
  if (piece.text.find('\0') != std::string::npos) failTokenizer("A piece holds the character NUL.", where);
  if (!std::isfinite(piece.score)) failTokenizer("The score of a piece is not a finite number.", where);
  return piece;
}

void readTrainer(ProtobufReader field, const std::string& where, SentencePieceModel& model) {
  while (field.next()) {
    switch (field.number()) {
      case 3: {
        const uint64_t type = field.integer();
        if (type != 1 && type != 2) {
          failTokenizer(fmt::format("The model is of type {}, neither Unigram (1) nor BPE (2).", type),
                        where);
        }
        model.isUnigram = type == 1;
        break;
      }
      case 24:
        model.spaceIsSuffix = field.boolean();
        break;
      case 35:
        model.fallsBackToBytes = field.boolean();
        break;
      case 44:
        model.unknownSurface = textField(field, where);
        break;
      case 46:
        model.beginPiece = textField(field, where);
        break;
      case 47:
        model.endPiece = textField(field, where);
        break;
      default:
        break;
    }
  }
}

void readNormalizer(ProtobufReader field, SentencePieceModel& model) {
  while (field.next()) {
    if (field.number() == 2) model.charsmap = field.bytes();
    if (field.number() == 3) model.addsDummyPrefix = field.boolean();
    if (field.number() == 4) model.removesExtraSpaces = field.boolean();
    if (field.number() == 5) model.escapesSpaces = field.boolean();
  }
}

/// Rules that change a text after decoding: no model in use has them.
void refuseDenormalizer(ProtobufReader field, const std::string& where) {
  while (field.next()) {
    if (field.number() == 2 && !field.bytes().empty()) {
      failTokenizer("The model's rules of denormalization are not supported.", where);
    }
  }
}

void indexPiece(SentencePieceModel& model, size_t index, const std::string& where) {
  const SentencePieceModel::Piece& piece = model.pieces[index];
  const auto id = static_cast<int32_t>(index);
  const std::string here = fmt::format("{}, piece {}", where, id);
  if (!model.ids.emplace(piece.text, id).second) {
    failTokenizer(fmt::format("The piece {} is there twice.", printable(piece.text, 80)), here);
  }
  if (piece.type == SentencePieceModel::Type::Unknown) {
    if (model.unknown >= 0) failTokenizer("Two pieces are the unknown one.", here);
    model.unknown = id;
  }
  if (piece.type == SentencePieceModel::Type::Byte) {
    const auto byte = byteOfToken(piece.text);
    if (!byte) failTokenizer(fmt::format("The piece {} is no byte.", printable(piece.text, 80)), here);
    int32_t& slot = model.bytes[static_cast<unsigned char>(*byte)];
    if (slot >= 0) failTokenizer(fmt::format("Two pieces are the byte {}.", piece.text), here);
    slot = id;
  }
}

void check(SentencePieceModel& model, const std::string& where, int64_t rows) {
  if (model.pieces.empty()) failTokenizer("The model has no pieces.", where);
  if (static_cast<int64_t>(model.pieces.size()) > rows) {
    failTokenizer(
        fmt::format("The model has {} pieces, but the embedding has {} rows.", model.pieces.size(), rows),
        where);
  }
  model.bytes.fill(-1);
  for (size_t n = 0; n < model.pieces.size(); ++n) indexPiece(model, n, where);
  if (model.unknown < 0) failTokenizer("No piece is the unknown one.", where);
  if (!model.fallsBackToBytes) return;
  for (size_t byte = 0; byte < model.bytes.size(); ++byte) {
    if (model.bytes[byte] < 0) failTokenizer(fmt::format("No piece is the byte <0x{:02X}>.", byte), where);
  }
}

}  // namespace

int32_t SentencePieceModel::controlId(const std::string& name) const {
  const auto found = ids.find(name);
  if (found == ids.end()) return -1;
  return pieces[static_cast<size_t>(found->second)].type == Type::Control ? found->second : -1;
}

SentencePieceModel parseSentencePieceModel(std::string_view file, const std::string& where, int64_t rows) {
  SentencePieceModel model;
  ProtobufReader field(file, where);
  while (field.next()) {
    switch (field.number()) {
      case 1:
        if (model.pieces.size() == kMostPieces) {
          failTokenizer(fmt::format("There are more than {} pieces.", kMostPieces), where);
        }
        model.pieces.push_back(
            pieceOf(field.message(), fmt::format("{}, piece {}", where, model.pieces.size())));
        break;
      case 2:
        readTrainer(field.message(), where + ", trainer_spec", model);
        break;
      case 3:
        readNormalizer(field.message(), model);
        break;
      case 5:
        refuseDenormalizer(field.message(), where + ", denormalizer_spec");
        break;
      default:
        break;
    }
  }
  check(model, where, rows);
  return model;
}

}  // namespace uc
