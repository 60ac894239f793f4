# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Tokenizers of the other shapes: Gemma's, Llama's and Falcon's tokenizer.json, SentencePiece models, RWKV's World.

Run through make_golden.py. The libraries that answer are `tokenizers`, `sentencepiece` and `rwkv`.
"""

import contextlib
import io
import json
import random
import re
import tempfile
from pathlib import Path

import rwkv
import sentencepiece
from make_golden_tokenizer import CORPUS, SEED, SPECIAL, decode_sequences, texts, train, write_lines
from rwkv.rwkv_tokenizer import TRIE_TOKENIZER
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SPACE = "\u2581"
LATIN = [line for line in CORPUS.splitlines() if max(line, default="") < "\u0250"]
MORE_TEXTS = [
    f"{SPACE}",
    f"a{SPACE}b {SPACE} c",
    f"{SPACE}{SPACE}{SPACE}x",
    f" {SPACE}",
    "\n\n",
    "a\n\n\n\nb\n\n\n",
    "a\t\tb\t",
    "<bos>",
    "<bos>x<eos> <pad>",
    "<unk>",
    "<s>x</s>",
    "<start_of_turn>user\nHi there<end_of_turn>\n<start_of_turn>model\n",
    "<start_of_turn",
    "<table> <table>",
    "<0x41>",
    "<0x09>\t",
    "a<0xE2>b",
    "the the  the   the    the",
    "   the",
    "the   ",
    "\u0410\u00a0\u2126\ufb01 \u00bd",
    "A\u200dB",
    "x" * 33 + " " * 33,
    "the model\r\nreads the\0tokens",
]


def chosen_texts() -> list[str]:
    """Every second text of the byte-level tokenizers', and those that only these shapes care about."""
    return list(dict.fromkeys(texts()[::2] + MORE_TEXTS))


def byte_starts(text: str) -> list[int]:
    return [len(text[:end].encode()) for end in range(len(text) + 1)]


# ---- tokenizer.json ------------------------------------------------------------------------------


def gemma() -> dict:
    """Gemma's shape: ids 0 to 3, newline runs, turns, 256 bytes (a TAB for <0x09>), pieces; nothing splits the text."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("\n", "isolated"), pre_tokenizers.Metaspace(prepend_scheme="never")]
    )
    trainer = trainers.BpeTrainer(vocab_size=330, show_progress=False)
    trained.train_from_iterator([line + "\n" for line in LATIN], trainer)
    model = json.loads(trained.to_str())["model"]
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    runs = ["\n" * n for n in range(2, 6)] + ["<table>", SPACE * 2, SPACE * 3]
    tokens = special + runs + [f"<0x{byte:02X}>" for byte in range(256)]
    tokens[tokens.index("<0x09>")] = "\t"
    tokens += [piece for piece in model["vocab"] if piece not in tokens]
    model |= {
        "unk_token": "<unk>",
        "fuse_unk": True,
        "byte_fallback": True,
        "vocab": {token: n for n, token in enumerate(tokens)},
    }
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": n, "content": token, **plain, "special": token in special}
            for n, token in enumerate(special + runs)
        ],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "<bos>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": side, "type_id": 0}} for side in "AB"],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [2], "tokens": ["<bos>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": model,
    }


def llama() -> dict:
    """Llama's older shape: a space in front of every stretch of text, stripped again by the decoder."""
    data = gemma()
    data["normalizer"] = {
        "type": "Sequence",
        "normalizers": [{"type": "Prepend", "prepend": SPACE}, data["normalizer"]],
    }
    data["pre_tokenizer"] = None
    data["decoder"]["decoders"].append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return data


def metaspace(scheme: str, split: bool, fallback: bool) -> dict:
    data = gemma()
    data["normalizer"] = None
    data["pre_tokenizer"] = {
        "type": "Metaspace",
        "replacement": SPACE,
        "prepend_scheme": scheme,
        "split": split,
    }
    data["decoder"] = data["pre_tokenizer"]
    data["model"]["byte_fallback"] = fallback
    return data


