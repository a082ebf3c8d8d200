"""ChurnClassifier: probability of churn of customers, by the candidate that foretells best.

Candidates (see `crmkit.churn._candidates`) are judged by the log loss of customers they were not
learnt from, forward in time where cut-offs are given; the best is calibrated where that lowers the
loss, and learnt again from all customers. Probability = calibration(log-odds), and the log-odds
before calibration are a sum over features, so that every score has its reasons.
"""

from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils.validation import validate_data
from threadpoolctl import threadpool_limits

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import read_columns
from crmkit._progress import Progress
from crmkit._trees import Growth
from crmkit._validation import Floats, check_choice, check_whole, generator
from crmkit.base import check_is_fitted
from crmkit.churn._binary import PROBABILITY, BinaryChurn
from crmkit.churn._calibration import calibrated
from crmkit.churn._candidates import (
    CANDIDATES,
    contributions,
    fit_single,
    log_odds,
    odds_and_contributions,
)
from crmkit.churn._choice import AUTO, KINDS, choose
from crmkit.churn._explanation import reasons, sentences
from crmkit.churn._folds import thinned, validation
from crmkit.churn._onnx_classifier import classifier_graph
from crmkit.churn._snapshots import features_of, opened
from crmkit.churn._table_encoder import Table, encode, used_places
from crmkit.churn._training_table import Training, training_table
from crmkit.exceptions import DataError

OWNER = "ChurnClassifier"


