"""Tables of the guide on churn: ChurnClassifier beside the baselines, on customers it never saw.

    CRMKIT_DATA=folder python benchmarks/churn_tables.py [name ...] [--inner]

Names: cdnow, online_retail, complete_journey (event logs, forward in time), simulated (customers
of known truth), telco, mlc, iranian (ordinary tables, folds); all by default. Writes
docs/guide/churn/<name>.inc. CDNOW and Complete Journey come with the extra `data`; the others are
read from CRMKIT_DATA and left out with a word where it is not set.

Cut-offs, horizons and aims were fixed before any model was run. With --inner the same is printed,
not written, for windows that end before the first test cut-off (other seeds of the simulation and
of the folds): there, and only there, anything may be compared and decided.
"""

import argparse
import csv
import io
import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from holdout_tables import complete_journey, online_retail
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import crmkit as ck
from crmkit.churn import (
    Active,
    BTYDChurn,
    ChurnClassifier,
    NoPurchase,
    RecencyRule,
    RFMLogistic,
    SnapshotBuilder,
)
from crmkit.clv import BetaGeoModel
from crmkit.metrics import expected_calibration_error, lift_at
from crmkit.metrics._churn_resampled import roc_area
from crmkit.metrics._resampling import Falling, drawn_weights

OUT = Path(__file__).parents[1] / "docs" / "guide" / "churn"
SINGLE = ("spline_logistic", "boosted_small", "boosted_default")
BASELINES = ("RecencyRule", "RFMLogistic", "BTYDChurn", "logistic regression")
DAY = pd.Timedelta(days=1)
RESAMPLES = 500
EPS = 1e-15


@dataclass(frozen=True, eq=False)
class Measured:
    """Probabilities of one test (a cut-off, a fold, a seed) by model, and what came."""

    name: str
    y: np.ndarray
    customers: np.ndarray
    p: dict[str, np.ndarray]
    seconds: dict[str, float]
    chosen: str
    learnt: str = ""


@dataclass(frozen=True, eq=False)
class Case:
    """What is measured, how, and what was aimed at: bounds of scores of `auto`."""

    title: str
    about: str
    measure: Callable[[bool], Iterator[Measured]]
    aims: dict[str, float]


# Event logs, forward in time


@dataclass(frozen=True)
class Protocol:
    """Test cut-offs at the end of a log, and training cut-offs before each; all in days."""

    load: Callable[[], ck.EventLog]
    horizon: int
    tests: int
    between_tests: int
    between_training: int
    most: int = 6

    def cutoffs(self, log: ck.EventLog, inner: bool) -> dict[Any, list[Any]]:
        """Training cut-offs by test cut-off; no label that trains reaches its test cut-off."""
        end = pd.Timestamp(log.cutoff(None))
        tests = [end - (self.horizon + i * self.between_tests) * DAY for i in range(self.tests)]
        if inner:
            last = min(tests) - self.horizon * DAY
            tests = [last - i * self.between_training * DAY for i in range(2)]
        first = pd.Timestamp(log.first_event).normalize()
        found = {}
        for test in sorted(tests):
            back = [self.horizon + j * self.between_training for j in range(self.most)]
            cuts = sorted(test - days * DAY for days in back)
            found[test] = [c for c in cuts if (c - first) / DAY >= max(60, self.horizon)]
        return {test: cuts for test, cuts in found.items() if cuts}

    def __call__(self, inner: bool) -> Iterator[Measured]:
        log = self.load()
        for test, cuts in self.cutoffs(log, inner).items():
            yield at_cutoff(log, test, cuts, self.horizon, f"{test:%Y-%m-%d}")