def falcon() -> dict:
    """Falcon's chain: punctuation, byte level, digits, and three digits a token."""
    tokenizer = train(320)
    tokenizer.normalizer = None
    tokenizer.add_special_tokens([AddedToken(">>TITLE<<", normalized=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("contiguous"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
            pre_tokenizers.Digits(individual_digits=False),
        ]
    )
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=True)
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False)
    data = json.loads(tokenizer.to_str())
    data["pre_tokenizer"]["pretokenizers"].append(
        {
            "type": "Split",
            "pattern": {"Regex": "[0-9][0-9][0-9]"},
            "behavior": "Isolated",
            "invert": False,
        }
    )
    return data


class Shaped:
    """One tokenizer.json of the shapes above and the library's answers."""

    def __init__(self, file: Path):
        self.tokenizer = Tokenizer.from_file(str(file))
        data = json.loads(file.read_text())
        self.added = {token["id"]: token["content"] for token in data["added_tokens"]}
        self.byte_level = data["normalizer"] is None and "pretokenizers" in data["pre_tokenizer"]
        normalizer, pre_tokenizer = data["normalizer"] or {}, data["pre_tokenizer"] or {}
        self.prepends = "normalizers" in normalizer
        self.scheme = pre_tokenizer.get("prepend_scheme", "never")

    def in_front(self, data: bytes, at: int) -> bool:
        """Whether a space that is not in the text is put in front of the stretch that begins at `at`."""
        if self.prepends:
            return True
        wanted = self.scheme == "always" or (self.scheme == "first" and at == 0)
        return wanted and not data[at:].startswith((b" ", SPACE.encode()))

    def tiled(self, text: str, ids: list[int], ends: list[int]) -> list[list[int]]:
        """Spans that tile the text's bytes, walking over the text with the tokens' own characters."""
        data = text.encode()
        spans = []
        at = 0
        begins = True
        for token, library_end in zip(ids, ends, strict=True):
            name = self.tokenizer.id_to_token(token)
            begin = at
            if token in self.added or name == "<unk>":
                assert library_end >= at
                at = library_end
            elif re.fullmatch("<0x[0-9A-F]{2}>", name):
                assert data[at] == int(name[3:5], 16)
                at += 1
            else:
                for character in name:
                    if character == SPACE and begins and self.in_front(data, at):
                        pass
                    elif character == SPACE and data[at : at + 1] == b" ":
                        at += 1
                    else:
                        assert data[at:].startswith(character.encode()), (text, name, at)
                        at += len(character.encode())
                    begins = False
            begins = token in self.added and name != "<unk>"
            spans.append([begin, at])
        assert at == len(data) or not ids, (text, at)
        return spans

    def encode(self, text: str) -> dict:
        encoding = self.tokenizer.encode(text)
        starts = byte_starts(text)
        body = self.tokenizer.encode(text, add_special_tokens=False)
        in_front = len(encoding.ids) - len(body.ids)
        case = {"text": text, "ids": encoding.ids}
        if not self.byte_level:
            ends = [starts[end] for _, end in body.offsets]
            case["tiled"] = [[0, 0]] * in_front + self.tiled(text, body.ids, ends)
        return case

    def decode(self, ids: list[int], skip_special: bool) -> dict:
        text = self.tokenizer.decode(ids, skip_special_tokens=skip_special)
        return {"ids": ids, "skip_special_tokens": skip_special, "text": text}


def make_shaped(root: Path) -> None:
    shapes = {
        "gemma-small": gemma(),
        "llama-small": llama(),
        "metaspace-first": metaspace("first", False, True),
        "metaspace-split": metaspace("always", True, False),
        "falcon-small": falcon(),
    }
    for name, data in shapes.items():
        file = root / f"{name}.json"
        file.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
        golden = Shaped(file)
        cases = [golden.encode(text) for text in chosen_texts()]
        decoded = [
            golden.decode(ids, skip)
            for ids in decode_sequences(golden, cases)
            for skip in (False, True)
        ]
        write_lines(root / f"{name}.golden.json", cases)
        write_lines(root / f"{name}.decode.json", decoded)
        print(f"{name}: {golden.tokenizer.get_vocab_size()} tokens, {len(cases)} texts")


# ---- SentencePiece -------------------------------------------------------------------------------

