"""How sure the values of a report are: intervals of totals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_share
from crmkit.pipelines import CustomerValuePipeline
from crmkit.pipelines._customer_values import model_of

OWNER = "ValueContent"


@dataclass(frozen=True, eq=False)
class ValueContent:
    """How sure the expected value is: intervals of totals in, sentences and a table out.

    Parameters
    ----------
    total : tuple of float
        Ends of the interval of the value of all customers together, in the currency of the data.
    segments : mapping of str to tuple of float, default={}
        The same of each segment, best first.
    level : float, default=0.8
        Probability that an interval holds.

    Examples
    --------
    >>> from crmkit.report import ValueContent
    >>> ValueContent(total=(90.0, 120.0), segments={"Champions": (80.0, 110.0)}).level
    0.8
    """

    total: tuple[float, float]
    segments: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    level: float = 0.8

    @classmethod
    def from_pipeline(
        cls, pipeline: CustomerValuePipeline, customers: Any, level: float = 0.8, n_draws: int = 200
    ) -> Self:
        """Play futures of all customers: a fitted pipeline and its customers in, content out.

        Parameters
        ----------
        pipeline : CustomerValuePipeline
            Fitted.
        customers : frame
            What the pipeline made of a log.
        level : float, default=0.8
            Probability that an interval holds.
        n_draws : int, default=200
            Futures of the whole table; each takes about the time of a `predict`.

        Returns
        -------
        ValueContent
            For ``ReportContent(worth=...)``.

        Raises
        ------
        NotFittedError
            If the pipeline is not fitted.
        DataError
            If `level` is no share, or the pipeline could not learn what customers are worth.
        """
        check_is_fitted(pipeline)
        check_share(level, "level", OWNER)
        table, value = _frames.to_eager(customers), model_of(pipeline, OWNER)
        segment = _frames.column_values(table, "segment", OWNER).astype(str)
        columns = [str(name) for name in value.feature_names_in_]
        history = pd.DataFrame(
            np.asarray(_frames.float_columns(table, columns, OWNER)), columns=columns
        )

        def ends(part: pd.DataFrame) -> tuple[float, float]:
            low, high = value.predict_total_interval(part, level, n_draws=n_draws).tolist()
            return low, high

        names = [str(name) for name in pipeline.segmenter_.segments_]
        parts = {name: np.flatnonzero(segment == name) for name in names}
        return cls(
            ends(history),
            {name: ends(history.iloc[rows]) for name, rows in parts.items() if len(rows)},
            level,
        )
