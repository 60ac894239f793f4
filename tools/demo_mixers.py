# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""The demo language models as torch modules, named as Hugging Face transformers names them.

FAMILIES maps a family to its class and its config.json. Each model has forward(ids, drop):
ids [batch, length] to logits [batch, length, vocabulary]; drop is the share of a block's output
that is left out while training.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

from demo_scans import STATE, LinearScan, SelectiveScan, head_scan
from demo_text import VOCAB

HIDDEN, LAYERS, EXPAND, KERNEL, RANK = 96, 6, 2, 4, 6
INNER = HIDDEN * EXPAND
HEADS, HEAD_STATE = 12, 32                    # Mamba-2
GATE_HEADS, WINDOW, FEED, CAP = 4, 128, 144, 30.0  # Griffin
RWKV_FEED = 96

TOKENS = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0, "torch_dtype": "float16"}
COMMON = {"vocab_size": VOCAB, "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "use_cache": True}
MAMBA_CONFIG = {
    "architectures": ["MambaForCausalLM"], "model_type": "mamba", "vocab_size": VOCAB,
    "hidden_size": HIDDEN, "intermediate_size": INNER, "expand": EXPAND, "state_size": STATE,
    "num_hidden_layers": LAYERS, "conv_kernel": KERNEL, "time_step_rank": RANK,
    "use_bias": False, "use_conv_bias": True, "hidden_act": "silu", "layer_norm_epsilon": 1e-5,
    "residual_in_fp32": True, "initializer_range": 0.02, "bos_token_id": 0, "eos_token_id": 0,
    "pad_token_id": 0, "tie_word_embeddings": True, "torch_dtype": "float16", "use_cache": True,
}
MAMBA2_CONFIG = {
    "architectures": ["Mamba2ForCausalLM"], "model_type": "mamba2", **COMMON, "expand": EXPAND,
    "state_size": HEAD_STATE, "num_heads": HEADS, "head_dim": INNER // HEADS, "n_groups": 1,
    "conv_kernel": KERNEL, "chunk_size": 256, "use_bias": False, "use_conv_bias": True,
    "hidden_act": "silu", "layer_norm_epsilon": 1e-5, "rms_norm": True, "residual_in_fp32": True,
    "tie_word_embeddings": True, **TOKENS,
}
GRIFFIN_CONFIG = {
    "architectures": ["RecurrentGemmaForCausalLM"], "model_type": "recurrent_gemma", **COMMON,
    "intermediate_size": 2 * FEED, "lru_width": HIDDEN, "num_attention_heads": GATE_HEADS,
    "num_key_value_heads": 1, "head_dim": HIDDEN // GATE_HEADS, "attention_window_size": WINDOW,
    "attention_bias": False, "attention_dropout": 0.0, "conv1d_width": KERNEL,
    "block_types": ["recurrent", "recurrent", "attention"], "logits_soft_cap": CAP,
    "hidden_activation": "gelu_pytorch_tanh", "rms_norm_eps": 1e-6, "partial_rotary_factor": 0.5,
    "rope_theta": 10000.0, "rope_parameters": {
        "rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5},
    "tie_word_embeddings": True, **TOKENS,
}
RWKV_CONFIG = {
    "architectures": ["RwkvForCausalLM"], "model_type": "rwkv", **COMMON,
    "attention_hidden_size": HIDDEN, "intermediate_size": RWKV_FEED, "context_length": 1024,
    "layer_norm_epsilon": 1e-5, "rescale_every": 0, "tie_word_embeddings": False, **TOKENS,
}


def causal_conv(x, conv):
    """Depthwise, over the second axis of x [batch, length, channels]."""
    length = x.shape[1]
    padded = F.pad(x, (0, 0, KERNEL - 1, 0))
    c = conv.bias
    for k in range(KERNEL):
        c = c + padded[:, k:k + length] * conv.weight[:, 0, k]
    return c


def depthwise(channels):
    return nn.Conv1d(channels, channels, KERNEL, groups=channels)


def time_step_bias(count):
    """softplus of it is spread over 0.001 … 0.1, evenly in the logarithm."""
    dt = torch.exp(torch.rand(count) * math.log(100)) * 1e-3
    return dt + torch.log(-torch.expm1(-dt))


class MambaMixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.in_proj = nn.Linear(HIDDEN, 2 * INNER, bias=False)
        self.conv1d = depthwise(INNER)
        self.x_proj = nn.Linear(INNER, RANK + 2 * STATE, bias=False)
        self.dt_proj = nn.Linear(RANK, INNER)
        self.A_log = nn.Parameter(torch.arange(1.0, STATE + 1).log().repeat(INNER, 1))
        self.D = nn.Parameter(torch.ones(INNER))
        self.out_proj = nn.Linear(INNER, HIDDEN, bias=False)
        with torch.no_grad():
            self.dt_proj.bias.copy_(time_step_bias(INNER))
            self.dt_proj.weight.uniform_(-RANK ** -0.5, RANK ** -0.5)
            self.out_proj.weight /= math.sqrt(LAYERS)

    def forward(self, u):
        x, z = self.in_proj(u).chunk(2, -1)
        a = F.silu(causal_conv(x, self.conv1d))
        low, B, C = self.x_proj(a).split([RANK, STATE, STATE], -1)
        delta = F.softplus(self.dt_proj(low))
        y = SelectiveScan.apply(a, delta, -torch.exp(self.A_log), B, C)
        return self.out_proj((y + self.D * a) * F.silu(z))


class Mamba2Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        inputs = INNER + 2 * HEAD_STATE
        self.in_proj = nn.Linear(HIDDEN, INNER + inputs + HEADS, bias=False)
        self.conv1d = depthwise(inputs)
        self.dt_bias = nn.Parameter(time_step_bias(HEADS))
        self.A_log = nn.Parameter(torch.empty(HEADS).uniform_(1, 16).log())
        self.D = nn.Parameter(torch.ones(HEADS))
        self.norm = nn.RMSNorm(INNER, 1e-5)
        self.out_proj = nn.Linear(INNER, HIDDEN, bias=False)
        with torch.no_grad():
            self.out_proj.weight /= math.sqrt(LAYERS)

    def forward(self, u):
        z, mixed, dt = self.in_proj(u).split([INNER, INNER + 2 * HEAD_STATE, HEADS], -1)
        mixed = F.silu(causal_conv(mixed, self.conv1d))
        x, B, C = mixed.split([INNER, HEAD_STATE, HEAD_STATE], -1)
        x, delta = x.unflatten(-1, (HEADS, -1)), F.softplus(dt + self.dt_bias)
        y = head_scan(x, delta, -torch.exp(self.A_log), B, C) + self.D[:, None] * x
        return self.out_proj(self.norm(y.flatten(2) * F.silu(z)))


class MambaModel(nn.Module):
    """The tree of names is that of MambaForCausalLM; the head is the embedding."""

    def __init__(self, mixer=MambaMixer):
        super().__init__()
        self.backbone = nn.Module()
        self.backbone.embeddings = nn.Embedding(VOCAB, HIDDEN)
        self.backbone.layers = nn.ModuleList(nn.ModuleDict(
            {"norm": nn.RMSNorm(HIDDEN, 1e-5), "mixer": mixer()}) for _ in range(LAYERS))
        self.backbone.norm_f = nn.RMSNorm(HIDDEN, 1e-5)
        nn.init.normal_(self.backbone.embeddings.weight, std=0.05)

    def forward(self, ids, drop=0.0):
        h = self.backbone.embeddings(ids)
        for layer in self.backbone.layers:
            h = h + F.dropout(layer["mixer"](layer["norm"](h)), drop, self.training)
        return self.backbone.norm_f(h) @ self.backbone.embeddings.weight.T


class Mamba2Model(MambaModel):
    def __init__(self):
        super().__init__(Mamba2Mixer)


class GemmaNorm(nn.Module):
    """RMS norm that multiplies by 1 + weight."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(HIDDEN))

    def forward(self, h):
        return F.rms_norm(h, (HIDDEN,), 1 + self.weight, 1e-6)


def gelu(x):
    return F.gelu(x, approximate="tanh")


class RealGatedUnit(nn.Module):
    """RG-LRU: h_t = a_t h_{t-1} + sqrt(1 - a_t^2) i_t c_t; no square root at position 0."""

    def __init__(self):
        super().__init__()
        width = HIDDEN // GATE_HEADS
        # the eighth root of the decay at an open recurrence gate, as the reference draws it
        memory = torch.empty(HIDDEN).uniform_(0.9 ** 2, 0.999 ** 2).sqrt()
        self.recurrent_param = nn.Parameter(torch.log(1 / memory - 1))
        for gate in ("input", "recurrent"):
            weight = torch.randn(GATE_HEADS, width, width) * (0.1 / width ** 0.5)
            self.register_parameter(f"{gate}_gate_weight", nn.Parameter(weight))
            self.register_parameter(f"{gate}_gate_bias",
                                    nn.Parameter(torch.zeros(GATE_HEADS, width)))

    def forward(self, c):
        heads = c.unflatten(-1, (GATE_HEADS, -1))
        i, r = (torch.sigmoid(torch.einsum("blhi,hij->blhj", heads, weight) + bias).flatten(2)
                for weight, bias in ((self.input_gate_weight, self.input_gate_bias),
                                     (self.recurrent_gate_weight, self.recurrent_gate_bias)))
        log_a = -8 * r * F.softplus(self.recurrent_param)
        gamma = torch.sqrt(-torch.expm1(2 * log_a) + 1e-12)
        gamma = torch.cat([torch.ones_like(gamma[:, :1]), gamma[:, 1:]], 1)
        return LinearScan.apply(torch.exp(log_a), gamma * i * c)


class RecurrentBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear_y = nn.Linear(HIDDEN, HIDDEN)
        self.linear_x = nn.Linear(HIDDEN, HIDDEN)
        self.linear_out = nn.Linear(HIDDEN, HIDDEN)
        self.conv_1d = depthwise(HIDDEN)
        self.rg_lru = RealGatedUnit()

    def forward(self, u):
        c = causal_conv(self.linear_x(u), self.conv_1d)
        return self.linear_out(self.rg_lru(c) * gelu(self.linear_y(u)))


def rotate(x):
    """Rotary positions on the first half of the last axis of x [batch, heads, length, width]."""
    turned, rest = x.chunk(2, -1)
    half = turned.shape[-1] // 2
    speed = 10000.0 ** (-torch.arange(half) / half)
    angle = torch.arange(x.shape[-2])[:, None] * speed
    cos, sin = angle.cos(), angle.sin()
    a, b = turned.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)


class AttentionBlock(nn.Module):
    """One key and value for all heads; query i sees the keys i - WINDOW < j <= i."""

    def __init__(self):
        super().__init__()
        width = HIDDEN // GATE_HEADS
        self.q_proj = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.k_proj = nn.Linear(HIDDEN, width, bias=False)
        self.v_proj = nn.Linear(HIDDEN, width, bias=False)
        self.o_proj = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, u):
        length = u.shape[1]
        q = rotate(self.q_proj(u).unflatten(-1, (GATE_HEADS, -1)).transpose(1, 2))
        k, v = rotate(self.k_proj(u)[:, None]), self.v_proj(u)[:, None]
        seen = torch.ones(length, length, dtype=torch.bool).tril().triu(1 - WINDOW)
        scores = (q @ k.mT * q.shape[-1] ** -0.5).masked_fill(~seen, -torch.inf)
        return self.o_proj((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


class GemmaMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj = nn.Linear(HIDDEN, FEED)
        self.up_proj = nn.Linear(HIDDEN, FEED)
        self.down_proj = nn.Linear(FEED, HIDDEN)

    def forward(self, u):
        return self.down_proj(gelu(self.gate_proj(u)) * self.up_proj(u))


class GriffinModel(nn.Module):
    """The tree of names is that of RecurrentGemmaForCausalLM; the head is the embedding."""

    def __init__(self):
        super().__init__()
        kinds = [RecurrentBlock, RecurrentBlock, AttentionBlock]
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(VOCAB, HIDDEN)
        self.model.layers = nn.ModuleList(nn.ModuleDict({
            "temporal_pre_norm": GemmaNorm(), "temporal_block": kinds[i % len(kinds)](),
            "channel_pre_norm": GemmaNorm(), "mlp_block": GemmaMlp()}) for i in range(LAYERS))
        self.model.final_norm = GemmaNorm()
        nn.init.normal_(self.model.embed_tokens.weight, std=0.05)
        for name, value in self.named_parameters():
            if name.endswith(("linear_out.weight", "o_proj.weight", "down_proj.weight")):
                value.data /= math.sqrt(2 * LAYERS)

    def forward(self, ids, drop=0.0):
        scale = torch.tensor(HIDDEN ** 0.5).bfloat16().float()
        h = self.model.embed_tokens(ids) * scale
        for layer in self.model.layers:
            for norm, block in (("temporal_pre_norm", "temporal_block"),
                                ("channel_pre_norm", "mlp_block")):
                h = h + F.dropout(layer[block](layer[norm](h)), drop, self.training)
        logits = self.model.final_norm(h) @ self.model.embed_tokens.weight.T
        return CAP * torch.tanh(logits / CAP)


def blend(x, *shares):
    """Token shift: each share of the current token, the rest from the token before it."""
    before = F.pad(x, (0, 0, 1, -1))
    return [x * share + before * (1 - share) for share in shares]


class RwkvAttention(nn.Module):
    def __init__(self, place):
        super().__init__()
        channel = torch.arange(HIDDEN)
        depth, rest = place / (LAYERS - 1), 1 - place / LAYERS
        speed = (channel / (HIDDEN - 1)) ** (0.7 + 1.3 * depth)
        share = ((channel + 0.5) / HIDDEN) ** rest
        self.time_decay = nn.Parameter(-5 + 8 * speed)
        self.time_first = nn.Parameter(math.log(0.3) + 0.5 * ((channel + 1) % 3 - 1))
        self.time_mix_key = nn.Parameter(share[None, None].clone())
        self.time_mix_value = nn.Parameter((share + 0.3 * depth)[None, None].clone())
        self.time_mix_receptance = nn.Parameter((share ** 0.5)[None, None].clone())
        for name in ("key", "value", "receptance", "output"):
            self.add_module(name, nn.Linear(HIDDEN, HIDDEN, bias=False))
        with torch.no_grad():
            self.output.weight /= math.sqrt(2 * LAYERS)

    def forward(self, x):
        k, v, r = blend(x, self.time_mix_key, self.time_mix_value, self.time_mix_receptance)
        # float64: exp(k) and its sums need no running maximum there
        k, v, r = self.key(k).double(), self.value(v).double(), torch.sigmoid(self.receptance(r))
        weight, own = k.exp(), (self.time_first + k).exp()
        decay = torch.exp(-torch.exp(self.time_decay.double())).expand_as(k)
        past, mass = (F.pad(LinearScan.apply(decay, u), (0, 0, 1, -1))
                      for u in (weight * v, weight))
        return self.output(r * ((past + own * v) / (mass + own)).float())


class RwkvFeedForward(nn.Module):
    def __init__(self, place):
        super().__init__()
        share = ((torch.arange(HIDDEN) + 0.5) / HIDDEN) ** (1 - place / LAYERS)
        self.time_mix_key = nn.Parameter(share[None, None].clone())
        self.time_mix_receptance = nn.Parameter(share[None, None].clone())
        self.key = nn.Linear(HIDDEN, RWKV_FEED, bias=False)
        self.receptance = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.value = nn.Linear(RWKV_FEED, HIDDEN, bias=False)
        with torch.no_grad():
            self.value.weight /= math.sqrt(2 * LAYERS)

    def forward(self, x):
        k, r = blend(x, self.time_mix_key, self.time_mix_receptance)
        return torch.sigmoid(self.receptance(r)) * self.value(torch.relu(self.key(k)) ** 2)


class RwkvModel(nn.Module):
    """The tree of names is that of RwkvForCausalLM (version 4); the head is a matrix of its own."""

    def __init__(self):
        super().__init__()
        self.rwkv = nn.Module()
        self.rwkv.embeddings = nn.Embedding(VOCAB, HIDDEN)
        self.rwkv.blocks = nn.ModuleList(nn.ModuleDict({
            **({} if i else {"pre_ln": nn.LayerNorm(HIDDEN)}),
            "ln1": nn.LayerNorm(HIDDEN), "attention": RwkvAttention(i),
            "ln2": nn.LayerNorm(HIDDEN), "feed_forward": RwkvFeedForward(i)})
            for i in range(LAYERS))
        self.rwkv.ln_out = nn.LayerNorm(HIDDEN)
        self.head = nn.Linear(HIDDEN, VOCAB, bias=False)
        nn.init.normal_(self.rwkv.embeddings.weight, std=0.05)
        nn.init.normal_(self.head.weight, std=0.05)

    def forward(self, ids, drop=0.0):
        h = self.rwkv.blocks[0]["pre_ln"](self.rwkv.embeddings(ids))
        for block in self.rwkv.blocks:
            for norm, part in (("ln1", "attention"), ("ln2", "feed_forward")):
                h = h + F.dropout(block[part](block[norm](h)), drop, self.training)
        return self.head(self.rwkv.ln_out(h))


FAMILIES = {"mamba": (MambaModel, MAMBA_CONFIG), "mamba2": (Mamba2Model, MAMBA2_CONFIG),
            "griffin": (GriffinModel, GRIFFIN_CONFIG), "rwkv": (RwkvModel, RWKV_CONFIG)}
