"""Purchases to come of customers who complete one at every k-th arrival, k > 1, while alive.

Since the last purchase a customer alive has seen j < k arrivals, with the probabilities of
`phase_shares`; given j, arrivals in (T, T + H] are negative binomial with shape q + j and odds
h = H / (alpha + T). With M of them, F = floor((j + M) / k) purchases are completed, of which
min(F, G) happen, G geometric with the dropout probability p ~ Beta(a, B):

    E[min(F, G) | F] = A(F) = sum over i < F of B(a, B+i)/B(a, B)

* Where few arrivals matter, the mean of A(F) is summed over M: all terms are positive.
* Else k roots of unity pick the whole multiples of k out of the generating function of M. With
  w = (1-p)^(1/k), z_l = w e^(2 pi i l/k) and phi_j(z) = (1 + (1-z) h)^-(q+j),

      E[min(F, G) | p, j] = 1/(k (1-p)) sum over l < k of z_l^(j+1) / (1 - z_l) (1 - phi_j(z_l)),

  which is averaged over p as in `_beta_mean`. It is the sum over i of (1-p)^(i-1) P(F >= i), of
  which the first terms do where p is near 1 and the roots would cancel.

These parts depend on x and T only, so they are computed once for all customers who share them.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from crmkit._validation import Floats
from crmkit.clv._beta_geo_likelihood import Kind, Params, phase_terms
from crmkit.clv._beta_mean import beta_nodes, n_nodes
from crmkit.clv._distinct import row_codes
from crmkit.clv._negative_binomial import log_negative_binomial

_FEW, _MANY = 32, 160  # arrivals beyond k that a sum over arrivals goes to
_UNDERFLOW = 600.0
_NEARLY_ALL = 0.99  # a dropout probability from which the first terms are summed
_TERMS = 9
_BLOCK = 1 << 16


def phase_shares(params: Params, kind: Kind, x: Floats, t: Floats, T: Floats) -> Floats:
    """Probabilities of the phases 0 ... k-1 of customers who are alive, (n_rows, k)."""
    r, alpha, _, _ = params
    terms = phase_terms(kind, r + kind.k * x, (T - t) / (alpha + T))
    return np.asarray(terms / terms.sum(axis=1, keepdims=True))


def erlang_purchases(
    params: Params, kind: Kind, x: Floats, t: Floats, T: Floats, horizon: Floats
) -> Floats:
    """Expected purchases in (T, T + horizon] of customers who are alive at T."""
    codes, first = row_codes(x, T, horizon)
    h = horizon[first] / (params[1] + T[first])
    out = np.zeros(len(x))
    for phase, share in enumerate(phase_shares(params, kind, x, t, T).T):
        out += share * purchases_in_phase(params, kind, phase, x[first], h)[codes]
    return out


def purchases_in_phase(params: Params, kind: Kind, phase: int, x: Floats, h: Floats) -> Floats:
    """Expected purchases given the phase: by sums over arrivals, or by roots if they are many."""
    out, rest = np.empty(len(x)), np.arange(len(x))
    for last in (_FEW + kind.k, _MANY + kind.k):
        step = max(1, _BLOCK // last)
        parts = [rest[start : start + step] for start in range(0, len(rest), step)]
        enough = [np.zeros(0, dtype=np.bool_)]
        for part in parts:
            out[part], done = _by_arrivals(params, kind, phase, x[part], h[part], last)
            enough.append(done)
        rest = rest[~np.concatenate(enough)]
    if len(rest):
        out[rest] = _by_roots(params, kind, phase, x[rest], h[rest])
    return out


def _by_arrivals(
    params: Params, kind: Kind, phase: int, x: Floats, h: Floats, last: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Sums over up to `last` arrivals, and for which rows no more of them matter."""
    r, _, a, b = params
    distinct, codes = np.unique(x, return_inverse=True)
    begun = b + kind.early + distinct[:, None] + np.arange((last + phase) // kind.k)
    stay = np.cumprod(begun / (a + begun), axis=1)
    made = np.cumsum(np.column_stack([np.zeros(len(distinct)), np.ones(len(distinct)), stay]), 1)
    m = np.arange(1.0, last + 1.0)
    made = made[:, (phase + np.arange(1, last + 1)) // kind.k]
    shape = r + kind.k * x + phase
    silent = shape * np.log1p(h)
    h = np.where(silent < _UNDERFLOW, h, 0.0)
    ratio = (shape[:, None] + (m - 1.0)) / m * (h / (1.0 + h))[:, None]
    chances = np.exp(-silent)[:, None] * np.cumprod(ratio, axis=1)
    out = np.sum(chances * made[codes], axis=1)
    tail = chances[:, -1] * (10.0 * last)
    enough = (silent < _UNDERFLOW) & (ratio[:, -1] < 0.9) & (tail <= 1e-16 * out)
    return out, enough


def _by_roots(params: Params, kind: Kind, phase: int, x: Floats, h: Floats) -> Floats:
    """Means over the dropout probability of sums over roots of unity."""
    r, _, a, b = params
    distinct, codes = np.unique(x, return_inverse=True)
    p, weight = beta_nodes(a, b + kind.early + distinct, n_nodes(a, b + kind.early))
    out = np.zeros(len(x))
    rows = max(1, _BLOCK // p.shape[1])
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        nodes, shares = p[codes[part]], weight[codes[part]]
        shape, length = r + kind.k * x[part] + phase, h[part]
        near = nodes > _NEARLY_ALL
        given = _sums_of_roots(kind, phase, shape, length, np.where(near, 0.5, nodes))
        if np.any(near & (shares > 1e-18)):
            first = _first_terms(kind, phase, shape, length, 1.0 - nodes)
            given = np.where(near, first, given)
        out[part] = np.sum(shares * given, axis=1)
    return out


def _sums_of_roots(kind: Kind, phase: int, shape: Floats, h: Floats, p: Floats) -> Floats:
    """Purchases given phase and dropout probability, (n_rows, n_nodes)."""
    shape, h, log_stay = shape[:, None], h[:, None], np.log1p(-p)
    w, away = np.exp(log_stay / kind.k), -np.expm1(log_stay / kind.k)
    out = w ** (phase + 1) / away * -np.expm1(-shape * np.log1p(away * h))
    for turn in range(1, kind.k // 2 + 1):
        z = w * np.exp(2j * np.pi * turn / kind.k)
        real, imag = (1.0 - z.real) * h, -z.imag * h
        log_size = 0.5 * np.log1p(real * (2.0 + real) + imag**2)
        power = -shape * (log_size + 1j * np.arctan2(imag, 1.0 + real))
        times = 1.0 if 2 * turn == kind.k else 2.0  # a root and its conjugate
        out += times * (z ** (phase + 1) / (1.0 - z) * -np.expm1(power)).real
    return np.asarray(out / (kind.k * np.exp(log_stay)))


def _first_terms(kind: Kind, phase: int, shape: Floats, h: Floats, stay: Floats) -> Floats:
    """The same where nearly all leave: sum over i of (1-p)^(i-1) P(F >= i)."""
    out = np.zeros(stay.shape)
    for i in range(_TERMS, 0, -1):
        out = out * stay + betainc(kind.k * i - phase, shape, h / (1.0 + h))[:, None]
    return out


def erlang_pmf(
    params: Params, kind: Kind, rows: tuple[Floats, Floats, Floats], n: Floats, horizon: float
) -> Floats:
    """Probability of n purchases in (T, T + horizon] if alive, (n_rows, len(n)); k = 1 too."""
    x, t, T = rows
    codes, first = row_codes(x, T)
    chances = pmf_by_phase(params, kind, x[first], horizon / (params[1] + T[first]), n)
    if kind.k == 1:
        return np.asarray(chances[0][codes])
    shares = phase_shares(params, kind, x, t, T)
    out = np.zeros((len(x), len(n)))
    for share, chance in zip(shares.T, chances, strict=True):
        out += share[:, None] * chance[codes]
    return out


def pmf_by_phase(params: Params, kind: Kind, x: Floats, h: Floats, n: Floats) -> list[Floats]:
    """Probabilities of n purchases for each phase: all n bought and stayed, or left at the n-th.

    P(min(F, G) = n) = P(G > n) P(F = n) + P(G = n) P(F >= n)
    """
    r, _, a, b = params
    codes, first = row_codes(x)
    stay, leave = leaving(a, b + kind.early + x[first], n)
    some, odds = np.maximum(n, 1.0), h[:, None]
    out = []
    for j in range(kind.k):
        shape = (r + kind.k * x + j)[:, None]
        arrivals = (kind.k * n - j + i for i in range(kind.k))
        exactly = sum(np.exp(log_negative_binomial(each, shape, odds)) for each in arrivals)
        reached = betainc(kind.k * some - j, shape, odds / (1.0 + odds))
        out.append(stay[codes] * exactly + leave[codes] * reached)
    return out


def leaving(a: float, B: Floats, n: Floats) -> tuple[Floats, Floats]:
    """P(G > n) and P(G = n) of a geometric G with p ~ Beta(a, B), each of (len(B), len(n))."""
    places = n.astype(np.int64).tobytes()
    each = np.array([leaving_of(a, begun, places) for begun in B.tolist()]).reshape(-1, 2, len(n))
    return each[:, 0], each[:, 1]


@lru_cache(maxsize=512)
def leaving_of(a: float, B: float, places: bytes) -> tuple[Floats, Floats]:
    """`leaving` of one B at whole numbers, as bytes to be found by; those asked for last stay."""
    n = np.frombuffer(places, dtype=np.int64)
    steps = B + np.arange(n.max(initial=0), dtype=np.float64)
    survived = np.concatenate([[0.0], np.cumsum(-np.log1p(a / steps))])
    before = np.exp(survived[np.maximum(n - 1, 0)])
    return np.exp(survived[n]), np.where(n > 0, before * a / (a + B + (n - 1.0)), 0.0)
