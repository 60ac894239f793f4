# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Small byte-level BPE tokenizers and what the `tokenizers` library makes of difficult texts.

Run through make_golden.py.
"""

import json
import random
from pathlib import Path

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

SEED = 20260101
VOCABULARY = 512
SMALL_VOCABULARY = 320

CORPUS = """
The implicit attention of a state space model is a matrix that nobody ever computes. The model reads the tokens one after the
other, keeps a small state, and writes what it has seen into the next layer. When we write the same sums in another order, the
matrix is there: every row is a token that asks, every column is a token that answers. It isn't softmax, and it doesn't sum to one.
I'm sure you've seen it; we'll look at it again, and they're going to say that he'd rather not. "Don't," she said, "that's mine."
The quick brown fox jumps over the lazy dog. In the beginning there was nothing, and then there were 10, 100, 1000 and 2026 things.
for (int i = 0; i < length; ++i) { sum += weights[i] * values[i]; }  // the loop
def forward(self, x):
    return self.out_proj(self.norm(x) * torch.sigmoid(x))
#include <vector>
https://example.org/index.html?query=attention&layer=12#section
Die unsichtbare Aufmerksamkeit ist größer, als man denkt. Schöne Grüße aus München! Was für ein Tag: über allen Gipfeln ist Ruh.
L'attention implicite des modèles à espace d'états n'est pas visible à l'œil nu. Où est passé l'été ? Ça va très bien, merci.
La atención implícita no está en ninguna parte, pero el niño pequeño la encontró mañana por la mañana en España.
Неявное внимание модели не видно, но его можно вычислить. Москва и река, слово за словом, строка за строкой.
Η προσοχή είναι παντού και πουθενά. Καλημέρα κόσμε.
隠れた注意は行列として計算できます。日本語の文章は空白を使いません。これは日本語です。
隐藏的注意力可以写成矩阵。中文的句子没有空格。这是中文。
숨은 주의는 행렬로 쓸 수 있습니다. 안녕하세요 세계.
الانتباه الضمني للنموذج غير مرئي. مرحبا بالعالم.
תשומת הלב אינה נראית. שלום עולם.
छिपा हुआ ध्यान एक आव्यूह है। नमस्ते दुनिया।
ความสนใจที่ซ่อนอยู่ สวัสดีชาวโลก
🙂 🦀 🎉 🙂🙂 👍 🎉🎉
"""

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
SPECIAL = "<|endoftext|>"

# Letters and digits of Unicode 15.0 (U+1E4D0), 15.1 (U+2EBF0) and 16.0 (U+1C89, U+16D40, U+16D70):
# older tables call them unassigned and split these texts otherwise than the library, which has
# Unicode 16.
NEWER_UNICODE = [
    "\U0001e4d0\U0001e4d1 a",
    "\U0002ebf0x",
    "\u1c89\u1c8a x",
    "\U00016d40 1\U00016d70",
]


def texts() -> list[str]:
    found = [
        # nothing and nearly nothing
        "",
        " ",
        "  ",
        "a",
        " a",
        "a ",
        " a ",
        "\n",
        "\t",
        "\r\n",
        "\r",
        ".",
        "\u00e9",
        "\0",
        # words
        "Hello world",
        " Hello world",
        "Hello  world",
        "Hello world ",
        "Hey how are you doing?",
        "hello",
        "HELLO",
        "HeLLo wOrLD",
        "The quick  brown\n\n\tfox's 123rd <|endoftext|> don't",
        "def f(x):\n    return x  # caf\u00e9 \u65e5\u672c\u8a9e",
        "a" + " " * 25 + "b",
        "e\u0301 x \n y",
        "a_b_c __init__ _x",
        "antidisestablishmentarianism",
        "a" * 300,
        "attention" * 12,
        "xqzj" * 40,
        # contractions
        "don't",
        "DON'T",
        "Don'T",
        "'s",
        "'s start",
        "it's",
        "it 's",
        "'S",
        "we've they're I'm you'll he'd can't",
        "WE'VE THEY'RE I'M YOU'LL HE'D",
        "'ll",
        "''s",
        "'''",
        "'",
        "' s",
        "'lls 'vex 'rest 'mm 'dd 'tt 'ss",
        "don\u2019t it\u2019s",
        "x's1't2'rey",
        "'s't're've'm'll'd",
        " 's 't",
        "  's",
        "'l",
        "'r",
        "'v e",
        # digits and numbers: Nd, Nl, No
        "123",
        "1 23 456",
        "3.14159",
        "1,000,000.00",
        "a1b2c3",
        "2026-01-31T23:59:59Z",
        "\u0661\u0662\u0663 \u0664",
        "\u2160\u2161\u2162 \u2163x \u2188",
        "x\u00b2 \u00bd cup \u00bc\u2153",
        "\u0967\u0968\u0969 \u0e51\u0e52 \uff11\uff12",
        "\u2460\u2461 \u2474 \u3007\u4e00\u4e8c\u4e09",
        "1\u0303 2\u20e3",
        "\U0001d7d8\U0001d7d9 \U00010140",
        # white space
        *(" " * n for n in (3, 4, 7, 8, 15, 16, 22, 23, 24, 25, 26, 47, 48, 49, 50, 59, 60)),
        "a  b",
        "a   b   c",
        "a" + " " * 24 + "b" + " " * 2 + "c",
        " " * 24 + "x",
        " " * 25 + "x",
        "x" + " " * 60,
        "x" + " " * 49 + "y",
        "\t\t\tx",
        "x\t",
        " \t \t",
        "\n\n\n",
        "\n \n  \n   x",
        "a\n\n\nb",
        "a\r\n\r\nb\r\n",
        "\r\r\n\n\r",
        " \n",
        "\n ",
        "a \nb",
        "a\n b",
        "  \n  ",
        "a  \n",
        "\t a \t b",
        "x \t\n\v\f y",
        "end  ",
        "end\n\n",
        "end \t ",
        "a\u00a0b",
        "\u00a0",
        "\u00a0\u00a0a",
        " \u00a0 a",
        "a\u2003b \u2003c",
        "\u3000\u3000\u65e5\u672c\u3000\u8a9e",
        "a\u200bb \u200b",
        "\ufeffbyte order",
        "a\ufeffb",
        "a\u0085b \u0085\u0085c",
        "a\u2028b\u2029c \u2028",
        "\u1680\u2000\u200a\u202f\u205f x",
        "a\u180eb \u180e",
        "\x1c\x1d\x1e\x1f x\x1cy",
        "a\u2060b",
        "  \u3000  x",
        "\u2000a \u2001b",  # NFC: U+2000 becomes U+2002
        # controls and rarely seen code points
        "a\0b\0\0c",
        "\x01\x02\x7f\x80\x9f",
        "\x1b[31mred\x1b[0m",
        "\ufffd \ufffda",
        "\ue000\uf8ff \U000f0000\U0010fffd",
        "\ufdd0 \ufffe \uffff \U0001ffff \U0010ffff",
        "\u0378 \u0379 a\u0380b",
        "\U000e0001\U000e0041 tag",
        "\u00ad soft\u00adhyphen",
        "\U0003fffd a",
        # CJK, kana, Hangul
        "\u65e5\u672c\u8a9e",
        "\u4e2d\u6587\u53e5\u5b50\uff0c\u6ca1\u6709\u7a7a\u683c\u3002",
        "\u3053\u308c\u306f\u65e5\u672c\u8a9e\u3067\u3059\u3002",
        "\u30ab\u3099\u30d1 \u304b\u3099",
        "\uff76\uff9e\uff8a\uff9f",
        "\uc548\ub155\ud558\uc138\uc694 \uc138\uacc4",
        "\u1112\u1161\u11ab\u1100\u1173\u11af",
        "\u1100\u1161 \u1100\u1161\u11a8 \uac00\u11a8 \u1100\u1100\u1161",
        "\uf900\uf90a \u2f800",
        "\U0002f800 \U00020000\U0002a6df",
        "\uff21\uff22\uff23 \uff41\uff42\uff43 \uff01\uff1f",
        "\u3400\u4dbf\u9fff",
        # emoji
        "\U0001f642",
        "\U0001f642\U0001f642 \U0001f980",
        FAMILY,
        f"a{FAMILY}b {FAMILY}",
        "\U0001f1e9\U0001f1ea\U0001f1ef\U0001f1f5",
        "\U0001f44d\U0001f3fd",
        "\u2764\ufe0f \u2764",
        "1\ufe0f\u20e3 #\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        # combining marks and normalization
        "e\u0301",
        "cafe\u0301",
        "caf\u00e9",
        "a\u0323\u0307",
        "a\u0307\u0323",
        "q\u0307\u0323",
        "\u1e69 s\u0323\u0307 s\u0307\u0323",
        "\u0301",
        " \u0301x",
        "x \u0301",
        "\u212b \u00c5 A\u030a",
        "\u2126 \u212a",
        "\ufb01 \ufb03 \ufb05",
        "\u0130stanbul I\u0307 i\u0307 \u0131",
        "\u0344 \u0340\u0341",
        "\u0958 \u0915\u093c",
        "\u05e9\u05bc\u05c1 \ufb2c",
        "\u0f71\u0f72\u0f74",
        "e\u0301\u0302\u0303\u0304\u0305",
        "o\u0302\u0301 \u1ed1",
        "\u1e9b\u0323",
        "a\u0301'\u0301s",
        "\u037e \u0387 \u1fef",
        "n\u0303o n\u0303\u0301",
        "u\u0308\u0304 \u01d6",
        "\u3042\u3099 \u0b47\u0b3e \u0dd9\u0dcf\u0dca",
        "\U0001d15e \U000110a5\U000110ba",
        "  e\u0301   e\u0301",
        "\u0338=\u0338<\u0338",
        # right to left, Indic, Thai and others
        "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
        "\u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627\u060c \u0663",
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
        "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
        "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e\u0964",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
        "\u041c\u043e\u0441\u043a\u0432\u0430 \u0439 \u0438\u0306",
        "\u039a\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1 \u1f04\u03bd\u03b8\u03c1\u03c9\u03c0\u03bf\u03c2",
        "\u0531\u0582 \u10d0\u10d1 \u12a0\u121b",
        "\u202eabc\u202c \u200fx",
        "Ti\u1ebfng Vi\u1ec7t Vi\u00ea\u0323t",
        "\u0bb5\u0ba3\u0b95\u0bcd\u0b95\u0bae\u0bcd",
        # astral planes
        "\U0001d49c\U0001d4b7 math",
        "\U00010330\U00010331 \U00012000",
        "x\U0001d538 \U0001f130",
        "\U00010400\U00010428",
        # code, addresses, punctuation
        "for (int i = 0; i < n; ++i) { a[i] += b[i]; }  // loop",
        "if x:\n\tpass\nelse:\n        y = {'a': 1}\n",
        "https://example.org/a/b?q=1&r=%20x#y",
        "user@example.org",
        "C:\\temp\\new.txt",
        "!!! ??? ... --- === ///",
        "a.b,c;d:e!f?g",
        " .a ,b",
        "$100 \u20ac50 \u00a35",
        "\u00ab\u00bb \u201cquoted\u201d \u2014 \u2026",
        "x=y+z*(a/b)%c^d&e|f~g",
        "<html><b>x</b></html>",
        "\\n \\t \\u0041",
        "[[1, 2], [3, 4]]",
        "#include <vector>\r\n#define X(a) ((a) * 2)\r\n",
        # special and added tokens in the text
        SPECIAL,
        f"{SPECIAL}a",
        f"a{SPECIAL}",
        f"a{SPECIAL}b",
        f"a {SPECIAL} b",
        f"{SPECIAL}{SPECIAL}",
        f"{SPECIAL} {SPECIAL}",
        f"  {SPECIAL}  ",
        f"{SPECIAL}<|padding|>{SPECIAL}",
        "<|padding|>x",
        "<|endoftext",
        "<|endoftext|",
        "|endoftext|>",
        "<<|endoftext|>>",
        "<|endoftext|><|endoftext",
        "<|ENDOFTEXT|>",
        "<| endoftext |>",
        f"e\u0301{SPECIAL}\u0301",
        f"{SPECIAL}'s",
        f"x{' ' * 30}{SPECIAL}{' ' * 3}y",
        "<|endo\u0301ftext|>",
        f"\n{SPECIAL}\n",
    ]
    return found + NEWER_UNICODE + flag_texts() + random_texts()


def flag_texts() -> list[str]:
    """For the added tokens of flags.json; ordinary text to the others."""
    return [
        "<s>",
        "<s>a<s> b",
        "x <left> y",
        "x   <left>   y",
        "<left>",
        " <left>",
        "\n\t <left><left> ",
        "x <right> y",
        "x   <right>   y",
        "<right>\n\n<right>",
        "x \u3000<left>\u3000y",
        "x\u00a0<right>\u00a0\u2003y",
        "x <both> y",
        "<both>  <both>",
        "  <both>  ",
        "a <right>   <left> b",
        "a <both>  <left>  <right>  <both> b",
        "word",
        "a word b",
        "words",
        "sword",
        "word-word",
        "word_word",
        "_word",
        "word1 1word word.",
        "wordword word",
        "\u00e9word word\u00e9",
        "word\u0301 word",
        "\u65e5word\u672c",
        "(word)",
        "word\U0001f642word",
        "<a>",
        "<a><b>",
        "<a><b",
        "<a><a><b>",
        "<a><b><c>",
        "<a><b><c",
        "ab",
        "abc",
        "abcd",
        "abcde",
        "xabcx abxabcd",
        "aabcdd",
        "h\u00e9llo",
        "he\u0301llo",
        "xh\u00e9llox",
        "H\u00c9LLO",
        "na\u00efve",
        "nai\u0308ve",
        "\u65e5\u672c",
        "\u65e5\u672c\u8a9e",
        "\u65e5\u65e5\u672c\u672c",
        "\U0001f980",
        "a\U0001f980b\U0001f980",
        "\U0001f980\u200d\U0001f980",
        "a  b",
        "<left>  <right>  x",
        "<s> <s>",
        "<left",
        "<right>>",
        "<mask><left><right>word",
        " word ",
        "h\u00e9lloword word",
    ]


def random_texts() -> list[str]:
    rng = random.Random(SEED)
    pieces = [
        *"abcdefghijklmnopqrstuvwxyzABCDEFGXYZ0123456789",
        *".,;:!?'\"()[]{}<>|/\\@#$%^&*-_=+~`",
        " ",
        " ",
        " ",
        "  ",
        "   ",
        " " * 24,
        " " * 26,
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "\v",
        "\0",
        "\u00a0",
        "\u2003",
        "\u3000",
        "\u0085",
        "\u2028",
        "\u200b",
        "\ufeff",
        "'s",
        "'t",
        "'LL",
        "'ll",
        "the",
        " the",
        " attention",
        "ing",
        "\u00e9",
        "e\u0301",
        "o\u0323\u0302",
        "\u0301",
        "\u0307",
        "\u0323",
        "\u212b",
        "\ufb01",
        "\u00df",
        "\u0130",
        "\u00b2",
        "\u00bd",
        "\u2163",
        "\u0664",
        "\u65e5",
        "\u672c\u8a9e",
        "\u4e2d\u6587",
        "\uac00",
        "\u1100\u1161",
        "\u11a8",
        "\u0645\u0631",
        "\u05e9\u05c1",
        "\u0928\u094d",
        "\u0e2a\u0e31",
        "\u0416",
        "\u03a9",
        "\U0001f642",
        FAMILY,
        "\U0001f1ef\U0001f1f5",
        "\U0001d49c",
        "\ufffd",
        "\ue000",
        "\uffff",
        SPECIAL,
        "<|padding|>",
        "<|endof",
        "<left>",
        "<right>",
        "<both>",
        "word",
        "<a>",
        "<b>",
        "abcd",
        "h\u00e9llo",
    ]
    found = []
    for limit in [6] * 8 + [20] * 10 + [60] * 8 + [150] * 3 + [400] * 2:
        text = ""
        while len(text) < limit:
            text += rng.choice(pieces)
        found.append(text[:limit])
    return found


# ---- the tokenizers ------------------------------------------------------------------------------


def train(size: int) -> Tokenizer:
    """A BPE of `size` entries with <|endoftext|> and <|padding|> in front, as the GPT-NeoX-20B tokenizer has them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[SPECIAL, "<|padding|>"],
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    tokenizer.train_from_iterator(CORPUS.splitlines(keepends=True), trainer)
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=True)
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=True)
    return tokenizer


