"""Outcomes and forecasts for the pictures of churn, and what stands in axes."""

import numpy as np
from matplotlib.figure import Figure

RANDOM = np.random.default_rng(4)
RISK = RANDOM.beta(2, 5, 2000)
CHURNED = (RANDOM.random(2000) < RISK).astype(int)
BOTH = {"model": RISK, "noise": RANDOM.random(2000)}


def axes():
    return Figure().add_subplot()


def legend(ax):
    return [t.get_text() for t in ax.get_legend().get_texts()]


def line(ax, name):
    (found,) = [x for x in ax.lines if x.get_label() == name]
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())