def at_cutoff(log: ck.EventLog, test: Any, cuts: list[Any], horizon: int, name: str) -> Measured:
    """Every model, fitted on snapshots at the training cut-offs and asked at the test cut-off."""
    builder = SnapshotBuilder(label=NoPurchase(f"{horizon}D"), population=Active(within=None))
    learn, asked = builder.build(log, cuts), builder.build(log, [test])
    models: dict[str, Any] = {"auto": ChurnClassifier()}
    models |= {name: ChurnClassifier(name, calibrate="none") for name in SINGLE}
    models |= {"RFMLogistic": RFMLogistic(), "RecencyRule": RecencyRule()}
    p, seconds = {}, {}
    for model, estimator in models.items():
        start = time.process_time()
        estimator.fit(learn)
        seconds[model] = time.process_time() - start
        p[model] = estimator.predict_proba(asked)[:, 1]
    start = time.process_time()
    purchases = BTYDChurn(BetaGeoModel(unit="D"), horizon=f"{horizon}D").fit(asked.X)
    seconds["BTYDChurn"] = time.process_time() - start
    p["BTYDChurn"] = purchases.predict_proba(asked.X)[:, 1]
    learnt = f"{len(cuts)} cut-offs, {cuts[0]:%Y-%m-%d} to {cuts[-1]:%Y-%m-%d}"
    y, customers = np.asarray(asked.y, dtype=float), np.asarray(asked.groups)
    return Measured(name, y, customers, p, seconds, choice(models["auto"]), learnt)


def choice(model: ChurnClassifier) -> str:
    kind = model.calibration_["kind"]
    return model.chosen_ + ("" if kind == "none" else f", {kind} calibration")


def cdnow() -> ck.EventLog:
    return ck.EventLog(ck.datasets.load_cdnow())


def groceries() -> ck.EventLog:
    """Complete Journey: the lines with a price."""
    log = complete_journey()
    return ck.EventLog(log.data[log.data["amount"] > 0])


# Customers of known truth

TRUTH = {"r": 0.8, "alpha": 40.0, "a": 0.8, "b": 2.5}
SPAN, ENTRY, AHEAD, SHOPPERS = 720, 400, 60, 12_000


def simulated(inner: bool) -> Iterator[Measured]:
    """Customers of the BG/NBD model; beside the models the best that anybody can say."""
    start, test = pd.Timestamp("2021-01-01"), SPAN - AHEAD
    for seed in (100, 101) if inner else (0, 1, 2):
        events = simulated_events(seed)
        when = start + pd.to_timedelta(events["at"], unit="D")
        log = ck.EventLog(events.drop(columns="at").assign(timestamp=when))
        cuts = [start + (test - AHEAD - 30 * j) * DAY for j in range(8)]
        found = at_cutoff(log, start + test * DAY, sorted(cuts), AHEAD, f"seed {seed}")
        found.p["Bayes"] = bayes(events, test)[found.customers]
        yield replace(found, customers=found.customers + seed * SHOPPERS)


def simulated_events(seed: int) -> pd.DataFrame:
    """Purchases by customer, in days since the start, with amounts that tell nothing."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0.0, ENTRY, SHOPPERS)
    rate = rng.gamma(TRUTH["r"], 1.0 / TRUTH["alpha"], SHOPPERS)
    leaves = rng.beta(TRUTH["a"], TRUTH["b"], SHOPPERS)
    who = np.arange(SHOPPERS)
    rounds = [(who, at)]
    while len(who):
        at = at + rng.exponential(1.0, len(who)) / rate[who]
        who, at = who[at < SPAN], at[at < SPAN]
        rounds.append((who, at))
        stays = rng.random(len(who)) >= leaves[who]
        who, at = who[stays], at[stays]
    customers, times = (np.concatenate(column) for column in zip(*rounds, strict=True))
    amount = rng.lognormal(3.0, 0.5, len(times)).round(2) + 0.01
    return pd.DataFrame({"customer_id": customers, "at": times, "amount": amount})


def bayes(events: pd.DataFrame, test: float) -> np.ndarray:
    """Probability of no purchase ahead by the true parameters, given the exact history."""
    by = events[events["at"] < test].groupby("customer_id")["at"].agg(["min", "max", "size"])
    told = {"frequency": by["size"] - 1, "recency": by["max"] - by["min"], "T": test - by["min"]}
    model = BetaGeoModel.from_dict({"init": {"unit": "D"}, "fitted": {"params_": TRUTH}})
    found = np.full(SHOPPERS, np.nan)
    customers = pd.DataFrame(told).reset_index()
    found[by.index] = model.probability_no_purchase(customers, float(AHEAD))
    return found


# Ordinary tables, by folds


@dataclass(frozen=True)
class Ordinary:
    """A table of customers with a label: five folds, two seeds, equal rows in one fold."""

    file: str
    target: str
    left: Any

    def __call__(self, inner: bool) -> Iterator[Measured]:
        X, y, equal = self.load()
        for seed in (2,) if inner else (0, 1):
            folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(X, y, equal)
            for fold, (learn, test) in enumerate(folds):
                yield in_fold(X, y, equal, learn, test, f"seed {seed}, fold {fold}")

    def load(self) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Table as it comes but for ids, labels, and a number shared by equal rows."""
        folder = os.environ.get("CRMKIT_DATA")
        if folder is None:
            raise FileNotFoundError("CRMKIT_DATA is not set")
        table = pd.read_parquet(Path(folder) / "churn" / f"{self.file}.parquet")
        table = table.drop(columns="customerID", errors="ignore")
        equal = table.groupby(list(table.columns), observed=True, dropna=False).ngroup()
        y = (table[self.target] == self.left).to_numpy().astype(float)
        return table.drop(columns=self.target), y, equal.to_numpy()