class ChurnClassifier(BinaryChurn):
    """Foretell churn: customers and labels in, a calibrated, explained probability each out.

    Spline-logistic regression, small boosted trees, customary boosted trees and the average of
    curves and trees compete by log loss on customers they have not seen; the winner is calibrated
    if that lowers the loss. Use it for a table of customers with a label, or for `Snapshots` of an
    event log. Without labels of a past period use `BTYDChurn`. Ordinary tables go in as they are:
    numbers, also stored as text with blanks, words, categories, flags and missing values;
    identifiers and dates are left aside with a warning.

    Parameters
    ----------
    model : {"auto", "spline_logistic", "boosted_small", "boosted_default", "average"}, \
default="auto"
        The candidate to use; "auto" takes the one of the lowest log loss, ties within a thousandth
        going to the simpler. Below 200 rows "auto" does not grow trees.
    calibrate : {"auto", "none", "sigmoid", "isotonic"}, default="auto"
        Calibration by customers not learnt from; "auto" accepts one only if it lowers their log
        loss by a thousandth, and at no cut-off raises it; it needs 30 customers of each label
        for a sigmoid, 200 for a curve. With cut-offs the drift of the churn rate from one to the
        next is not carried on. None means "none".
    class_weight : dict or "balanced" or None, default=None
        What an error costs, by label. It moves what `predict` says; `predict_proba` is the share
        of customers who churn whatever the costs, and the training does not depend on them.
    cv : int, splitter, iterable of pairs or None, default=None
        How to validate. None: `PurgedForwardSplit` at the last four cut-offs where `cutoff` is
        given, else five stratified folds, which keep `groups` whole.
    contest_rows : int or None, default=20000
        Rows from which the candidates learn in each fold of the contest, and by which they are
        judged, at most: larger folds are thinned by whole customers, drawn by `random_state`, as
        `reason_` tells. The winner learns from all customers, and a calibration from whole
        folds. At least 1,000; None thins nothing.
    churned : label or None, default=None
        The label that means churn. None: the second in order (1, True, "Yes", "churned").
    random_state : int, RandomState, Generator or None, default=0
        Source of the random choices: the same seed gives the same model.
    n_jobs : int or None, default=None
        Threads for growing trees and for linear algebra; None means 1, -1 all. The trees do not
        depend on it.
    verbose : int, default=0
        1 tells the folds and the choice, with counts and seconds: logger "crmkit", level
        INFO, or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The two labels; the second is churn.
    threshold_ : float
        Probability above which `predict` says churn.
    chosen_ : str
        The candidate that was chosen.
    reason_ : str
        Why, in words, with the losses and how they were measured.
    candidates_ : list of dict
        What was measured of each candidate: see `candidates`.
    model_ : dict
        The fitted parts of the chosen candidate, as arrays and text.
    calibration_ : dict
        Kind of calibration and its numbers.
    space_ : str
        What `contributions` and `explain` add up to, in words.
    unit_ : str
        Unit of ages, such as "D", where X was Snapshots; else "".
    base_rate_ : float
        Share of customers who churned in the training data, by weight.
    columns_ : list of dict
        What each column was taken for, and why one was left aside.
    features_ : list of str
        Names of the columns that are used.
    n_features_in_ : int
        Number of columns in `fit`.
    feature_names_in_ : ndarray of str
        Their names, when `fit` saw a frame.

    See Also
    --------
    RFMLogistic : The baseline to compare with.
    crmkit.model_selection.PurgedForwardSplit : How snapshots are validated.

    Notes
    -----
    Features of customers with equal rows in many snapshots or households leak across random
    folds: pass `groups`. `sample_weight` counts customers: probabilities are about the customers
    as weighted.

    References
    ----------
    .. [1] Verbeke, W. et al. (2012). New insights into churn prediction in the telecommunication
       sector. European Journal of Operational Research 218, 211-229.
    .. [2] Elkan, C. (2001). The foundations of cost-sensitive learning. IJCAI, 973-978.
    .. [3] Ke, G. et al. (2017). LightGBM: a highly efficient gradient boosting decision tree.
       Advances in Neural Information Processing Systems 30.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.churn import ChurnClassifier
    >>> customers = pd.DataFrame({
    ...     "contract": ["monthly", "yearly"] * 60,
    ...     "days_since_last": list(range(120)),
    ... })
    >>> left = ["Yes" if days > 60 else "No" for days in customers["days_since_last"]]
    >>> model = ChurnClassifier().fit(customers, left)
    >>> model.chosen_
    'spline_logistic'
    >>> model.predict_proba(customers)[[0, 119], 1].round(1)
    array([0., 1.])
    >>> print(model.explain(customers.tail(1), top=1)["sentence"].item())
    last purchase 119 days ago: +...
    """

    def __init__(
        self,
        model: str = "auto",
        calibrate: str | None = "auto",
        class_weight: Any = None,
        cv: Any = None,
        contest_rows: int | None = 20_000,
        churned: Any = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.model = model
        self.calibrate = calibrate
        self.class_weight = class_weight
        self.cv = cv
        self.contest_rows = contest_rows
        self.churned = churned
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        cutoff: Any = None,
        label_end: Any = None,
        groups: Any = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """Choose, calibrate and learn: customers and labels in, the fitted classifier out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, n_columns) or Snapshots
            Customers. Snapshots bring along what of `y`, `cutoff`, `label_end` and `groups` is not
            given.
        y : array-like of shape (n_customers,), default=None
            1 for churned, 0 for stayed, or any two labels; needed unless X is Snapshots.
        cutoff : array-like of shape (n_customers,), default=None
            Instant at which the features of each row were taken; not without `label_end`.
        label_end : array-like of shape (n_customers,), default=None
            Instant at which its label was known.
        groups : array-like of shape (n_customers,), default=None
            What must stay on one side of a split: the customer where rows are snapshots, the
            household, or a number shared by equal rows.
        sample_weight : array-like of shape (n_customers,), default=None
            How many customers each row stands for; None means one.

        Returns
        -------
        Self
            The fitted classifier.

        Raises
        ------
        DataError
            If a parameter is not allowed, `y` does not hold two labels or they do not tell which
            is churn, no column can be used, a number is infinite, or `cv` cannot be carried out.
        """
        self._check_parameters()
        _, told = opened(X, y=y, cutoff=cutoff, label_end=label_end, groups=groups)
        data = training_table(
            self._checked(X, reset=True),
            told.pop("y"),
            sample_weight,
            told,
            self._settings(),
            OWNER,
        )
        self.unit_ = str(getattr(X, "unit", ""))
        self.classes_, self.columns_ = data.classes, data.columns
        self.features_ = [each["name"] for each in data.columns if each["kind"] != "aside"]
        self.base_rate_ = float(data.examples.weight @ data.examples.y / data.examples.weight.sum())
        self._decide(data)
        return self

    def candidates(self) -> pd.DataFrame:
        """Compare the candidates: nothing in, a frame with a row per candidate out.

        Returns
        -------
        pandas.DataFrame
            `candidate` (the base rate first, then the simplest), `log_loss` and `auc` of customers
            not learnt from, `calibration` that served it best, `calibrated_log_loss` by which it
            was judged, `above_chosen` (that loss above the one of the chosen candidate), `noise`
            (standard error of it) and `chosen`. Empty where nothing was compared.
        """
        check_is_fitted(self)
        names = ["candidate", "log_loss", "auc", "calibration", "calibrated_log_loss"]
        names += ["above_chosen", "noise", "chosen"]
        return pd.DataFrame(self.candidates_, columns=names)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Label by cost: customers in, one label per customer out.

        Churn is said where the probability is above w0 / (w0 + w1), the weights of staying and
        churn in `class_weight`: at one half without weights. Whom to treat is another question:
        see `RetentionValue`.

        Parameters
        ----------
        X : {array-like, dataframe}
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            One of `classes_` for each customer, in the order of `X`.
        """
        churned = self.predict_proba(X)[:, 1] > self.threshold_
        return np.asarray(self.classes_[churned.astype(np.intp)])

    def predict_frame(self, customers: Any, customer: str | None = None) -> Any:
        """Probability of churn with ids: customers in, a frame of id and probability out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id and the columns of `fit`, in any order.
        customer : str, default=None
            Name of the id column; None takes the first column.

        Returns
        -------
        dataframe
            The id and `probability_churn`, in the library and the row order of `customers`.
        """
        check_is_fitted(self)
        return self._beside_ids(
            customers, customer, lambda table: {PROBABILITY: self._probability(self._named(table))}
        )

    def log_odds(self, X: Any) -> Floats:
        """Log-odds of churn before calibration: customers in, one number per customer out.

        Parameters
        ----------
        X : {array-like, dataframe}
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            Sum of `contributions` over its columns.
        """
        check_is_fitted(self)
        return log_odds(self.model_, self._encoded(self._checked(X, reset=False)))

    def contributions(self, X: Any) -> Floats:
        """Share of each feature in the score: customers in, log-odds per feature out.

        Parameters
        ----------
        X : {array-like, dataframe}
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers, n_used + 1)
            What each of `features_` adds to the log-odds of the average customer, which stand in
            the last column; a row adds up to `log_odds`. Shapley values for trees.
        """
        check_is_fitted(self)
        return contributions(self.model_, self._encoded(self._checked(X, reset=False)))

    def explain(self, X: Any, top: int = 3) -> Any:
        """Tell why: customers in, a frame with a row per customer and reason out.

        Parameters
        ----------
        X : {array-like, dataframe}
            Customers as in `fit`.
        top : int, default=3
            Reasons per customer, the largest first, whether they raise the odds or lower them. Of
            features that say nearly the same, such as orders and days of one window, one speaks.

        Returns
        -------
        dataframe
            `row` (from 0), `feature`, `value` (as text), `contribution` (log-odds, see `space_`)
            and `sentence`; in the library of `X`, pandas for arrays.
        """
        check_is_fitted(self)
        table = self._checked(X, reset=False)
        rows, told = self._reasons(table, top)
        if not _frames.is_frame(table):
            return pd.DataFrame({"row": rows, **told})
        frame = _frames.new_frame({"row": rows, **told}, like=table, owner=OWNER)
        return _frames.hand_back(frame, like=features_of(X), keep=())

    def explain_frame(self, customers: Any, customer: str | None = None, top: int = 3) -> Any:
        """Tell why, with ids: customers in, a frame with a row per customer and reason out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id and the columns of `fit`, in any order.
        customer : str, default=None
            Name of the id column; None takes the first column.
        top : int, default=3
            Reasons per customer, the largest first.

        Returns
        -------
        dataframe
            The id, then the columns of `explain` without `row`.
        """
        check_is_fitted(self)
        table = _frames.to_eager(customers)
        customer = _frames.column_names(table, OWNER)[0] if customer is None else customer
        rows, told = self._reasons(self._named(table), top)
        if customer in told:
            raise DataError(f"{OWNER}: the customer id is called {customer!r}. Rename it first.")
        ids = _frames.column_values(table, customer, OWNER)[rows]
        frame = _frames.new_frame({customer: ids, **told}, like=table, owner=OWNER)
        return _frames.hand_back(frame, like=customers)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags

    def _onnx_graph(self, owner: str) -> bytes:
        """The file of `crmkit.io.to_onnx`."""
        return classifier_graph(self, owner)

    def _check_parameters(self) -> None:
        check_choice(self.model, "model", [AUTO, *CANDIDATES], OWNER)
        if self.calibrate is not None:
            check_choice(self.calibrate, "calibrate", KINDS, OWNER)
        if self.contest_rows is not None:
            check_whole(self.contest_rows, "contest_rows", OWNER, low=1000)
        if self.n_jobs is not None and self.n_jobs != -1:
            check_whole(self.n_jobs, "n_jobs", OWNER, low=1)

    def _settings(self) -> dict[str, Any]:
        return {"class_weight": self.class_weight, "churned": self.churned}

    def _decide(self, data: Training) -> None:
        """Let the candidates compete, and learn the chosen one from all customers."""
        progress = Progress(OWNER, self.verbose)
        seed = int(generator(self.random_state, OWNER).integers(2**31 - 1))
        threads = 1 if self.n_jobs is None else max(int(self.n_jobs), 0)
        how = Growth(seed, threads)
        plan = validation(self.cv, data, seed, OWNER)
        plan = thinned(plan, data.examples.groups, self.contest_rows, seed)
        plan = replace(plan, progress=progress)
        with threadpool_limits(limits=threads or None, user_api="blas"):
            choice = choose(self.model, self.calibrate or "none", data.examples, plan, how, OWNER)
            self.model_ = {
                part: fit_single(part, data.examples, how, OWNER) for part in choice.parts
            }
        self.chosen_, self.reason_ = choice.chosen, choice.reason
        self.candidates_, self.calibration_ = choice.rows, choice.calibration
        progress.done(self.reason_)
        stayed, churned = data.cost
        self.threshold_ = stayed / (stayed + churned)
        kind = self.calibration_["kind"]
        before = "" if kind == "none" else f" before {kind} calibration"
        self.space_ = f"log-odds of churn{before}"

    def _probability(self, X: Any) -> Floats:
        odds = log_odds(self.model_, self._encoded(self._checked(X, reset=False)))
        return calibrated(self.calibration_, odds)

    def _risk_and_sentences(self, table: Any, top: int) -> tuple[Floats, list[list[str]]]:
        """Probability of churn and its reasons, a list of them each, for a frame with an id."""
        check_is_fitted(self)
        check_whole(top, "top", OWNER, low=1)
        used = self._used(self._named(table))
        odds, added = odds_and_contributions(self.model_, encode(used, self.columns_, OWNER))
        told = sentences(used, self.features_, added[:, :-1], top, self.unit_)
        return calibrated(self.calibration_, odds), told

    def _checked(self, X: Any, *, reset: bool) -> Any:
        """Eager frame or array with the columns of `fit`, their names and number checked."""
        table = _frames.to_eager(features_of(X))
        if _frames.is_plain(table) and not reset:
            return self._named(table)
        if _frames.is_frame(table):
            validate_data(self, table, skip_check_array=True, reset=reset)
            return table
        return validate_data(self, table, dtype=None, ensure_all_finite=False, reset=reset)

    def _named(self, table: Any) -> Any:
        """The columns of `fit`, out of a frame that also holds an id."""
        if not hasattr(self, "feature_names_in_"):
            raise DataError(
                f"{OWNER}: fitted on an array, whose columns have no names: use predict_proba and "
                "explain, or fit on a frame."
            )
        return _frames.attach(table, keep=list(self.feature_names_in_), add={}, owner=OWNER)

    def _encoded(self, table: Any) -> Table:
        return encode(self._used(table), self.columns_, OWNER)

    def _used(self, table: Any) -> list[MixedColumn]:
        return read_columns(table, used_places(self.columns_), OWNER)

    def _reasons(self, table: Any, top: int) -> tuple[Any, dict[str, Any]]:
        check_whole(top, "top", OWNER, low=1)
        used = self._used(table)
        added = contributions(self.model_, encode(used, self.columns_, OWNER))
        return reasons(used, self.features_, added[:, :-1], top, self.unit_)
