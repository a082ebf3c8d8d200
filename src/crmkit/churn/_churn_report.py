"""What a churn report found: models beside baselines at each test cut-off, paired, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._notebook import Told
from crmkit._validation import Floats, check_choice
from crmkit.churn._cutoffs import Cutoffs
from crmkit.churn._report_draws import Draws
from crmkit.churn._report_text import told
from crmkit.churn._snapshots import Snapshots
from crmkit.exceptions import DataError
from crmkit.metrics import calibration_table
from crmkit.metrics._churn_scores import CHURN_SCORES
from crmkit.metrics._tasks import CHURN

OWNER = "ChurnReport"
COMPARED = tuple(name for name in CHURN_SCORES if name not in CHURN.facts)


@dataclass(frozen=True, eq=False)
class ChurnReport(Told):
    """Hold what `churn_report` found: probabilities of models and baselines beside what came.

    ``print`` it for population, label, cut-offs, tables, paired verdicts and words of caution; its
    methods give the numbers. For a picture hand `y`, `probabilities` and `groups` on:
    ``plot_gain(report.y, report.probabilities, groups=report.groups)``. All arrays have one entry
    per tested row.

    Parameters
    ----------
    tested : Snapshots
        The rows of the test cut-offs, with their features and labels.
    probabilities : dict of str to ndarray of shape (n_rows,)
        Probability of churn by name: the models first, then the baselines.
    models : tuple of str
        Names of the models.
    baselines : tuple of str
        Names of the baselines.
    fitted : dict of str to list
        Fitted copies by name, one for each test cut-off in order.
    splits : pandas.DataFrame
        A row a test cut-off: `test_cutoff`, `first_train_cutoff`, `last_train_cutoff`,
        `train_cutoffs` (number of them), `train_rows`, `purged_rows` (their labels end too late)
        and `test_rows`.
    splitter : str
        The splitter that made them, as text.
    level : float
        Probability of the intervals.
    n_resamples : int
        How often customers were drawn.
    n_left_aside : int
        Rows without a label, which are in nothing here.
    notes : list of str
        Which of the usual baselines were left away, and why.
    draws : Draws
        Scores of every resample, from which all intervals are read.

    See Also
    --------
    churn_report : Makes it.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.churn import RFM, NoPurchase, RFMLogistic, SnapshotBuilder, churn_report
    >>> log = ck.EventLog(ck.datasets.make_customers(300, random_state=0).events)
    >>> builder = SnapshotBuilder([RFM()], label=NoPurchase("60D"))
    >>> snapshots = builder.build(log, ["2024-03-01", "2024-06-01"])
    >>> report = churn_report(RFMLogistic(), snapshots, n_resamples=50)
    >>> report.models, report.baselines
    (('RFMLogistic',), ('RecencyRule', 'base rate'))
    >>> list(report.predictions().columns)
    ['customer_id', 'cutoff', 'y', 'RFMLogistic', 'RecencyRule', 'base rate']
    """

    tested: Snapshots
    probabilities: dict[str, Floats]
    models: tuple[str, ...]
    baselines: tuple[str, ...]
    fitted: dict[str, list[Any]]
    splits: pd.DataFrame
    splitter: str
    level: float
    n_resamples: int
    n_left_aside: int
    notes: list[str]
    draws: Draws = field(repr=False)

    @property
    def y(self) -> npt.NDArray[Any]:
        """What came: 1 churned, 0 stayed."""
        return self.tested.y

    @property
    def groups(self) -> npt.NDArray[Any]:
        """Customer of each row."""
        return self.tested.groups

    @property
    def cutoff(self) -> npt.NDArray[np.datetime64]:
        """Test cut-off of each row."""
        return self.tested.cutoff

    def table(self) -> pd.DataFrame:
        """Score every model and baseline at every test cut-off: a frame a row for each out.

        Returns
        -------
        pandas.DataFrame
            Indexed by `cutoff` and `prediction`, models first: `n_customers`, `base_rate` (share
            that churned) and the scores of `crmkit.metrics.churn_scores`.
        """
        parts = {}
        for place, cutoff in enumerate(self.draws.cutoffs):
            found = {name: self.draws.found[name][place] for name in self.probabilities}
            rows = pd.DataFrame.from_dict(found, orient="index", columns=list(CHURN_SCORES))
            size = int(np.sum(self.cutoff == cutoff))
            parts[pd.Timestamp(cutoff)] = rows.assign(n_customers=size)
        table = pd.concat(parts, names=["cutoff", "prediction"])
        return table[["n_customers", "base_rate", *COMPARED]]

    def summary(self) -> pd.DataFrame:
        """Average the scores over the test cut-offs, with intervals: a frame a score out.

        Each cut-off counts once. The intervals are the luck of who the customers are: they are
        drawn with replacement, each with his rows at all cut-offs. Seasons are not drawn.

        Returns
        -------
        pandas.DataFrame
            Indexed by `prediction` and `score`: `estimate`, `std_error`, `lower`, `upper`.
        """
        parts = {name: self.draws.spread(name, None, self.level) for name in self.probabilities}
        return pd.concat(parts, names=["prediction", "score"])

    def differences(
        self,
        metric: str | Sequence[str] | None = "log_loss",
        to: str | None = None,
        *,
        by_cutoff: bool = False,
    ) -> pd.DataFrame:
        """Compare the models with the baselines, customer by customer: a frame of intervals out.

        Both are scored on the same customers in every resample, so that what is luck for both
        drops out: a difference may be sure where the two intervals of `summary` overlap.

        Parameters
        ----------
        metric : str, sequence of str or None, default="log_loss"
            Which of the scores of `crmkit.metrics.churn_scores`; None is all of them.
        to : str or None, default=None
            What the models are compared with: the name of a baseline or another model, or "best",
            the baseline that is best by the score on average. None is each baseline.
        by_cutoff : bool, default=False
            Whether each test cut-off is told by itself; else the mean over them.

        Returns
        -------
        pandas.DataFrame
            Indexed by `prediction`, `against` and `score` (and `cutoff`): `estimate` (score of
            the model less that of the other), `std_error`, `lower`, `upper` and `verdict`:
            "better" or "worse" where the interval leaves out 0, else "no clear difference".

        Raises
        ------
        DataError
            If a score or `to` is not known.
        """
        wanted = COMPARED if metric is None else (metric,) if isinstance(metric, str) else metric
        for score in wanted:
            check_choice(score, "metric", COMPARED, OWNER)
        if to is not None:
            check_choice(to, "to", ["best", *self.probabilities], OWNER)
        places = list(range(len(self.draws.cutoffs))) if by_cutoff else [None]
        rows = [
            (name, base, score, place)
            for score in wanted
            for name in self.models
            for base in self._bases(score, to)
            if base != name
            for place in places
        ]
        if not rows:
            raise DataError(f"{OWNER}: there is no model to compare with to={to!r}.")
        pairs = {(name, base, place) for name, base, _, place in rows}
        told_of = {pair: self.draws.compared(*pair, self.level) for pair in pairs}
        made = [told_of[name, base, place].loc[score] for name, base, score, place in rows]
        keys = pd.DataFrame(rows, columns=["prediction", "against", "score", "cutoff"])
        if by_cutoff:
            keys["cutoff"] = self.draws.cutoffs[keys["cutoff"].to_numpy()]
        else:
            keys = keys.drop(columns="cutoff")
        table = pd.DataFrame(made).reset_index(drop=True).infer_objects()
        return table.set_index(pd.MultiIndex.from_frame(keys))

    def best_baseline(self, metric: str = "log_loss") -> str:
        """Name the baseline that is best by a score on average over the test cut-offs.

        Parameters
        ----------
        metric : str, default="log_loss"
            One of the scores of `crmkit.metrics.churn_scores`.

        Returns
        -------
        str
            One of `baselines`.

        Raises
        ------
        DataError
            If the score is not known.
        """
        check_choice(metric, "metric", COMPARED, OWNER)
        return best(self, self.baselines, metric)

    def calibration(
        self, prediction: str | None = None, cutoff: Any = None, *, n_bins: int = 10
    ) -> pd.DataFrame:
        """Set predicted beside observed churn, bin by bin: a frame a row a bin out.

        Parameters
        ----------
        prediction : str or None, default=None
            Name of a model or baseline; None is the first model.
        cutoff : str, date, datetime or None, default=None
            One test cut-off; None is the rows of all together, with intervals that are then a
            little too narrow, since a customer may be in them several times.
        n_bins : int, default=10
            Number of bins of equal size.

        Returns
        -------
        pandas.DataFrame
            As `crmkit.metrics.calibration_table` gives it.

        Raises
        ------
        DataError
            If there is no such prediction or no such test cut-off.
        """
        name = self.models[0] if prediction is None else prediction
        check_choice(name, "prediction", self.probabilities, OWNER)
        rows = np.ones(len(self.y), dtype=bool) if cutoff is None else self._rows_at(cutoff)
        y, p = self.y[rows], self.probabilities[name][rows]
        return calibration_table(y, p, n_bins=n_bins, level=self.level)

    def predictions(self) -> Any:
        """Give every probability with its customer: a frame a row a tested snapshot out.

        Returns
        -------
        dataframe
            The customer id, `cutoff`, `y` and a column of probabilities for each model and
            baseline, in the library of the snapshots.
        """
        of = self.tested
        made = _frames.new_frame(self.probabilities, like=of.X, owner=OWNER)
        return _frames.beside(of.ids, of.customer, {"cutoff": of.cutoff, "y": of.y}, made)

    def _tables(self) -> dict[str, Any]:
        return {"Scores at each cut-off": self.table()}

    def __repr__(self) -> str:
        told = f"{', '.join(self.models)} beside {', '.join(self.baselines)}"
        return f"<ChurnReport of {told}: {len(self.y):,} rows, {len(self.splits)} cut-offs>"

    def __str__(self) -> str:
        return told(self)

    def _bases(self, score: str, to: str | None) -> tuple[str, ...]:
        if to is None:
            return self.baselines
        return (best(self, self.baselines, score),) if to == "best" else (to,)

    def _rows_at(self, cutoff: Any) -> npt.NDArray[np.bool_]:
        wanted = np.datetime64(Cutoffs([cutoff])[0].replace(tzinfo=None), "us")
        rows = np.asarray(self.cutoff == wanted)
        if not rows.any():
            there = [str(each.astype("M8[D]")) for each in self.draws.cutoffs]
            raise DataError(f"{OWNER}: cutoff={cutoff!r} was not tested. There are {there}.")
        return rows


def best(report: ChurnReport, names: Sequence[str], metric: str) -> str:
    """Name of the forecast that is best by a score on average; the first of equals."""
    place = CHURN_SCORES.index(metric)
    mean = [float(report.draws.found[name][:, place].mean()) for name in names]
    sign = -1.0 if metric in CHURN.higher_is_better else 1.0
    return names[int(np.argmin(sign * np.array(mean)))]