def neox() -> Tokenizer:
    tokenizer = train(VOCABULARY)
    tokenizer.add_tokens(
        [AddedToken(" " * n, normalized=True, special=False) for n in range(24, 1, -1)]
    )
    return tokenizer


def flags() -> Tokenizer:
    """Every flag of added tokens, contents outside ASCII, contents that begin alike, and a token put in front."""
    tokenizer = train(SMALL_VOCABULARY)
    tokenizer.add_special_tokens(
        [
            AddedToken("<s>", normalized=False),
            AddedToken("<left>", lstrip=True, normalized=False),
            AddedToken("<right>", rstrip=True, normalized=False),
            AddedToken("<both>", lstrip=True, rstrip=True, normalized=False),
            AddedToken("<mask>", lstrip=True, normalized=False),
            AddedToken("\U0001f980", normalized=False),
        ]
    )
    tokenizer.add_tokens(
        [
            AddedToken("word", single_word=True, normalized=False),
            AddedToken("<a>", normalized=False),
            AddedToken("<a><b>", normalized=False),
            AddedToken("<a><b><c>", normalized=False),
            AddedToken("ab", normalized=True),
            AddedToken("abcd", normalized=True),
            AddedToken("abc", normalized=True),
            AddedToken("h\u00e9llo", normalized=True),
            AddedToken("nai\u0308ve", normalized=True),
            AddedToken("\u65e5\u672c", normalized=False),
            AddedToken("  ", normalized=True),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A",
        pair="<s> $A <s> $B",
        special_tokens=[("<s>", tokenizer.token_to_id("<s>"))],
    )
    return tokenizer


def gpt2() -> Tokenizer:
    """As GPT-2's: no normalizer; here with the space put in front of every piece that does not begin with one."""
    tokenizer = train(SMALL_VOCABULARY)
    tokenizer.normalizer = None
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True, trim_offsets=True)
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=True, trim_offsets=False)
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=True, trim_offsets=True)
    return tokenizer


