"""What an evaluation found: a table for each question, differences to the best simple rule."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._notebook import Told
from crmkit._validation import Floats, check_choice
from crmkit.metrics._ranking import HIGHER_IS_BETTER
from crmkit.metrics._ranking_intervals import intervals_of_means
from crmkit.metrics._tasks import Scores
from crmkit.recommend._evaluation_baselines import BASELINES, HalfLives
from crmkit.recommend._evaluation_cold import RANDOM
from crmkit.recommend._evaluation_cut import Part
from crmkit.recommend._evaluation_text import told

SIMPLE = (*BASELINES, RANDOM)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scores of the same customers by every recommender: the parts of all cut-offs.

    `cut` numbers the cut-offs of the parts.
    """

    parts: tuple[Part, ...]
    cut: tuple[int, ...]
    level: float
    n_resamples: int
    random_state: int

    @property
    def names(self) -> tuple[str, ...]:
        """Recommenders, the simple rules last."""
        return tuple(self.parts[0].values)

    @property
    def customer(self) -> npt.NDArray[np.intp]:
        """Customer of each row; one may stand at several cut-offs."""
        joined = np.concatenate([part.customer for part in self.parts])
        return np.unique(joined, return_inverse=True)[1]

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Scores of each row, by recommender."""
        return {
            name: np.concatenate([part.values[name] for part in self.parts]) for name in self.names
        }

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Means over the rows, a row a recommender."""
        columns = list(self.parts[0].names)
        rows = {name: means(values) for name, values in self.values.items()}
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        reach = [float(np.mean([p.coverage[n] for p in self.parts])) for n in self.names]
        table.insert(len([c for c in columns if c in HIGHER_IS_BETTER]), "coverage", reach)
        return table.rename_axis("recommender")

    @property
    def against(self) -> str:
        """The simple rule with the highest NDCG, chosen afterwards: the strictest."""
        rules = [name for name in self.names if name in SIMPLE]
        return str(self.scores.loc[rules, "ndcg"].idxmax())

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """Paired differences to the best simple rule, customers drawn with all their rows."""
        names = self.parts[0].names
        kept = [i for i, name in enumerate(names) if name in HIGHER_IS_BETTER]
        return intervals_of_means(
            {name: values[:, kept] for name, values in self.values.items()},
            Scores(names=tuple(names[i] for i in kept), higher_is_better=HIGHER_IS_BETTER),
            self.against,
            self.level,
            self.n_resamples,
            np.random.default_rng(self.random_state),
            self.customer,
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """Scores, and of the NDCG the difference to the best simple rule."""
        found: pd.DataFrame = self.intervals.xs("ndcg", level="score")  # type: ignore[assignment]
        more = found.rename(columns={"estimate": "difference"}).drop(columns="std_error")
        table = self.scores.join(more)
        table["verdict"] = table["verdict"].astype(object).fillna("best simple rule")
        n = len(np.unique(self.customer))
        table.insert(0, "n_customers", n)
        table.insert(1, "n_lists", len(self.customer))
        return table

    def by_cutoff(self, cutoffs: Sequence[datetime]) -> pd.DataFrame:
        """NDCG at each cut-off, a column each, and the customers in the last row."""
        ndcg = self.parts[0].names.index("ndcg")
        columns = {
            cutoffs[cut]: {name: means(part.values[name])[ndcg] for name in self.names}
            for cut, part in zip(self.cut, self.parts, strict=True)
        }
        return pd.DataFrame(columns).loc[list(self.names)].rename_axis("recommender")


@dataclass(frozen=True, eq=False)
class Evaluation(Told):
    """Hold how good recommenders are, beside the simple rules that they have to beat.

    Made by `evaluate`; ``print`` it for the verdicts in words. Every table has a row a recommender
    (the simple rules "popularity", "recent popularity" and "buy again" last) with

    * `n_customers`, who had something to be foretold, and `n_lists`, one a customer and cut-off,
    * the scores of `crmkit.metrics.ranking_scores`, means over lists,
    * `difference` of the NDCG to that of the best simple rule of the table, its interval from
      `lower` to `upper`, paired by customer, and the `verdict` "better", "worse" or "unclear".

    Attributes
    ----------
    cutoffs : tuple of datetime
        When the recommenders were fitted anew: they know nothing at or after it.
    horizon : int
        Days after a cut-off in which purchases were to be foretold.
    n : int
        Length of the lists.
    level : float
        Probability of the intervals.
    half_lives : tuple of HalfLives
        What was tuned for the simple rules before each cut-off, in days.
    n_candidates : tuple of int
        Items that might be offered at each cut-off: those sold before, the same for all.
    counts : dict of str to int
        Pairs of customer and item that were to be foretold over all cut-offs: "pairs" in all, of
        them "unseen" (of items nobody had bought before: in no table) and "again" (bought before
        by the same customer); "strangers" are customers without any purchase before, counted at
        each cut-off; "cold_items" are those of the simulation.
    comparisons : dict of str to Comparison
        Scores of every customer by table: what the tables are made of.
    """

    cutoffs: tuple[datetime, ...]
    horizon: int
    n: int
    level: float
    half_lives: tuple[HalfLives, ...] = field(repr=False)
    n_candidates: tuple[int, ...] = field(repr=False)
    counts: dict[str, int] = field(repr=False)
    comparisons: dict[str, Comparison] = field(repr=False)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables there are."""
        return tuple(self.comparisons)

    def table(self, name: str = "new items") -> pd.DataFrame:
        """Scores of one table: its name in, a row a recommender out.

        Parameters
        ----------
        name : str, default="new items"
            One of `tables`.

        Returns
        -------
        pandas.DataFrame
            See the class.

        Raises
        ------
        DataError
            If there is no table of that name.
        """
        return self._comparison(name).table.copy()

    def intervals(self, name: str = "new items") -> pd.DataFrame:
        """Differences of all scores of accuracy: a table's name in, a frame of intervals out.

        Parameters
        ----------
        name : str, default="new items"
            One of `tables`.

        Returns
        -------
        pandas.DataFrame
            As `crmkit.metrics.ranking_intervals` gives it, against the best simple rule.

        Raises
        ------
        DataError
            If there is no table of that name.
        """
        return self._comparison(name).intervals.copy()

    def by_cutoff(self, name: str = "new items") -> pd.DataFrame:
        """NDCG at each cut-off: a table's name in, a row a recommender and a column a cut-off out.

        Parameters
        ----------
        name : str, default="new items"
            One of `tables`.

        Returns
        -------
        pandas.DataFrame
            Means over the customers of the table at that cut-off.

        Raises
        ------
        DataError
            If there is no table of that name.
        """
        return self._comparison(name).by_cutoff(self.cutoffs)

    @property
    def new_items(self) -> pd.DataFrame:
        """Items that a known customer had never bought; what was seen was left out of the lists."""
        return self.table("new items")

    @property
    def all_purchases(self) -> pd.DataFrame:
        """Everything that a known customer bought, new or not; nothing was left out."""
        return self.table("all purchases")

    @property
    def repeat_purchases(self) -> pd.DataFrame:
        """Only what a known customer had bought before; the lists of `all_purchases`."""
        return self.table("repeat purchases")

    @property
    def cold_customers(self) -> pd.DataFrame:
        """New items by the number of distinct items that were known of a customer."""
        return self._group("history ")

    @property
    def strangers(self) -> pd.DataFrame:
        """New items of customers who were held out whole, by the number of items told."""
        return self._group("told ")

    @property
    def cold_items(self) -> pd.DataFrame:
        """Items stripped of all their purchases: among themselves, and in the whole catalogue."""
        return self._group("cold: ")

    def _group(self, prefix: str) -> pd.DataFrame:
        found = {
            name.removeprefix(prefix): comparison.table
            for name, comparison in self.comparisons.items()
            if name.startswith(prefix)
        }
        label = {"history ": "history", "told ": "n_given", "cold: ": "candidates"}[prefix]
        if not found:
            return pd.DataFrame()
        return pd.concat(found, names=[label, "recommender"])

    def _comparison(self, name: str) -> Comparison:
        check_choice(name, "name", self.comparisons, "Evaluation")
        return self.comparisons[name]

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {name: self.table(name) for name in self.tables[:2]}

    def __repr__(self) -> str:
        names = ", ".join(next(iter(self.comparisons.values())).names)
        return f"<Evaluation of {names}: lists of {self.n}, {len(self.cutoffs)} cut-offs>"

    def __str__(self) -> str:
        return told(self)


def means(values: Floats) -> Floats:
    """Means of columns without NaN; NaN where nothing else is."""
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    return np.asarray(np.where(known, values, 0.0).sum(axis=0) / np.where(n > 0, n, np.nan))
