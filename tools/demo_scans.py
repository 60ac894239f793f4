# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""The recurrences of the demo models: compiled or in chunks, each beside a plain loop."""
import numpy as np
import torch
import torch.nn.functional as F
from numba import njit, prange

STATE = 16  # of the selective scan; a constant, so that its loops are unrolled


@njit(fastmath=True, inline="always")
def fast_exp(x):
    """exp for x <= 0 in float32; LLVM turns it into vector code."""
    y = max(x * np.float32(1.4426950408889634), np.float32(-125.0))
    k = np.floor(y + np.float32(0.5))
    f = y - k
    p = np.float32(1.5403530e-4) * f + np.float32(1.3333558e-3)
    p = (p * f + np.float32(9.6181291e-3)) * f + np.float32(5.5504109e-2)
    p = (p * f + np.float32(2.4022651e-1)) * f + np.float32(6.9314718e-1)
    p = p * f + np.float32(1)
    return p * np.int32((np.int32(k) + np.int32(127)) << np.int32(23)).view(np.float32)


@njit(parallel=True, fastmath=True, cache=True)
def scan_forward(a, delta, A, B, C, y, reverse):
    """A is [state, inner] here, so that the inner loops run over lanes."""
    batch, length, inner = a.shape
    first, step = (length - 1, -1) if reverse else (0, 1)
    for b in prange(batch):
        state = np.zeros((STATE, inner), np.float32)
        for i in range(length):
            t = first + step * i
            dt, x, total = delta[b, t], a[b, t], y[b, t]
            total[:] = 0
            for n in range(STATE):
                bn, cn, an, sn = B[b, t, n], C[b, t, n], A[n], state[n]
                for d in range(inner):
                    s = fast_exp(dt[d] * an[d]) * sn[d] + dt[d] * x[d] * bn
                    sn[d] = s
                    total[d] += s * cn


@njit(fastmath=True, cache=True)
def scan_states(a, delta, A, B, states, decay, first, step):
    for i in range(len(a)):
        t = first + step * i
        dt, x = delta[t], a[t]
        for n in range(STATE):
            bn, an, sn, before, en = B[t, n], A[n], states[i + 1, n], states[i, n], decay[i, n]
            for d in range(len(x)):
                e = fast_exp(dt[d] * an[d])
                en[d] = e
                sn[d] = e * before[d] + dt[d] * x[d] * bn


@njit(parallel=True, fastmath=True, cache=True)
def scan_backward(a, delta, A, B, C, gy, ga, gdelta, gA, gB, gC, reverse):
    """Recomputes the states of one batch entry at a time; gA is [batch, state, inner]."""
    batch, length, inner = a.shape
    first, step = (length - 1, -1) if reverse else (0, 1)
    for b in prange(batch):
        states = np.zeros((length + 1, STATE, inner), np.float32)
        decay, g = np.empty((length, STATE, inner), np.float32), np.zeros((STATE, inner), np.float32)
        along_a, along_b, u = np.empty((3, inner), np.float32)
        scan_states(a[b], delta[b], A, B[b], states, decay, first, step)
        for i in range(length - 1, -1, -1):
            t = first + step * i
            dt, x, up = delta[b, t], a[b, t], gy[b, t]
            for d in range(inner):
                u[d] = dt[d] * x[d]
                along_a[d] = 0
                along_b[d] = 0
            for n in range(STATE):
                bn, cn, an, gn, gan = B[b, t, n], C[b, t, n], A[n], g[n], gA[b, n]
                sn, before, en = states[i + 1, n], states[i, n], decay[i, n]
                sum_b, sum_c = np.float32(0), np.float32(0)
                for d in range(inner):
                    v = gn[d] + up[d] * cn
                    sum_c += up[d] * sn[d]
                    sum_b += v * u[d]
                    along_b[d] += v * bn
                    gn[d] = v * en[d]
                for d in range(inner):
                    carried = gn[d] * before[d]
                    along_a[d] += carried * an[d]
                    gan[d] += carried * dt[d]
                gB[b, t, n] = sum_b
                gC[b, t, n] = sum_c
            for d in range(inner):
                ga[b, t, d] = along_b[d] * dt[d]
                gdelta[b, t, d] = along_b[d] * x[d] + along_a[d]