def as_published(tokenizer: Tokenizer) -> dict:
    """In the shape of the published GPT-NeoX-20B file: merges as "a b", no keys that came later."""
    data = json.loads(tokenizer.to_str())
    data["model"]["merges"] = [" ".join(pair) for pair in data["model"]["merges"]]
    for key in ("byte_fallback", "ignore_merges"):
        data["model"].pop(key, None)
    for part in ("pre_tokenizer", "post_processor", "decoder"):
        data[part].pop("use_regex", None)
        data[part]["add_prefix_space"] = False
    return data


# ---- golden values -------------------------------------------------------------------------------


def byte_alphabet() -> dict[str, int]:
    """The printable character of every byte, turned round."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(256 + n): byte for n, byte in enumerate(others)
    }


ALPHABET = byte_alphabet()


class Golden:
    def __init__(self, file: Path):
        self.tokenizer = Tokenizer.from_file(str(file))
        data = json.loads(file.read_text())
        self.added = {token["id"]: token for token in data["added_tokens"]}
        self.prefix_space = data["pre_tokenizer"]["add_prefix_space"]

    def bytes_of(self, token: int) -> bytes:
        if token in self.added:
            return self.added[token]["content"].encode()
        return bytes(ALPHABET[character] for character in self.tokenizer.id_to_token(token))

    def tiled(
        self, text: str, ids: list[int], offsets: list[list[int]], in_front: int
    ) -> list[list[int]] | None:
        """Spans that tile the text's bytes, or None where the normalizer changed the text."""
        normalizer = self.tokenizer.normalizer
        if normalizer and normalizer.normalize_str(text) != text:
            return None
        data = text.encode()
        spans = [[0, 0]] * in_front
        at = 0
        piece_begins = True
        for token, (begin, end) in zip(ids[in_front:], offsets[in_front:], strict=True):
            if token in self.added:
                # An added token covers what the library says, white space that lstrip and rstrip
                # swallow included; only a post-processor that trims offsets would take away the
                # spaces of a run of spaces.
                length = end - begin if end > begin else len(self.bytes_of(token))
                assert end == begin or begin == at, (text, token, begin, at)
                piece_begins = True
            else:
                stands_for = self.bytes_of(token)
                if piece_begins and self.prefix_space and data[at : at + 1] != b" ":
                    assert stands_for[:1] == b" ", (text, token)
                    stands_for = stands_for[1:]  # the space in front is not in the text
                length = len(stands_for)
                assert data[at : at + length] == stands_for, (text, token, at)
                piece_begins = False
            spans.append([at, at + length])
            at += length
        assert at == len(data), (text, at)
        return spans

    def encode(self, text: str) -> dict:
        encoding = self.tokenizer.encode(text)
        starts = [0]
        for character in text:
            starts.append(starts[-1] + len(character.encode()))
        offsets = [[starts[begin], starts[end]] for begin, end in encoding.offsets]
        in_front = len(encoding.ids) - len(
            self.tokenizer.encode(text, add_special_tokens=False).ids
        )
        case = {
            "text": text,
            "ids": encoding.ids,
            "offsets_bytes": offsets,
            "bytes": " ".join(self.bytes_of(token).hex() for token in encoding.ids),
            "tiled": self.tiled(text, encoding.ids, offsets, in_front),
        }
        return case | {"sensitive": True} if text in NEWER_UNICODE else case

    def decode(self, ids: list[int], skip_special: bool) -> dict:
        text = self.tokenizer.decode(ids, skip_special_tokens=skip_special)
        return {"ids": ids, "skip_special_tokens": skip_special, "text": text}


