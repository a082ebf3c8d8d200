"""Is the model still right? New customers and scores against those it was trained on."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import MISSING, is_numeric_text, names_of, read_columns
from crmkit._validation import Floats, check_real, check_share, check_whole
from crmkit.churn._columns import check_rows, group_codes, per_customer, probabilities, vector
from crmkit.churn._drift import (
    area,
    bin_counts,
    bin_edges,
    calibration,
    index_noise,
    merged,
    promised,
    stability_index,
    top_lift,
)
from crmkit.churn._monitor_report import MonitorReport, advice_of
from crmkit.churn._snapshots import features_of, opened
from crmkit.churn._table_encoder import encode, learn_columns, used_places
from crmkit.exceptions import DataError

OWNER = "ChurnMonitor"
COLUMNS = ["name", "kind", "reference", "now", "change", "limit"]
MISSING_SHARES = ["missing_before", "missing_now"]
_LEAST, _N_LABEL_TESTS = 20, 4

Row = tuple[str, str, float, float, float, float]


class ChurnMonitor(BaseEstimator):
    """Watch a churn model at work: snapshots and scores in, a report on what has changed out.

    Features and scores are compared on the day of scoring; calibration and ranking once the
    labels of that day are known. A change is an alarm where it is larger than chance explains and
    large enough to matter. Ranking is compared with what it would be among the customers of today:
    who are more alike are harder to tell apart, which is no fault of the model. It does not tell
    that a model was good to begin with.

    Parameters
    ----------
    false_alarm : float, default=0.05
        Probability that a check in which nothing has changed raises any alarm, shared among all
        that is compared.
    psi_limit : float, default=0.1
        Population stability index from which a shift of a feature or of the scores matters; 0.1
        to 0.25 is the usual range.
    gap_limit : float, default=0.03
        Gap between churn rate and mean probability that matters, as a probability.
    auc_limit : float, default=0.02
        Fall of the area under the curve that matters.
    lift_limit : float, default=0.1
        Fall of the lift that matters, as a share of the lift before.
    share : float, default=0.1
        Share of the riskiest customers whose lift is watched.
    n_bins : int, default=10
        Bins of a feature of numbers; missing values have a bin of their own, also where the
        reference has none.

    Attributes
    ----------
    columns_ : list of dict
        What each column was taken for; those that look like identifiers are left aside, those
        that are constant are watched.
    edges_ : list of ndarray
        Edges of the bins of each feature that is watched, the scores last.
    counts_ : list of ndarray
        Customers in each bin before, the scores last.
    centres_ : list of float
        Median of each feature before, of the code where it is words.
    missing_ : list of float
        Share of each feature that was missing before.
    reference_ : dict
        Numbers of the reference: mean probability and, with labels, churn rate, area under the
        curve and lift with their variances, and what the probabilities promised of both.
    n_reference_ : int
        Number of customers of the reference: a customer with several snapshots counts once.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str
        Their names, when `fit` saw a frame.

    References
    ----------
    .. [1] Yurdakul, B. (2018). Statistical properties of the population stability index. Western
       Michigan University, dissertation 3208.
    .. [2] DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under
       two or more correlated receiver operating characteristic curves. Biometrics 44, 837-845.
    .. [3] Hosmer, D. W. and Lemeshow, S. (1980). Goodness of fit tests for the multiple logistic
       regression model. Communications in Statistics A9, 1043-1069.
    .. [4] van Klaveren, D., Gonen, M., Steyerberg, E. W. and Vergouwe, Y. (2016). A new
       concordance measure for risk prediction models in external validation settings. Statistics
       in Medicine 35, 4136-4152.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmkit.churn import ChurnMonitor
    >>> random = np.random.default_rng(0)
    >>> before = pd.DataFrame({"days": random.exponential(40, 2000), "orders": 1.0})
    >>> now = pd.DataFrame({"days": random.exponential(80, 2000), "orders": 1.0})
    >>> monitor = ChurnMonitor().fit(before, 1 - np.exp(-before["days"] / 60))
    >>> report = monitor.check(now, 1 - np.exp(-now["days"] / 60))
    >>> report.table[["name", "kind", "alarm"]]
         name     kind  alarm
    0    days  feature   True
    1  orders  feature  False
    2   score    score   True
    >>> report.advice
    'retrain'
    """

    def __init__(
        self,
        false_alarm: float = 0.05,
        psi_limit: float = 0.1,
        gap_limit: float = 0.03,
        auc_limit: float = 0.02,
        lift_limit: float = 0.1,
        share: float = 0.1,
        n_bins: int = 10,
    ) -> None:
        self.false_alarm = false_alarm
        self.psi_limit = psi_limit
        self.gap_limit = gap_limit
        self.auc_limit = auc_limit
        self.lift_limit = lift_limit
        self.share = share
        self.n_bins = n_bins

    def fit(
        self,
        X: Any,
        p: npt.ArrayLike,
        y: npt.ArrayLike | None = None,
        *,
        groups: npt.ArrayLike | None = None,
    ) -> Self:
        """Remember the reference: snapshots and their scores in, the fitted monitor out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_rows, n_columns) or Snapshots
            Features of the model, without ids.
        p : array-like of shape (n_rows,) or (n_rows, 2)
            Probabilities of churn that the model gave to customers it was not fitted on: of a
            later cut-off, or out of fold. Those of training look better than any to come.
        y : array-like of shape (n_rows,), default=None
            1 for churned and 0 for stayed; with it the ranking can be compared later. Snapshots
            hold it.
        groups : array-like of shape (n_rows,), default=None
            Customer of each row, where one has several rows: chance then lies in who the
            customers are. Snapshots hold it.

        Returns
        -------
        Self
            The fitted monitor.

        Raises
        ------
        DataError
            If a parameter is not allowed, lengths differ, there are fewer than 20 rows, or `y`
            or `groups` has missing values.
        """
        self._check_parts()
        _, told = opened(X, y=y, groups=groups)
        y, groups = told["y"], told["groups"]
        table = self._features(X, reset=True)
        risk = self._scores(p, y)
        columns = read_columns(table, None, OWNER)
        n = len(columns[0].values)
        check_rows(n, risk[0], "p", OWNER)
        together = None if groups is None else group_codes(groups, n, OWNER)
        learnt = learn_columns(
            columns, names_of(table, OWNER), np.ones(n), _frames.is_frame(table), OWNER
        )
        self.columns_ = [watched(*pair) for pair in zip(learnt, columns, strict=True)]
        used = [columns[place] for place in used_places(self.columns_)]
        encoded = encode(used, self.columns_, OWNER)
        values = [*encoded.x.T, risk[0]]
        levels = [*encoded.levels, 0]
        self.edges_ = [
            np.arange(1.0, n_levels + 1.0) if n_levels else bin_edges(each, self.n_bins)
            for each, n_levels in zip(values, levels, strict=True)
        ]
        self.counts_ = [
            bin_counts(each, edges) for each, edges in zip(values, self.edges_, strict=True)
        ]
        self.centres_ = [middle(each) for each in values[:-1]]
        self.missing_ = [missing_share(column) for column in used]
        self.n_reference_ = n if together is None else int(together.max()) + 1
        self.reference_ = reference_of(*risk, self.share, together)
        return self

    def check(self, X: Any, p: npt.ArrayLike, y: npt.ArrayLike | None = None) -> MonitorReport:
        """Compare with the reference: new snapshots and scores in, a report out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns) or Snapshots
            Features of the customers now, one row each.
        p : array-like of shape (n_customers,) or (n_customers, 2)
            Probabilities of churn that the model gives them.
        y : array-like of shape (n_customers,), default=None
            1 for churned and 0 for stayed, once it is known; None compares features and scores,
            unless X is Snapshots, which bring it.

        Returns
        -------
        MonitorReport
            `table`, `advice` ("keep", "watch", "recalibrate" or "retrain") and `text`.
        """
        check_is_fitted(self)
        table = self._features(X, reset=False)
        risk, churned = self._scores(p, opened(X, y=y)[1]["y"])
        columns = read_columns(table, used_places(self.columns_), OWNER)
        x = encode(columns, self.columns_, OWNER).x
        check_rows(len(x), risk, "p", OWNER)
        n_tests = len(self.edges_) + (0 if churned is None else _N_LABEL_TESTS)
        chance = self.false_alarm / n_tests
        rows = self._shifts([*x.T, risk], chance)
        if churned is not None:
            rows += self._label_rows(churned, risk, chance)
        report = pd.DataFrame(rows, columns=COLUMNS).assign(
            alarm=[bool(change > limit) for *_, change, limit in rows]
        )
        for name, shares in zip(
            MISSING_SHARES, (self.missing_, [missing_share(c) for c in columns]), strict=True
        ):
            report[name] = [*shares, *[np.nan] * (len(report) - len(shares))]
        return advice_of(report, len(risk), churned is not None)

    def _shifts(self, watched: list[Floats], chance: float) -> list[Row]:
        """One row per feature and one for the scores."""
        names = [self.columns_[place]["name"] for place in used_places(self.columns_)]
        rows: list[Row] = []
        for place, (values, edges, before) in enumerate(
            zip(watched, self.edges_, self.counts_, strict=True)
        ):
            old, new = merged(before, bin_counts(values, edges))
            change = stability_index(old, new)
            noise = index_noise(self.n_reference_, len(values), len(old), chance)
            limit = max(noise, self.psi_limit)
            if place == len(names):
                mean = float(values.mean())
                rows.append(("score", "score", self.reference_["p"], mean, change, limit))
            else:
                now, name = middle(values), str(names[place])
                rows.append((name, "feature", self.centres_[place], now, change, limit))
        return rows

    def _label_rows(self, y: Floats, p: Floats, chance: float) -> list[Row]:
        """Level and calibration now; area and lift against the reference, where it has labels."""
        z = float(stats.norm.isf(chance / 2.0))
        level = abs(float(y.mean() - p.mean()))
        noise = z * float(np.sqrt((p * (1.0 - p)).sum())) / len(p)
        rows: list[Row] = [
            ("level", "calibration", float(p.mean()), float(y.mean()), level,
             max(noise, self.gap_limit)),
        ]  # fmt: skip
        gap, likely = calibration(y, p)
        limit = self.gap_limit if likely < chance else max(gap, self.gap_limit)
        before = self.reference_.get("gap", float("nan"))
        rows.append(("gap in groups", "calibration", before, gap, gap, limit))
        if "auc" in self.reference_ and len(np.unique(y)) == 2:
            rows += self._ranking_rows(reference_of(p, y, self.share, None), chance)
        return rows

    def _ranking_rows(self, now: dict[str, float], chance: float) -> list[Row]:
        """Area and lift against what they would be among these customers, had nothing changed."""
        before, z = self.reference_, float(stats.norm.isf(chance))
        kept = before["lift"] / before["lift_promised"]
        due = {
            "auc": min(now["auc_promised"] + before["auc"] - before["auc_promised"], 1.0),
            "lift": now["lift_promised"] * kept,
        }
        scale = {"auc": 1.0, "lift": (now["lift_promised"] / before["lift_promised"]) ** 2}
        rows: list[Row] = []
        for name, kind, least in (
            ("auc", "ranking", self.auc_limit),
            ("lift", "lift", self.lift_limit * due["lift"]),
        ):
            spread = scale[name] * before[f"{name}_variance"] + now[f"{name}_variance"]
            limit = max(z * float(np.sqrt(spread)), least)
            rows.append((name, kind, due[name], now[name], due[name] - now[name], limit))
        return rows

    def _scores(self, p: Any, y: Any) -> tuple[Floats, Floats | None]:
        risk = probabilities(p, OWNER)
        if len(risk) < _LEAST:
            raise DataError(
                f"{OWNER}: {len(risk)} customers are too few to tell a change from chance; "
                f"at least {_LEAST} are needed."
            )
        if y is None:
            return risk, None
        labels = vector(y, "y", OWNER)
        churned = per_customer(labels, None, len(risk), "y", OWNER, low=0.0, high=1.0)
        if not np.isin(churned, (0.0, 1.0)).all():
            raise DataError(f"{OWNER}: y must be 1 for churned and 0 for stayed.")
        return risk, churned

    def _features(self, X: Any, *, reset: bool) -> Any:
        """Eager frame or array with the columns of `fit`, found by name in a wider frame."""
        table = _frames.to_eager(features_of(X))
        if not _frames.is_frame(table):
            return validate_data(self, table, dtype=None, ensure_all_finite=False, reset=reset)
        if not _frames.column_names(table, OWNER):
            raise DataError(f"{OWNER}: X has no columns to compare.")
        if not reset and hasattr(self, "feature_names_in_"):
            names = list(self.feature_names_in_)
            table = _frames.attach(table, keep=names, add={}, owner=OWNER)
        validate_data(self, table, skip_check_array=True, reset=reset)
        return table

    def _check_parts(self) -> None:
        check_share(self.false_alarm, "false_alarm", OWNER)
        check_share(self.share, "share", OWNER)
        check_whole(self.n_bins, "n_bins", OWNER, low=2)
        for name in ("psi_limit", "gap_limit", "auc_limit", "lift_limit"):
            check_real(getattr(self, name), name, OWNER, low=0.0)


def reference_of(
    p: Floats, y: Floats | None, share: float, groups: npt.NDArray[np.int64] | None
) -> dict[str, float]:
    """Level and, where both classes are there, ranking with variances and what was promised."""
    found = {"p": float(p.mean())}
    if y is None:
        return found
    found |= {"y": float(y.mean()), "gap": calibration(y, p)[0]}
    if len(np.unique(y)) == 2:
        found["auc"], found["auc_variance"] = area(y, p, groups)
        found["lift"], found["lift_variance"] = top_lift(y, p, share, groups)
        found["auc_promised"], found["lift_promised"] = promised(p, found["y"], share)
    return found


def watched(learnt: dict[str, Any], column: MixedColumn) -> dict[str, Any]:
    """How a column is encoded to be watched: gaps are kept, and a constant may change."""
    if learnt["kind"] == "number":
        return {**learnt, "gaps": True}
    if learnt["why"] != "constant":
        return learnt
    there = [word for word in column.values.tolist() if is_there(word)]
    if there and (column.kind == "number" or is_numeric_text(column.values)):
        return {**learnt, "kind": "number", "gaps": True}
    return {**learnt, "kind": "category", "levels": [there[0] if there else MISSING]}


def missing_share(column: MixedColumn) -> float:
    """Share of a column that is missing or blank."""
    if column.kind == "number":
        return float(np.isnan(column.values).mean())
    return float(np.mean([not is_there(word) for word in column.values.tolist()]))


def is_there(word: Any) -> bool:
    """Whether a value is neither missing nor blank."""
    return word is not None and word == word and bool(str(word).strip())


def middle(values: Floats) -> float:
    """Median of what is not missing, NaN where all is."""
    there = values[~np.isnan(values)]
    return float(np.median(there)) if len(there) else float("nan")
