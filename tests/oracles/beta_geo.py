"""BG/NBD in other ways: many digits by mpmath, and customers simulated one event at a time.

`beta_geo_means.csv` holds what `purchases_if_alive` gave for draws over twelve orders of
magnitude (`draws(220, 6, seed=6)` of the tests), of those that it gave within 0.7 s.
"""

import mpmath as mp
import numpy as np


def purchases_if_alive(a, B, R, h):
    """(a+B-1)/(a-1) (1 - 2F1(R, a-1; a+B-1; -h)), with 25 digits left after the subtraction."""
    a, B, R, h = (mp.mpf(float(value)) for value in (a, B, R, h))
    for digits in (40, 80, 160):
        with mp.workdps(digits):
            factor = (a + B - 1) / (a - 1)
            other = mp.hyp2f1(R, a - 1, a + B - 1, -h)
            value = factor * (1 - other)
            sane = 0 < value <= R * h  # the series sometimes breaks down
            if sane and digits - mp.log10(abs(factor) * (1 + abs(other)) / value) > 25:
                return value
    raise ArithmeticError("160 digits are not enough")


def log_likelihood(r, alpha, a, b, x, t, T):
    """Formula (6) of the paper, as printed, with 40 digits."""
    with mp.workdps(40):
        r, alpha, a, b, t, T = (mp.mpf(float(value)) for value in (r, alpha, a, b, t, T))
        x = int(x)
        alive = mp.beta(a, b + x) / mp.beta(a, b) / (alpha + T) ** (r + x)
        gone = mp.mpf(0)
        if x > 0:
            gone = mp.beta(a + 1, b + x - 1) / mp.beta(a, b) / (alpha + t) ** (r + x)
        return mp.log(mp.gamma(r + x) * alpha**r / mp.gamma(r) * (alive + gone))


def simulate(params, T, horizon, n_customers, seed, tell_alive=False):
    """Frequency and recency at age T, and purchases in (T, T + horizon]; one T or one each.

    With `tell_alive` also who is alive at T.
    """
    T = np.broadcast_to(T, n_customers)
    random = np.random.default_rng(seed)
    rate = random.gamma(params["r"], 1.0 / params["alpha"], n_customers)
    leave = random.beta(params["a"], params["b"], n_customers)
    age, recency = np.zeros(n_customers), np.zeros(n_customers)
    frequency, later = np.zeros(n_customers, dtype=int), np.zeros(n_customers, dtype=int)
    active, alive = np.arange(n_customers), np.ones(n_customers, dtype=bool)
    while len(active):
        age[active] += random.exponential(size=len(active)) / rate[active]
        active = active[age[active] <= T[active] + horizon]
        seen = active[age[active] <= T[active]]
        frequency[seen] += 1
        recency[seen] = age[seen]
        later[active[age[active] > T[active]]] += 1
        stays = random.uniform(size=len(active)) >= leave[active]
        alive[active[~stays & (age[active] <= T[active])]] = False
        active = active[stays]
    return (frequency, recency, later, alive) if tell_alive else (frequency, recency, later)
