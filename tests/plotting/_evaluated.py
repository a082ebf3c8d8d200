"""An evaluation as pictures read it, with numbers that can be counted by eye."""

from types import SimpleNamespace

import pandas as pd

NAMES = ["EASE", "BPR", "mixed", "popularity", "buy again"]
TABLE = pd.DataFrame(
    {
        "n_customers": 200,
        "ndcg": [0.12, 0.04, 0.085, 0.06, 0.08],
        "recall": [0.10, 0.03, 0.07, 0.05, 0.09],
        "coverage": [0.30, 0.60, 0.20, 0.01, 0.50],
    },
    index=pd.Index(NAMES, name="recommender"),
)
DIFFERENCES = pd.DataFrame(
    {
        "estimate": [0.04, -0.04, 0.005, -0.02],
        "lower": [0.03, -0.05, -0.01, -0.03],
        "upper": [0.05, -0.03, 0.02, -0.01],
        "verdict": ["better", "worse", "unclear", "worse"],
    },
    index=pd.Index(NAMES[:4], name="recommender"),
)
COLD = pd.concat(
    {"0": TABLE.loc[["popularity"]].assign(n_customers=10), "1-2": TABLE.assign(n_customers=90)}
)


class Found(SimpleNamespace):
    """What an evaluation shows of itself."""

    def table(self, name):
        return {"new items": TABLE}[name]

    def intervals(self, name):
        assert name == "new items"
        other = DIFFERENCES.assign(lower=-1.0, upper=1.0)
        both = pd.concat({"ndcg": DIFFERENCES, "recall": other}, names=["score"])
        return both.swaplevel().sort_index()


FOUND = Found(n=10, cold_customers=COLD, strangers=pd.DataFrame())