class SelectiveScan(torch.autograd.Function):
    """y_t = C_t . S_t with S_t = exp(delta_t A) S_{t-1} + delta_t a_t B_t.

    reverse runs it from the last token to the first.
    """

    @staticmethod
    def forward(ctx, a, delta, A, B, C, reverse=False):
        inputs = [v.detach().contiguous() for v in (a, delta, A.T, B, C)]
        ctx.save_for_backward(*inputs)
        ctx.reverse = reverse
        y = torch.empty_like(inputs[0])
        scan_forward(*[v.numpy() for v in inputs], y.numpy(), reverse)
        return y

    @staticmethod
    def backward(ctx, gy):
        a, delta, A, B, C = ctx.saved_tensors
        grads = [torch.empty_like(a), torch.empty_like(delta),
                 torch.zeros(a.shape[0], *A.shape), torch.empty_like(B), torch.empty_like(C)]
        scan_backward(*[v.numpy() for v in (a, delta, A, B, C, gy.contiguous(), *grads)],
                      ctx.reverse)
        return grads[0], grads[1], grads[2].sum(0).T, grads[3], grads[4], None


def reversed_scan(*inputs):
    return SelectiveScan.apply(*inputs, True)


def plain_scan(a, delta, A, B, C):
    state, out = a.new_zeros(a.shape[0], a.shape[2], A.shape[1]), []
    for t in range(a.shape[1]):
        u = (delta[:, t] * a[:, t])[..., None] * B[:, t, None]
        state = torch.exp(delta[:, t, :, None] * A) * state + u
        out.append((state * C[:, t, None]).sum(-1))
    return torch.stack(out, 1)


@njit(fastmath=True, cache=True)
def linear_forward(a, b, h):
    batch, length, width = b.shape
    for i in range(batch):
        for c in range(width):
            h[i, 0, c] = b[i, 0, c]
        for t in range(1, length):
            for c in range(width):
                h[i, t, c] = a[i, t, c] * h[i, t - 1, c] + b[i, t, c]


@njit(fastmath=True, cache=True)
def linear_backward(a, h, gh, ga, gb):
    batch, length, width = h.shape
    for i in range(batch):
        for c in range(width):
            gb[i, length - 1, c] = gh[i, length - 1, c]
        for t in range(length - 1, 0, -1):
            for c in range(width):
                g = gb[i, t, c]
                ga[i, t, c] = g * h[i, t - 1, c]
                gb[i, t - 1, c] = gh[i, t - 1, c] + a[i, t, c] * g
        for c in range(width):
            ga[i, 0, c] = 0


class LinearScan(torch.autograd.Function):
    """h_t = a_t h_{t-1} + b_t for each channel, h_0 = b_0; shapes [batch, length, width]."""

    @staticmethod
    def forward(ctx, a, b):
        a, b = a.detach().contiguous(), b.detach().contiguous()
        h = torch.empty_like(b)
        linear_forward(a.numpy(), b.numpy(), h.numpy())
        ctx.save_for_backward(a, h)
        return h

    @staticmethod
    def backward(ctx, gh):
        a, h = ctx.saved_tensors
        ga, gb = torch.empty_like(h), torch.empty_like(h)
        linear_backward(*[v.numpy() for v in (a, h, gh.contiguous(), ga, gb)])
        return ga, gb


@njit(fastmath=True, inline="always")
def tap_rows(rows, t, step, zeros):
    """The rows under the four taps at t, the token's own last; zeros beyond the ends."""
    far, mid, near = t - 3 * step, t - 2 * step, t - step
    length = len(rows)
    return (rows[far] if 0 <= far < length else zeros, rows[mid] if 0 <= mid < length else zeros,
            rows[near] if 0 <= near < length else zeros, rows[t])


