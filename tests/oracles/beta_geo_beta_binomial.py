"""BG/BB in other ways: many digits by mpmath, and customers simulated one opportunity at a time.

Published estimates: Fader, Hardie and Shang (2010), Marketing Science 29, 1086-1108.
"""

import mpmath as mp
import numpy as np

DONATIONS = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
LOG_LIKELIHOOD = -33225.6


def parts(params, x, t, n):
    """Probabilities of the history with the customer there at opportunity n + 1, and gone."""
    alpha, beta, gamma, delta = (mp.mpf(float(value)) for value in params)
    x, t, n = int(x), int(t), int(n)
    both = mp.beta(alpha, beta) * mp.beta(gamma, delta)
    there = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n + 1) / both
    gone = mp.fsum(
        mp.beta(alpha + x, beta + i - x) * mp.beta(gamma + 1, delta + i) for i in range(t, n + 1)
    )
    return there, gone / both


def log_likelihood(params, x, t, n):
    """Formula (4) of the paper, as printed, with 40 digits."""
    with mp.workdps(40):
        alpha, beta, gamma, delta = (mp.mpf(float(value)) for value in params)
        x, t, n = int(x), int(t), int(n)
        both = mp.beta(alpha, beta) * mp.beta(gamma, delta)
        there = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n)
        gone = mp.fsum(
            mp.beta(alpha + x, beta + t - x + i) * mp.beta(gamma + 1, delta + t + i)
            for i in range(n - t)
        )
        return mp.log((there + gone) / both)


def alive(params, x, t, n):
    """P(there for opportunity n + 1)."""
    with mp.workdps(40):
        there, gone = parts(params, x, t, n)
        return there / (there + gone)


def expected(params, x, t, n, horizon, discount=1):
    """Purchases at the next opportunities, added up; the k-th is worth discount^k."""
    with mp.workdps(40):
        alpha, beta, gamma, delta = (mp.mpf(float(value)) for value in params)
        total, stays, worth = mp.mpf(0), mp.mpf(1), mp.mpf(1)
        for k in range(int(horizon)):
            worth *= discount
            total += stays * worth
            stays *= (delta + n + 1 + k) / (gamma + delta + n + 1 + k)
        return alive(params, x, t, n) * (alpha + x) / (alpha + beta + n) * total


def simulate(params, n, horizon, n_customers, seed):
    """Frequency and recency after n opportunities, and purchases at each of those to come."""
    random = np.random.default_rng(seed)
    buy = random.beta(params["alpha"], params["beta"], n_customers)
    leave = random.beta(params["gamma"], params["delta"], n_customers)
    there = np.ones(n_customers, dtype=bool)
    frequency, recency = np.zeros(n_customers, dtype=int), np.zeros(n_customers, dtype=int)
    later = np.zeros((horizon, n_customers), dtype=int)
    for i in range(1, n + horizon + 1):
        there &= random.uniform(size=n_customers) >= leave
        bought = there & (random.uniform(size=n_customers) < buy)
        if i <= n:
            frequency += bought
            recency[bought] = i
        else:
            later[i - n - 1] = bought
    return frequency, recency, later