def in_fold(X, y, equal, learn, test, name: str) -> Measured:
    """Every model, fitted on a training part, asked about its fold."""
    p, seconds, auto = {}, {}, ""
    for model in ("auto", *SINGLE):
        start = time.process_time()
        fitted = ChurnClassifier(model, calibrate="auto" if model == "auto" else "none")
        fitted.fit(X.iloc[learn], y[learn], groups=equal[learn])
        seconds[model] = time.process_time() - start
        p[model] = fitted.predict_proba(X.iloc[test])[:, 1]
        auto = auto or choice(fitted)
    start = time.process_time()
    p["logistic regression"] = plain_logistic(X, y, learn, test)
    seconds["logistic regression"] = time.process_time() - start
    return Measured(name, y[test], equal[test], p, seconds, auto)


def plain_logistic(X, y, learn, test) -> np.ndarray:
    """What a data scientist writes first: dummies, scaling, logistic regression."""
    if "TotalCharges" in X:
        X = X.assign(TotalCharges=pd.to_numeric(X["TotalCharges"], errors="coerce").fillna(0.0))
    dummies = pd.get_dummies(X, dtype=float)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return model.fit(dummies.iloc[learn], y[learn]).predict_proba(dummies.iloc[test])[:, 1]


# Scores and differences


def score_means(tests: list[Measured]) -> pd.DataFrame:
    """Scores of every model, each the mean over the tests."""
    rows = {}
    for model in tests[0].p:
        each = [(t.y, t.p[model]) for t in tests]
        rows[model] = {
            "AUC": np.mean([area(y, p) for y, p in each]),
            "log loss": np.mean([log_losses(y, p).mean() for y, p in each]),
            "ECE": np.mean([expected_calibration_error(y, p, n_bins=15) for y, p in each]),
            "lift at 10 %": np.mean([lift_at(y, p) for y, p in each]),
            "CPU s": np.mean([t.seconds.get(model, np.nan) for t in tests]),
        }
    return pd.DataFrame(rows).T


def area(y: np.ndarray, p: np.ndarray) -> float:
    return float(roc_area(*Falling(p, y).grouped(np.ones((1, len(y)))))[0])


def log_losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -np.log(np.clip(np.where(y == 1, p, 1 - p), EPS, 1))