@njit(fastmath=True, cache=True)
def conv_forward(x, weight, bias, a, step):
    zeros = np.zeros(x.shape[2], np.float32)
    w0, w1, w2, w3 = weight
    for i in range(x.shape[0]):
        for t in range(x.shape[1]):
            r0, r1, r2, r3 = tap_rows(x[i], t, step, zeros)
            out = a[i, t]
            for d in range(len(out)):
                c = bias[d] + w0[d] * r0[d] + w1[d] * r1[d] + w2[d] * r2[d] + w3[d] * r3[d]
                e = fast_exp(-abs(c))
                out[d] = c * (np.float32(1) if c > 0 else e) / (np.float32(1) + e)


@njit(fastmath=True, cache=True)
def conv_backward(x, weight, bias, ga, gx, gweight, gbias, step):
    zeros, g = np.zeros(x.shape[2], np.float32), np.empty(x.shape[1:], np.float32)
    w0, w1, w2, w3 = weight
    v0, v1, v2, v3 = gweight
    for i in range(x.shape[0]):
        for t in range(x.shape[1]):
            r0, r1, r2, r3 = tap_rows(x[i], t, step, zeros)
            up, gt = ga[i, t], g[t]
            for d in range(len(up)):
                c = bias[d] + w0[d] * r0[d] + w1[d] * r1[d] + w2[d] * r2[d] + w3[d] * r3[d]
                e = fast_exp(-abs(c))
                p = (np.float32(1) if c > 0 else e) / (np.float32(1) + e)
                gt[d] = up[d] * p * (np.float32(1) + c * (np.float32(1) - p))
            for d in range(len(up)):
                gbias[d] += gt[d]
                v0[d] += gt[d] * r0[d]
                v1[d] += gt[d] * r1[d]
                v2[d] += gt[d] * r2[d]
                v3[d] += gt[d] * r3[d]
        for t in range(x.shape[1]):
            r0, r1, r2, r3 = tap_rows(g, t, -step, zeros)
            out = gx[i, t]
            for d in range(len(out)):
                out[d] = w0[d] * r0[d] + w1[d] * r1[d] + w2[d] * r2[d] + w3[d] * r3[d]


class ConvSilu(torch.autograd.Function):
    """silu of a depthwise convolution over the second axis; step 1 looks back, -1 ahead.

    x [batch, length, width], weight [width, 1, 4]: the last tap is the token's own.
    """

    @staticmethod
    def forward(ctx, x, weight, bias, step):
        inputs = [x.detach().contiguous(), weight.detach()[:, 0].T.contiguous(), bias.detach()]
        ctx.save_for_backward(*inputs)
        ctx.step = step
        a = torch.empty_like(inputs[0])
        conv_forward(*[v.numpy() for v in inputs], a.numpy(), step)
        return a

    @staticmethod
    def backward(ctx, ga):
        x, weight, bias = ctx.saved_tensors
        grads = [torch.zeros_like(v) for v in (x, weight, bias)]
        conv_backward(*[v.numpy() for v in (x, weight, bias, ga.contiguous(), *grads)], ctx.step)
        return grads[0], grads[1].T[:, None], grads[2], None


def plain_conv_silu(x, weight, bias):
    x = F.pad(x.transpose(1, 2), (weight.shape[-1] - 1, 0))
    return F.silu(F.conv1d(x, weight, bias, groups=len(bias))).transpose(1, 2)


def plain_linear_scan(a, b):
    out = [b[:, 0]]
    for t in range(1, b.shape[1]):
        out.append(a[:, t] * out[-1] + b[:, t])
    return torch.stack(out, 1)


