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

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from crmkit._validation import Floats
from crmkit.clv._beta_geo_likelihood import Kind, Params, phase_terms
from crmkit.clv._beta_mean import beta_nodes, n_nodes
from crmkit.clv._distinct import on_distinct, row_codes
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

    def by_phase(x: Floats, T: Floats, horizon: Floats) -> Floats:
        return purchases_by_phase(params, kind, x, horizon / (params[1] + T))

    means = on_distinct(by_phase, x, T, horizon)
    return np.asarray((phase_shares(params, kind, x, t, T) * means).sum(axis=1))


def purchases_by_phase(params: Params, kind: Kind, x: Floats, h: Floats) -> Floats:
    """Expected purchases for each phase, (n_rows, k): by sums over arrivals, else by roots."""
    out = np.empty((len(x), kind.k))
    rest = np.arange(len(x))
    for reach in (_FEW, _MANY):
        last, step = reach + kind.k, max(1, _BLOCK // (reach + kind.k))
        enough = np.zeros(len(rest), dtype=bool)
        for start in range(0, len(rest), step):
            part = rest[start : start + step]
            out[part], enough[start : start + step] = _by_arrivals(
                params, kind, x[part], h[part], last
            )
        rest = rest[~enough]
    if len(rest):
        out[rest] = _by_roots(params, kind, x[rest], h[rest])
    return out


def _by_arrivals(
    params: Params, kind: Kind, x: Floats, h: Floats, last: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Sums over 0 ... last arrivals, and for which rows no more of them matter."""
    r, _, a, b = params
    distinct, codes = np.unique(x, return_inverse=True)
    begun = b + kind.early + distinct[:, None] + np.arange((last + kind.k - 1) // kind.k)
    stay = np.cumprod((begun / (a + begun))[:, :-1], axis=1)
    means = np.cumsum(np.column_stack([0.0 * distinct, 1.0 + 0.0 * distinct, stay]), axis=1)
    m = np.arange(1.0, last + 1.0)
    out, enough = np.empty((len(x), kind.k)), np.ones(len(x), dtype=bool)
    for j in range(kind.k):
        shape = r + kind.k * x + j
        ratio = (shape[:, None] + (m - 1.0)) / m * (h / (1.0 + h))[:, None]
        silent = shape * np.log1p(h)
        chances = np.exp(-np.minimum(silent, _UNDERFLOW))[:, None] * np.cumprod(ratio, axis=1)
        done = means[codes][:, (j + np.arange(1, last + 1)) // kind.k]
        out[:, j] = np.sum(chances * done, axis=1)
        tail = chances[:, -1] * (10.0 * last)
        enough &= (silent < _UNDERFLOW) & (ratio[:, -1] < 0.9) & (tail <= 1e-16 * out[:, j])
    return out, enough


def _by_roots(params: Params, kind: Kind, x: Floats, h: Floats) -> Floats:
    """Means over the dropout probability of sums over roots of unity."""
    r, _, a, b = params
    distinct, codes = np.unique(x, return_inverse=True)
    p, weight = beta_nodes(a, b + kind.early + distinct, n_nodes(a, b + kind.early))
    out = np.zeros((len(x), kind.k))
    rows = max(1, _BLOCK // p.shape[1])
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        nodes, shares = p[codes[part]], weight[codes[part]]
        q, length = r + kind.k * x[part], h[part]
        near = nodes > _NEARLY_ALL
        by_roots = _sums_of_roots(kind, q, length, np.where(near, 0.5, nodes))
        if np.any(near & (shares > 1e-18)):
            first = _first_terms(kind, q, length, 1.0 - nodes)
            by_roots = np.where(near, first, by_roots)
        out[part] = np.sum(shares * by_roots, axis=2).T
    return out


def _sums_of_roots(kind: Kind, q: Floats, h: Floats, p: Floats) -> Floats:
    """Purchases given the dropout probability and the phase, (k, n_rows, n_nodes)."""
    k = kind.k
    q, h, log_stay = q[:, None], h[:, None], np.log1p(-p)
    out = np.empty((k, *p.shape))
    w, away = np.exp(log_stay / k), -np.expm1(log_stay / k)
    log_factor = np.log1p(away * h)
    for j in range(k):
        out[j] = w ** (j + 1) / away * -np.expm1(-(q + j) * log_factor)
    for turn in range(1, k // 2 + 1):
        root = np.exp(2j * np.pi * turn / k)
        z = w * root
        real, imag = (1.0 - z.real) * h, -z.imag * h
        log_factor = 0.5 * np.log1p(real * (2.0 + real) + imag**2) + 1j * np.arctan2(
            imag, 1.0 + real
        )
        times = 1.0 if 2 * turn == k else 2.0  # a root and its conjugate
        for j in range(k):
            term = z ** (j + 1) / (1.0 - z) * -np.expm1(-(q + j) * log_factor)
            out[j] += times * term.real
    return np.asarray(out / (k * np.exp(log_stay)))


def _first_terms(kind: Kind, q: Floats, h: Floats, stay: Floats) -> Floats:
    """The same where nearly all leave: sum over i of (1-p)^(i-1) P(F >= i)."""
    out = np.zeros((kind.k, *stay.shape))
    for i in range(_TERMS, 0, -1):
        for j in range(kind.k):
            reached = betainc(kind.k * i - j, q + j, h / (1.0 + h))
            out[j] = out[j] * stay + reached[:, None]
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
    distinct, codes = np.unique(x, return_inverse=True)
    stay, leave = leaving(a, b + kind.early + distinct, n)
    some = np.maximum(n, 1.0)
    out = []
    for j in range(kind.k):
        shape = (r + kind.k * x + j)[:, None]
        exactly = np.zeros((len(x), len(n)))
        for i in range(kind.k):
            arrivals = kind.k * n - j + i
            logs = log_negative_binomial(np.maximum(arrivals, 0.0), shape, h[:, None])
            exactly += np.where(arrivals >= 0, np.exp(logs), 0.0)
        reached = betainc(kind.k * some - j, shape, (h / (1.0 + h))[:, None])
        out.append(stay[codes] * exactly + leave[codes] * reached)
    return out


def leaving(a: float, B: Floats, n: Floats) -> tuple[Floats, Floats]:
    """P(G > n) and P(G = n) of a geometric G with a probability p ~ Beta(a, B)."""
    stay, leave = np.empty((len(B), len(n))), np.empty((len(B), len(n)))
    places = n.astype(np.int64)
    most = int(places.max(initial=0))
    for row, begun in enumerate(B):
        steps = begun + np.arange(most, dtype=np.float64)
        survived = np.concatenate([[0.0], np.cumsum(-np.log1p(a / steps))])
        stay[row] = np.exp(survived[places])
        before = np.exp(survived[np.maximum(places - 1, 0)])
        leave[row] = np.where(places > 0, before * a / (a + begun + (n - 1.0)), 0.0)
    return stay, leave
