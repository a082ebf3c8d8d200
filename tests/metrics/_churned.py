"""Outcomes and forecasts for the tests of churn scores."""

import numpy as np
from hypothesis import strategies as st

RANDOM = np.random.default_rng(11)
RISK = RANDOM.beta(2, 3, 600)
CHURNED = (RANDOM.random(600) < RISK).astype(int)
FORECASTS = {
    "model": RISK,
    "rate": np.full(600, 0.4),
    "sharp": np.clip(1.6 * (RISK - 0.4) + 0.4, 0, 1),
    "noise": RANDOM.random(600),
}

rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 8).map(lambda k: k / 8)), min_size=2, max_size=24
).filter(lambda pairs: len({y for y, _ in pairs}) == 2)