def head_scan(x, delta, A, B, C, chunk=32):
    """Mamba-2: y_t = S_t C_t with S_t = exp(delta_t A) S_{t-1} + delta_t x_t B_t, in chunks.

    x [batch, length, heads, width], delta [batch, length, heads], A [heads],
    B and C [batch, length, state].
    """
    batch, length, heads, width = x.shape
    pad = -length % chunk
    x, delta = F.pad(x, (0, 0, 0, 0, 0, pad)), F.pad(delta, (0, 0, 0, pad))
    B, C = (F.pad(v, (0, 0, 0, pad)).unflatten(1, (-1, chunk)) for v in (B, C))
    u = (x * delta[..., None]).unflatten(1, (-1, chunk)).transpose(2, 3)  # [b, c, h, q, p]
    log = (delta * A).unflatten(1, (-1, chunk)).transpose(2, 3).cumsum(-1)  # [b, c, h, q]
    later = torch.ones(chunk, chunk, dtype=torch.bool).triu(1)
    decay = (log[..., :, None] - log[..., None, :]).masked_fill(later, -torch.inf).exp()
    y = (C @ B.mT)[:, :, None] * decay @ u
    last = log[..., -1:]
    added = (u * (last - log).exp()[..., None]).mT @ B[:, :, None]  # [b, c, h, p, n]
    carried, state, passed = last[..., None].exp(), x.new_zeros(added[:, 0].shape), []
    for c in range(added.shape[1]):
        passed.append(state)
        state = carried[:, c] * state + added[:, c]
    y = y + (C[:, :, None] @ torch.stack(passed, 1).mT) * log.exp()[..., None]
    return y.transpose(2, 3).reshape(batch, length + pad, heads, width)[:, :length]


def plain_head_scan(x, delta, A, B, C):
    state, out = x.new_zeros(*x[:, 0].shape, B.shape[-1]), []
    for t in range(x.shape[1]):
        u = (delta[:, t, :, None] * x[:, t])[..., None] * B[:, t, None, None]
        state = torch.exp(delta[:, t] * A)[..., None, None] * state + u
        out.append((state * C[:, t, None, None]).sum(-1))
    return torch.stack(out, 1)


def check():
    """Each scan in float32 beside its plain loop in float64: values and gradients."""
    torch.manual_seed(1)
    delta = F.softplus(torch.randn(3, 90, 8) - 2)
    cases = {
        "selective": (SelectiveScan.apply, plain_scan, (3, 90, 8), "a delta A B C", [
            torch.randn(3, 90, 8), delta, -torch.exp(torch.randn(8, STATE)),
            *torch.randn(2, 3, 90, STATE)]),
        "reversed": (reversed_scan, lambda a, delta, A, B, C: plain_scan(
            a.flip(1), delta.flip(1), A, B.flip(1), C.flip(1)).flip(1), (3, 90, 8), "a delta A B C", [
            torch.randn(3, 90, 8), delta, -torch.exp(torch.randn(8, STATE)),
            *torch.randn(2, 3, 90, STATE)]),
        "conv": (lambda *v: ConvSilu.apply(*v, 1), plain_conv_silu, (3, 90, 8), "x weight bias", [
            torch.randn(3, 90, 8), torch.randn(8, 1, 4), torch.randn(8)]),
        "ahead": (lambda *v: ConvSilu.apply(*v, -1), lambda x, weight, bias: plain_conv_silu(
            x.flip(1), weight, bias).flip(1), (3, 90, 8), "x weight bias", [
            torch.randn(3, 90, 8), torch.randn(8, 1, 4), torch.randn(8)]),
        "linear": (LinearScan.apply, plain_linear_scan, (3, 90, 8), "a b", [
            torch.exp(-delta), torch.randn(3, 90, 8)]),
        "head": (head_scan, plain_head_scan, (3, 90, 8, 5), "x delta A B C", [
            torch.randn(3, 90, 8, 5), delta, -torch.exp(torch.randn(8)),
            *torch.randn(2, 3, 90, STATE)]),
    }
    for case, (fast, plain, shape, names, inputs) in cases.items():
        weight, results = torch.randn(shape), []
        for scan, dtype in ((fast, torch.float32), (plain, torch.float64)):
            args = [v.to(dtype).requires_grad_() for v in inputs]
            y = scan(*args)
            results.append([y, *torch.autograd.grad((y * weight.to(dtype)).sum(), args)])
        for name, got, want in zip(["y", *("d" + n for n in names.split())], *results):
            error = ((got - want).abs().max() / want.abs().max()).item()
            print(f"check {case:9s} {name:6s} largest error / largest value = {error:.2e}")
            assert error < 2e-5, (case, name)