SENTENCEPIECE = {
    "spm-gemma": {
        "model_type": "bpe",
        "vocab_size": 396,
        "byte_fallback": True,
        "normalization_rule_name": "identity",
        "add_dummy_prefix": False,
        "remove_extra_whitespaces": False,
        "user_defined_symbols": ["<start_of_turn>", "\n\n", "\n\n\n", SPACE * 2, SPACE * 3, "the"],
        "pad_id": 0,
        "eos_id": 1,
        "bos_id": 2,
        "unk_id": 3,
    },
    "spm-llama": {
        "model_type": "bpe",
        "vocab_size": 380,
        "byte_fallback": True,
        "normalization_rule_name": "identity",
        "remove_extra_whitespaces": False,
    },
    "spm-unigram": {
        "model_type": "unigram",
        "vocab_size": 200,
        "normalization_rule_tsv": "rules.tsv",
        "user_defined_symbols": ["<table>", "ment"],
    },
    "spm-suffix": {
        "model_type": "unigram",
        "vocab_size": 360,
        "byte_fallback": True,
        "normalization_rule_name": "identity",
        "treat_whitespace_as_suffix": True,
    },
}
RULES = {"\u00a0": " ", "\u2126": "\u03a9", "\ufb01": "fi", "A": "a", "AB": "x", "e\u0301": "\u00e9", "\u200d": ""}


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def with_unused(model: bytes, every: int) -> bytes:
    """The model with every so manyth normal piece marked as unused (type 5), the last of its fields."""
    out = b""
    at = count = 0
    while at < len(model):
        begin = at
        tag, at = varint(model, at)
        size, at = varint(model, at)
        field = model[at : at + size]
        at += size
        if tag == 0x0A and len(field) == field[1] + 7 and field[1] > 2:  # text and score: a normal piece
            count += 1
            if count % every == 0:
                out += bytes([tag, size + 2]) + field + b"\x18\x05"
                continue
        out += model[begin:at]
    return out


def train_sentencepiece(options: dict) -> bytes:
    if "normalization_rule_tsv" in options:
        lines = [
            "\t".join(" ".join(f"{ord(c):X}" for c in side) for side in rule) for rule in RULES.items()
        ]
        Path(options["normalization_rule_tsv"]).write_text("\n".join(lines) + "\n")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LATIN),
        model_writer=model,
        character_coverage=0.99,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    return model.getvalue()


class SentencePiece:
    def __init__(self, model: bytes):
        self.processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.tokenizer = self

    def get_vocab_size(self) -> int:
        return self.processor.get_piece_size()

    def encode(self, text: str) -> dict:
        pieces = self.processor.encode(text, out_type="immutable_proto").pieces
        starts = byte_starts(text)
        return {
            "text": text,
            "ids": [piece.id for piece in pieces],
            "ends": [starts[piece.end] for piece in pieces],
        }

    def decode(self, ids: list[int]) -> dict:
        return {"ids": ids, "text": self.processor.decode(ids)}


def make_sentencepiece(root: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # the path is kept in the model
        made = {name: train_sentencepiece(options) for name, options in SENTENCEPIECE.items()}
    made["spm-unused"] = with_unused(made["spm-gemma"], 3)
    for name, model in made.items():
        (root / f"{name}.model").write_bytes(model)
        golden = SentencePiece(model)
        size = golden.get_vocab_size()
        cases = [golden.encode(text) for text in chosen_texts()]
        sequences = [
            ids for ids in decode_sequences(golden, cases) if all(token < size for token in ids)
        ]
        write_lines(root / f"{name}.golden.json", cases)
        write_lines(root / f"{name}.decode.json", [golden.decode(ids) for ids in sequences])
        print(f"{name}: {size} pieces, {len(model)} bytes, {len(cases)} texts")


# ---- RWKV World ----------------------------------------------------------------------------------


def make_world(root: Path) -> None:
    world = TRIE_TOKENIZER(str(Path(rwkv.__file__).parent / "rwkv_vocab_v20230424.txt"))
    inputs = [text.encode() for text in dict.fromkeys(texts() + MORE_TEXTS + [SPECIAL, CORPUS])]
    rng = random.Random(SEED + 2)
    inputs += [rng.randbytes(size) for size in (1, 2, 3, 5, 8, 13, 40, 100)]  # hardly ever valid UTF-8
    cases = [{"hex": data.hex(), "ids": world.encodeBytes(data)} for data in inputs]
    write_lines(root / "world.golden.json", cases)
    print(f"world: {len(world.idx2token)} tokens, {len(cases)} texts")


def make(root: Path) -> None:
    make_shaped(root)
    make_sentencepiece(root)
    make_world(root)