def differences(tests: list[Measured], to: str = "auto") -> dict[tuple[str, str], np.ndarray]:
    """Differences of every model to one, by model and score: mean, and ends of a 95 % interval.

    Customers are drawn with all their rows; scores are the mean over the tests, as above.
    """
    names = list(tests[0].p)
    code, _ = pd.factorize(np.concatenate([t.customers for t in tests]))
    stops = np.cumsum([0] + [len(t.y) for t in tests])
    falling = [[Falling(t.p[name], t.y) for name in names] for t in tests]
    losses = [np.column_stack([log_losses(t.y, t.p[name]) for name in names]) for t in tests]
    drawn: dict[str, list[np.ndarray]] = {"AUC": [], "log loss": []}
    for weight in drawn_weights(len(code), RESAMPLES, np.random.default_rng(0), code):
        parts = [weight[:, a:b] for a, b in pairwise(stops)]
        areas = [
            np.column_stack([roc_area(*each.grouped(part)) for each in ordered])
            for part, ordered in zip(parts, falling, strict=True)
        ]
        means = [
            part @ loss / part.sum(axis=1, keepdims=True)
            for part, loss in zip(parts, losses, strict=True)
        ]
        drawn["AUC"].append(np.mean(areas, axis=0))
        drawn["log loss"].append(np.mean(means, axis=0))
    scores, found = score_means(tests), {}
    for score, blocks in drawn.items():
        each = np.concatenate(blocks)
        ends = np.percentile(each - each[:, [names.index(to)]], [2.5, 97.5], axis=0)
        gap = scores[score] - scores.loc[to, score]
        for j, name in enumerate(names):
            found[name, score] = np.array([gap[name], *ends[:, j]])
    return found


def verdicts(aims: dict[str, float], scores: pd.DataFrame) -> list[str]:
    """What was aimed at beforehand, and whether it was reached."""
    auto, told = scores.loc["auto"], []
    for score, bound in aims.items():
        if score == "Bayes":
            behind = scores.loc["Bayes", "AUC"] - auto["AUC"]
            said = f"AUC of *auto* at most {bound} below that of *Bayes*"
            told.append((said, f"{behind:.4f} below", behind <= bound))
        elif score == "AUC":
            said = f"AUC of *auto* at least {bound}"
            told.append((said, f"{auto[score]:.4f}", auto[score] >= bound))
        else:
            said = f"{score} of *auto* at most {bound}"
            told.append((said, f"{auto[score]:.4f}", auto[score] <= bound))
    best = scores.loc[list(SINGLE), "AUC"]
    behind = best.max() - auto["AUC"]
    said = f"AUC of *auto* within 0.003 of the best single candidate ({best.idxmax()})"
    told.append((said, f"{-behind:+.4f} to it", behind <= 0.003))
    base = scores.loc[[name for name in BASELINES if name in scores.index], "log loss"]
    behind = auto["log loss"] - base.min()
    said = f"log loss of *auto* not above that of the best baseline ({base.idxmin()})"
    told.append((said, f"{behind:+.4f} to it", behind <= 0))
    return [f"{aim}: {own}, {'reached' if ok else '**missed**'}." for aim, own, ok in told]


# Tables


def fragment(case: Case, tests: list[Measured]) -> str:
    """The section of a case in reStructuredText."""
    scores = score_means(tests)
    lines = [case.title, "-" * len(case.title), "", case.about, "", tests_told(tests), ""]
    lines += [table("Scores, mean over the tests", score_rows(scores))]
    lines += [table("Less *auto*, on the same customers", gap_rows(differences(tests)))]
    lines += ["Aimed at before it was measured:", ""]
    lines += [f"* {text}" for text in verdicts(case.aims, scores)]
    return "\n".join(lines) + "\n"


def tests_told(tests: list[Measured]) -> str:
    """What the tests were: a table of few, a sentence on many."""
    if len(tests) <= 3:
        rows = [["test", "customers", "churned", "learnt from", "auto chose"]]
        for t in tests:
            rows.append([t.name, f"{len(t.y):,}", f"{t.y.mean():.3f}", t.learnt, t.chosen])
        return table("Tests", rows)
    picks = pd.Series([t.chosen for t in tests]).value_counts()
    told = "; ".join(f"{name} in {count}" for name, count in picks.items())
    rate = np.concatenate([t.y for t in tests]).mean()
    return f"{len(tests)} tests, {rate:.3f} churned. *auto* chose: {told}."


