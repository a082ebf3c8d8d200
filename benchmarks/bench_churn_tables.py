"""ChurnClassifier on ordinary churn tables: outer folds that no choice has seen.

    CRMKIT_DATA=folder python benchmarks/bench_churn_tables.py [telco] [mlc] [iranian]

Five stratified folds with seeds 0 and 1, equal rows kept in one fold; inside every training part
the classifier chooses and calibrates by its own folds. "auto" stands beside each single candidate
(calibrated in the same way) and plain logistic regression, and the share of folds that chose each.
"""

import os
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from crmkit.churn import ChurnClassifier
from crmkit.metrics import expected_calibration_error, lift_at

FILES = {
    "telco": ("telco_ibm", "Churn", "Yes"),
    "mlc": ("mlc_churn", "churn", "yes"),
    "iranian": ("iranian_churn_uci563", "Churn", 1),
}
MODELS = ("auto", "spline_logistic", "boosted_small", "boosted_default")


def load(name: str):
    """Table as it comes, labels, and a number shared by equal rows."""
    file, target, left = FILES[name]
    table = pd.read_parquet(Path(os.environ["CRMKIT_DATA"]) / "churn" / f"{file}.parquet")
    groups = table.groupby(list(table.columns), observed=True, dropna=False).ngroup().to_numpy()
    return table.drop(columns=target), (table[target] == left).to_numpy().astype(int), groups


def plain_logistic(X, y, test):
    """What a data scientist writes first: dummies, scaling, logistic regression."""
    X = X.drop(columns="customerID", errors="ignore")
    if "TotalCharges" in X:
        X = X.assign(TotalCharges=pd.to_numeric(X["TotalCharges"], errors="coerce").fillna(0.0))
    dummies = pd.get_dummies(X, dtype=float)
    learn = np.setdiff1d(np.arange(len(X)), test)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return model.fit(dummies.iloc[learn], y[learn]).predict_proba(dummies.iloc[test])[:, 1]


def run(name: str) -> None:
    X, y, groups = load(name)
    scores: dict[str, list[list[float]]] = {}
    chosen: Counter[str] = Counter()
    seconds: dict[str, float] = Counter()
    for seed in (0, 1):
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(X, y, groups)
        for learn, test in folds:
            found = {"logistic": plain_logistic(X, y, test)}
            for model in MODELS:
                start = time.perf_counter()
                fitted = ChurnClassifier(model).fit(X.iloc[learn], y[learn], groups=groups[learn])
                seconds[model] += time.perf_counter() - start
                found[model] = fitted.predict_proba(X.iloc[test])[:, 1]
                if model == "auto":
                    chosen[f"{fitted.chosen_}, {fitted.calibration_['kind']}"] += 1
            for model, p in found.items():
                told = [roc_auc_score(y[test], p), log_loss(y[test], p)]
                told += [expected_calibration_error(y[test], p, n_bins=15), lift_at(y[test], p)]
                scores.setdefault(model, []).append(told)
    print(f"\n{name}: {len(y):,} rows, churn {y.mean():.4f}; auto chose {dict(chosen)}")
    print(f"{'':16} {'AUC':>7} {'log loss':>9} {'ECE':>6} {'lift':>6} {'s a fit':>8}")
    for model, rows in scores.items():
        auc, loss, ece, top = np.mean(rows, axis=0)
        each = seconds.get(model, 0.0) / len(rows)
        print(f"{model:16} {auc:7.4f} {loss:9.4f} {ece:6.3f} {top:6.2f} {each:8.1f}")


def main() -> None:
    warnings.simplefilter("ignore")
    for name in sys.argv[1:] or FILES:
        run(name)


if __name__ == "__main__":
    main()