def decode_sequences(golden: Golden, cases: list[dict]) -> list[list[int]]:
    rng = random.Random(SEED + 1)
    size = golden.tokenizer.get_vocab_size()
    found = [
        [],
        [0],
        [1],
        [0, 0],
        [0, 1, 0],
        [size + 1000],
        list(range(min(size, 40))),
        list(range(size - 30, size)),
    ]
    wanted = {
        "Hello world",
        FAMILY,
        "cafe\u0301",
        "\u65e5\u672c\u8a9e",
        "  <both>  ",
        f"a{SPECIAL}b",
        "a\0b\0\0c",
        " " * 60,
        "e\u0301 x \n y",
    }
    texts_taken = [case["ids"] for case in cases if case["text"] in wanted]
    found += texts_taken
    found += [ids[1:] for ids in texts_taken] + [
        ids[:-1] for ids in texts_taken
    ]  # characters cut in two
    found += [
        [rng.randrange(size) for _ in range(length)]
        for length in [1] * 12 + [3] * 10 + [12] * 10 + [60] * 3
    ]
    return found


def write_lines(file: Path, entries: list[dict]) -> None:
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
    file.write_text(f"[\n{lines}\n]\n")


def make(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    tokenizer = neox()
    old, new = as_published(tokenizer), json.loads(tokenizer.to_str())
    files = {
        "neox-small": old,
        "neox-small-pairs": new,
        "flags": json.loads(flags().to_str()),
        "gpt2-style": json.loads(gpt2().to_str()),
    }
    inputs = list(dict.fromkeys(texts()))
    written = {}
    for name, data in files.items():
        file = root / f"{name}.json"
        file.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
        golden = Golden(file)
        cases = [golden.encode(text) for text in inputs]
        decoded = [
            golden.decode(ids, skip)
            for ids in decode_sequences(golden, cases)
            for skip in (False, True)
        ]
        written[name] = (cases, decoded)
        write_lines(root / f"{name}.golden.json", cases)
        write_lines(root / f"{name}.decode.json", decoded)
        tiled = sum(case["tiled"] is not None for case in cases)
        print(
            f"{name}: {golden.tokenizer.get_vocab_size()} tokens, {len(cases)} texts ({tiled} tiled), {len(decoded)} decodings"
        )
    assert written["neox-small"] == written["neox-small-pairs"]
