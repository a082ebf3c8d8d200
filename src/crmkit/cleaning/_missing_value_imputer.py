"""MissingValueImputer: gaps of customer tables filled, told beside what filling simply would do."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from crmkit import _frames
from crmkit._mixed_columns import read_columns
from crmkit._progress import Progress
from crmkit._trees import Growth
from crmkit._validation import check_whole, generator
from crmkit.cleaning._normal._kinds import check_kinds
from crmkit.cleaning._quality._imputation_asked import OWNER, check_asked
from crmkit.cleaning._quality._imputation_columns import (
    Learnt,
    Read,
    Wanted,
    learn_columns,
    read_values,
    used,
)
from crmkit.cleaning._quality._imputation_draws import Hashes, row_hashes, text_hashes
from crmkit.cleaning._quality._imputation_fill import fill
from crmkit.cleaning._quality._imputation_learn import Asked, Learner, Table
from crmkit.cleaning._quality._imputation_tables import (
    as_array,
    as_frame,
    count_gaps,
    customer_of,
    filled_gaps,
    group_keys,
    in_one_order,
    n_rows,
    told,
)
from crmkit.events._instants import read_instant
from crmkit.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd


class MissingValueImputer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Fill the gaps of a customer table: customers in, the same table without gaps out.

    Use it before models that take no missing values, and to count or compare groups without
    losing the customers of whom something is unknown. What is there is never changed, and a
    column of flags beside each filled one tells what was made up. Do not use it where a model takes
    gaps as they are (`ChurnClassifier` does), nor to find out who somebody is.

    Parameters
    ----------
    strategy : {"auto", "simple", "groups", "iterative", "trees", "missing"} or dict, default="auto"
        How to fill: one for all columns, or by column (others are "auto"). "simple" is the median
        or the most frequent word; "groups" the same among customers alike in `by`, drawn towards
        all where a group is small; "iterative" straight lines of the other columns, for numbers;
        "trees" boosted trees on all of them; "missing" the word "(missing)", for words. "auto"
        takes the best one, and the simple one unless another beats it beyond chance on masked
        values. A column that had no gaps in `fit` is filled simply, and so is one that a strategy
        cannot serve.
    customer : str, default=None
        Column of the customer id, left alone and not used. None takes the first column of a frame
        for it where that looks like one.
    never : list of str, default=()
        Columns to leave alone: neither filled nor used to fill others. Name here what is to be
        foretold.
    by : list of str, default=()
        Columns that make the groups.
    kinds : dict of str to str, default=None
        What columns hold, as in `RecordNormalizer`, where it is not found rightly. Names, e-mail
        addresses, phones, streets, birth and other dates, places on the map, ids and free text are
        never filled: a column that looks like one is filled if it is named "number", "category" or
        another kind here.
    indicators : bool, default=True
        Whether to add a column of flags `<column>_missing` for each filled column that had gaps in
        `fit`.
    when : str, default=None
        Column of instants; with `as_of`, `fit` learns only from rows before it.
    as_of : str, date or datetime, default=None
        Exclusive end of what `fit` may know. Needs `when`.
    max_levels : int, default=50
        Most words that a column may have to be filled.
    sample_size : int, default=10000
        Most customers that models learn from, spread evenly over all.
    random_state : int, Generator, RandomState or None, default=0
        Source of chance: of masks, models and draws.
    n_jobs : int or None, default=None
        Threads of the trees; None or -1 takes all. The bits do not depend on it.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    columns_ : list of dict
        Of each column its name, what it holds, why it is left alone, its words and range, and how
        many values were missing.
    fillers_ : list of dict
        Of each column that is filled what was learnt. Models of numbers keep up to 5,000 pairs of
        an expected and a true number, which draws are taken from.
    customer_ : str or None
        Column of the customer id.
    methods_ : dict of str to str
        How each column is filled.
    indicators_ : list of str
        Columns that get a column of flags.
    seed_ : int
        The seed of draws.
    feature_names_in_ : ndarray of str
        Columns of the frame given to `fit`.
    n_features_in_ : int
        Number of columns.

    Notes
    -----
    Blank text is missing too. Words for nothing, such as "N/A" and "unknown", are words as others
    here, which stay and may fill gaps: make them missing first with `RecordNormalizer`.

    Filled numbers stay in the range seen in `fit`, and are whole where all values were; words are
    among those seen; columns without any value stay empty. Numbers are reckoned as floats: whole
    ones from 2**53 on are filled roundly, and numbers stored as text are written plainly (2.5
    among "1.50" and "2.50"). A birth date is never filled, but a column of years of birth is a
    number as any other: name it in `never` to leave it alone.

    Errors are those of values hidden from the models, in the way in which values are really
    missing: each row borrows the gaps of a row that lacks the value. What a value being missing
    depends on cannot be learnt from what is there: where gaps depend on the hidden value itself,
    every filler is wrong by an unknown amount, and `report` can warn of the visible part only.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmkit.cleaning import MissingValueImputer
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["a", "b", "c", "d"],
    ...     "n_orders": pd.array([3, None, 5, 9], dtype="Int64"),
    ...     "channel": ["web", "shop", None, "web"],
    ... })
    >>> MissingValueImputer().fit_transform(customers)
      customer_id  n_orders channel  n_orders_missing  channel_missing
    0           a         3     web             False            False
    1           b         5    shop              True            False
    2           c         5     web             False             True
    3           d         9     web             False            False
    """

    def __init__(
        self,
        strategy: str | Mapping[str, str] = "auto",
        *,
        customer: str | None = None,
        never: Sequence[str] = (),
        by: Sequence[str] = (),
        kinds: Mapping[str, str] | None = None,
        indicators: bool = True,
        when: str | None = None,
        as_of: Any = None,
        max_levels: int = 50,
        sample_size: int = 10_000,
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.strategy = strategy
        self.customer = customer
        self.never = never
        self.by = by
        self.kinds = kinds
        self.indicators = indicators
        self.when = when
        self.as_of = as_of
        self.max_levels = max_levels
        self.sample_size = sample_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn how to fill: customers in, the imputer itself out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers, one a row, of pandas, polars, pyarrow or duckdb, or an array.
        y : None
            Ignored.

        Returns
        -------
        MissingValueImputer
            The imputer itself.

        Raises
        ------
        DataError
            If a parameter or the name of a column is wrong, there is no customer to learn from,
            numbers are infinite, or a new column would be called like one that is there.
        """
        check_asked(self.get_params(deep=False))
        progress = Progress(OWNER, self.verbose)
        table = self._known(self._table(X, reset=True))
        names = self._names()
        learnt, read = learn_columns(table, self._wanted(names))
        keys = self._keys(read, names)
        x, keys = in_one_order(read.x, keys)
        rng = generator(self.random_state, OWNER)
        self.seed_ = int(rng.integers(2**31))
        columns = used(learnt)
        count_gaps(table, learnt, read)
        self.customer_: str | None = customer_of(learnt)
        how = Growth(self.seed_, 0 if self.n_jobs in (None, -1) else int(self.n_jobs or 0))
        asked = Asked(self._strategies(columns), int(self.sample_size), how, rng, progress)
        self.fillers_ = Learner(Table(x, keys, columns), asked).learn().fillers
        for filler, strategy, each in zip(self.fillers_, asked.strategies, columns, strict=True):
            if strategy == "missing" and each["stored"] in ("text", "category"):
                filler["method"] = "missing"
        self.columns_ = learnt
        self.methods_ = {
            each["name"]: str(filler["method"])
            for each, filler in zip(columns, self.fillers_, strict=True)
        }
        gone = [each["name"] for each in columns if each["n_missing"]]
        self.indicators_ = gone if self.indicators else []
        self._check_new_names(names)
        progress.done(f"learnt {len(self.fillers_)} columns of {len(x):,} customers")
        return self

    def transform(self, X: Any, draw: int | None = None) -> Any:
        """Fill gaps: customers in, the same table with its gaps filled out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers with the columns of `fit`, in its order. Nothing is learnt from them.
        draw : int, default=None
            None fills what is expected. A whole number of at least 0 fills a draw of what the
            value may be, the same for the same number: several draws show how much of a result
            hangs on what is unknown. With `customer` a customer has the same draws in any table.

        Returns
        -------
        {dataframe, ndarray} of shape (n_customers, n_columns + n_indicators)
            The rows and columns of `X` in the caller's library and their types, and a column of
            flags for each of `indicators_`. An array comes back as an array, flags as its type.

        Raises
        ------
        DataError
            If columns are not those of `fit`, or hold what they must not.
        """
        check_is_fitted(self)
        if draw is not None:
            check_whole(draw, "draw", OWNER, low=0)
        table = self._table(X, reset=False)
        columns = read_columns(table, None, OWNER)
        read = read_values(columns, self.columns_, OWNER)
        names = self._names()
        chance = None
        if draw is not None:
            chance = (row_hashes(read.x, self._ids(table)), self.seed_, int(draw))
        out = fill(read.x, self._keys(read, names), used(self.columns_), self.fillers_, chance)
        gaps = filled_gaps(read, out, used(self.columns_), self.fillers_)
        if not _frames.is_frame(table):
            places = {each["name"]: each["place"] for each in self.columns_}
            return as_array(table, gaps, places, self.indicators_)
        new_words = [name for name, method in self.methods_.items() if method == "missing"]
        return as_frame(X, table, gaps, self.indicators_, new_words)

    def transform_draws(self, X: Any, draws: int = 5) -> list[Any]:
        """Fill gaps several times by chance: customers in, a list of filled tables out.

        Do with each table what is to be done, and put the results together: their mean is the
        answer, and their spread what the gaps add to its error.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `transform`.
        draws : int, default=5
            Number of tables.

        Returns
        -------
        list
            ``transform(X, draw=0)``, ``transform(X, draw=1)``, ...
        """
        check_whole(draws, "draws", OWNER, low=1)
        given = _frames.to_eager(X)
        made = [self.transform(given, draw=draw) for draw in range(draws)]
        if given is X:
            return made
        names = self._names()
        return [_frames.hand_back(each, like=X, keep=names) for each in made]

    def report(self) -> "pd.DataFrame":
        """Tell how columns are filled and how well: a fitted imputer in, one row per column out.

        Returns
        -------
        pandas.DataFrame
            `column`; `n_missing` and `share_missing` of the customers of `fit`; `method`, "left
            alone" for columns that are not filled; `error` on masked values and `error_simple`,
            that of the median or most frequent word; `measure`, what they are ("RMSE" in the unit
            of the column, or "share wrong"); `n_masked` values; `goes_with`, the column that best
            tells where values are missing, with `area` (under the ROC curve, 0.5 is chance); and
            a `note` in words.
        """
        import pandas as pd

        check_is_fitted(self)
        by_name = {
            each["name"]: filler
            for each, filler in zip(used(self.columns_), self.fillers_, strict=True)
        }
        return pd.DataFrame([told(each, by_name.get(each["name"])) for each in self.columns_])

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the columns of `transform`: those of `fit`, then those of flags.

        Parameters
        ----------
        input_features : list of str, default=None
            Names of the columns, where `fit` saw an array.

        Returns
        -------
        ndarray of str
            The names.
        """
        check_is_fitted(self)
        names = super().get_feature_names_out(input_features)
        places = {each["name"]: each["place"] for each in self.columns_}
        flags = [f"{names[places[name]]}_missing" for name in self.indicators_]
        return np.array([*names, *flags], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _table(self, X: Any, *, reset: bool) -> Any:
        """`X` as an eager frame of the columns of `fit`, or as an array."""
        if not _frames.is_frame(X):
            return validate_data(self, X, dtype=None, ensure_all_finite=False, reset=reset)
        table = _frames.to_eager(X)
        names = _frames.column_names(table, OWNER)
        if not names or not all(isinstance(name, str) for name in names):
            raise DataError(
                f"{OWNER}: columns must have names that are text, got {names[:5]!r}. Rename them."
            )
        for name in [] if reset else getattr(self, "feature_names_in_", []):
            if name not in names:
                raise DataError(
                    str(DataError.missing_column(OWNER, name, names))
                    + " The feature names should match those that were passed during fit."
                )
        try:
            validate_data(self, table, skip_check_array=True, reset=reset)
        except ValueError as error:
            raise DataError(f"{OWNER}: {error}") from None
        return table

    def _known(self, table: Any) -> Any:
        """Rows that `fit` may know."""
        if self.when is not None:
            if not _frames.is_frame(table):
                raise DataError(f"{OWNER}: when names a column, which an array has not.")
            cut = read_instant(self.as_of, "as_of", OWNER)
            known = _frames.rows_before(table, self.when, cut, OWNER)
            if not known.any():
                raise DataError(
                    f"{OWNER}: no row has {self.when!r} before as_of={str(self.as_of)!r}. Choose a "
                    "later as_of."
                )
            table = _frames.drop_rows(table, ~known, OWNER)
        if not n_rows(table):
            raise DataError(f"{OWNER}: there is no customer to learn from.")
        return table

    def _names(self) -> list[str]:
        """Names of the columns of `fit`; x0, x1, ... of an array."""
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x{place}" for place in range(self.n_features_in_)]

    def _wanted(self, names: list[str]) -> Wanted:
        """What was said of columns, all of which are there."""
        kinds = dict(self.kinds or {})
        check_kinds(kinds, names, OWNER)
        strategies = self.strategy if isinstance(self.strategy, Mapping) else {}
        customer = [] if self.customer is None else [self.customer]
        for parameter, named in (
            ("customer", customer),
            ("never", list(self.never)),
            ("by", list(self.by)),
            ("strategy", list(strategies)),
        ):
            for name in named:
                if name not in names:
                    raise DataError.missing_column(OWNER, name, names, parameter)
        return Wanted(self.customer, tuple(self.never), kinds, int(self.max_levels), OWNER)

    def _strategies(self, columns: list[Learnt]) -> list[str]:
        """Strategy of each column that is filled."""
        if isinstance(self.strategy, Mapping):
            return [self.strategy.get(each["name"], "auto") for each in columns]
        return [self.strategy] * len(columns)

    def _keys(self, read: Read, names: list[str]) -> npt.NDArray[Any] | None:
        """Group of each row, or None without `by`."""
        if not len(self.by):
            return None
        return group_keys([read.columns[names.index(name)] for name in self.by])

    def _ids(self, table: Any) -> Hashes | None:
        """A number for each customer, None without ids."""
        if self.customer_ is None or not _frames.is_frame(table):
            return None
        (column,) = _frames.coded_columns(table, [self.customer_], OWNER)
        return np.append(text_hashes(column.values), np.uint64(0))[column.codes]

    def _check_new_names(self, names: list[str]) -> None:
        taken = sorted({f"{name}_missing" for name in self.indicators_} & set(names))
        if taken:
            raise DataError(
                f"{OWNER}: a new column would be called {taken[0]!r}, as a column is. Rename it, "
                "or pass indicators=False."
            )