def score_rows(scores: pd.DataFrame) -> list[list[str]]:
    forms = ["{:.4f}", "{:.4f}", "{:.3f}", "{:.2f}", "{:.1f}"]
    rows = [["model", *scores.columns]]
    for name, row in scores.iterrows():
        cells = [f.format(v) if v == v else "" for f, v in zip(forms, row, strict=True)]
        rows.append([shown(str(name)), *cells])
    return rows


def gap_rows(gaps: dict[tuple[str, str], np.ndarray]) -> list[list[str]]:
    rows = [["model", "AUC", "log loss"]]
    for name in dict.fromkeys(name for name, _ in gaps):
        if name == "auto":
            continue
        cells = []
        for score in ("AUC", "log loss"):
            gap, low, high = gaps[name, score].round(4) + 0.0
            up, down = ("better", "worse") if score == "AUC" else ("worse", "better")
            word = up if low > 0 else down if high < 0 else "unclear"
            cells.append(f"{gap:+.4f} [{low:+.4f}, {high:+.4f}] {word}")
        rows.append([shown(name), *cells])
    return rows


def shown(name: str) -> str:
    return f"({name})" if name in (*BASELINES, "Bayes") else name


def table(title: str, rows: list[list[str]]) -> str:
    """Rows as a csv-table of reStructuredText."""
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    body = "\n".join(f"   {line}" for line in made.getvalue().splitlines())
    return f".. csv-table:: {title}\n   :header-rows: 1\n\n{body}\n"


ALL = "Everybody with a purchase before the cut-off is asked about; churn is no purchase within"
FOLDS = (
    "Five folds with two seeds, equal rows in one fold; *auto* chooses within the training part."
)
CASES = {
    "cdnow": Case(
        "CDNOW, 90 days",
        f"A music shop, customers won in one quarter. {ALL} 90 days.",
        Protocol(cdnow, 90, 3, 45, 45),
        {"AUC": 0.822, "log loss": 0.326},
    ),
    "online_retail": Case(
        "UCI Online Retail, 60 days",
        f"Gifts, many wholesalers, one year. {ALL} 60 days.",
        Protocol(online_retail, 60, 3, 30, 30),
        {"AUC": 0.748, "log loss": 0.585},
    ),
    "complete_journey": Case(
        "Complete Journey, 28 days",
        f"Groceries of frequent shoppers, one year. {ALL} 28 days.",
        Protocol(groceries, 28, 2, 60, 14),
        {"AUC": 0.880},
    ),
    "simulated": Case(
        "Customers of known truth, 60 days",
        "12,000 customers of the BG/NBD model (r 0.8, alpha 40 days, a 0.8, b 2.5) who come within "
        "the first 400 of 720 days, made three times; amounts tell nothing. *Bayes* knows the four "
        f"numbers and each history to the second: nobody can say better. {ALL} 60 days.",
        simulated,
        {"Bayes": 0.004},
    ),
    "telco": Case(
        "Telco (IBM), a table of 7,043 customers",
        FOLDS,
        Ordinary("telco_ibm", "Churn", "Yes"),
        {"AUC": 0.849, "log loss": 0.412, "ECE": 0.03},
    ),
    "mlc": Case(
        "MLC churn, a table of 5,000 customers",
        FOLDS,
        Ordinary("mlc_churn", "churn", "yes"),
        {"log loss": 0.155},
    ),
    "iranian": Case(
        "Iranian telecom, a table of 3,150 customers",
        f"{FOLDS} 300 rows are copies of others and stay in one fold with them; nearly equal rows "
        "do not, so that these numbers are optimistic.",
        Ordinary("iranian_churn_uci563", "Churn", 1),
        {},
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--inner", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in given.names or list(CASES):
        try:
            tests = list(CASES[name].measure(given.inner))
        except FileNotFoundError as error:
            print(f"{name}: left out: {error}")
            continue
        text = fragment(CASES[name], tests)
        print(text, flush=True)
        if not given.inner:
            OUT.mkdir(parents=True, exist_ok=True)
            made = f".. Made by: python benchmarks/churn_tables.py {name}\n\n"
            (OUT / f"{name}.inc").write_text(made + text, encoding="utf-8")


if __name__ == "__main__":
    main()
