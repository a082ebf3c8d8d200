"""BG, MBG and their regular kin in other ways: many digits by mpmath, and one event at a time."""

import mpmath as mp
import numpy as np


def log_likelihood(params, early, k, x, t, T):
    """Both ends written out: the density if alive at T plus that of leaving at t, no gaps."""
    with mp.workdps(50):
        r, alpha, a, b, t, T = (mp.mpf(float(value)) for value in (*params, t, T))
        q, x = r + k * int(x), int(x)
        terms = [mp.rf(q, j) / mp.factorial(j) * ((T - t) / (alpha + T)) ** j for j in range(k)]
        ends = mp.fsum(terms) * mp.beta(a, b + x + early) / (alpha + T) ** q
        if x + early > 0:
            ends += mp.beta(a + 1, b + x + early - 1) / (alpha + t) ** q
        scale = mp.loggamma(q) - mp.loggamma(r) + r * mp.log(alpha) - mp.log(mp.beta(a, b))
        return scale + mp.log(ends)


def purchases_by_phase(a, B, q, h, k, j):
    """Sum over arrivals M of the purchases made with them, until 20 digits stand."""
    with mp.workdps(30):
        a, B, shape, h = (mp.mpf(float(value)) for value in (a, B, q + j, h))
        share = h / (1 + h)
        chance, total = (1 + h) ** -shape, mp.mpf(0)
        made, stays, done, m = mp.mpf(0), mp.mpf(1), 0, 0
        while True:
            while done < (j + m) // k:
                made += stays
                stays *= (B + done) / (a + B + done)
                done += 1
            total += chance * made
            m += 1
            ratio = (shape + m - 1) / m * share
            chance *= ratio
            falling = m > shape * h and ratio < 1
            if falling and chance * (made + m) / (1 - ratio) ** 2 <= total * mp.mpf(10) ** -20:
                return total
            if m > 50_000:
                raise ArithmeticError("too many arrivals")


def purchases_by_quadrature(a, B, q, h, k, j):
    """Mean over the dropout probability of 1/p (1 - E[(1-p)^F]), F from the pgf on a contour."""
    with mp.workdps(60):
        a, B, shape, h = (mp.mpf(float(value)) for value in (a, B, q + j, h))

        def given(p):
            stay = (1 - p) ** (mp.mpf(1) / k)
            total = mp.mpf(0)
            for turn in range(k):
                z = stay * mp.expjpi(mp.mpf(2 * turn) / k)
                total += z ** (j + 1) / (1 - z) * (1 - (1 + (1 - z) * h) ** -shape)
            return total.real / (k * (1 - p))

        def density(logit):
            p = 1 / (1 + mp.exp(-logit))
            return given(p) * p**a * (1 - p) ** B / mp.beta(a, B)

        middle = mp.log(a / B)
        cuts = [middle + step for step in (-90, -60, -40, -20, -8, -3, 0, 3, 8, 20, 60)]
        return mp.quad(density, cuts)


def simulate(params, early, k, T, horizon, n_customers, seed):
    """Frequency, recency, sum of log gaps and state at T; purchases in (T, T + horizon]."""
    random = np.random.default_rng(seed)
    r, alpha, a, b = params
    rate, leave = random.gamma(r, 1 / alpha, n_customers), random.beta(a, b, n_customers)
    age, recency, gaps = np.zeros((3, n_customers))
    frequency, later = np.zeros((2, n_customers), dtype=int)
    alive = np.ones(n_customers, dtype=bool)
    gone_first = early * (random.uniform(size=n_customers) < leave) > 0
    alive[gone_first] = False
    active = np.flatnonzero(~gone_first)
    while len(active):
        gap = random.exponential(size=(k, len(active))).sum(axis=0) / rate[active]
        age[active] += gap
        seen, coming = age[active] <= T, age[active] <= T + horizon
        now = active[seen]
        frequency[now] += 1
        recency[now] = age[now]
        gaps[now] += np.log(gap[seen])
        later[active[coming & ~seen]] += 1
        leaving = random.uniform(size=len(active)) < leave[active]
        alive[active[seen & leaving]] = False
        active = active[coming & ~leaving]
    return frequency, recency, gaps, alive, later
