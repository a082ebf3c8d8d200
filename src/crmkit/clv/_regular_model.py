"""What the two models of regular buyers share: the search for k, the gaps, mixing over phases.

Customers come with the sum of the logs of the gaps between their purchases: it tells one k from
another, and nothing else. Given the phase (the arrivals since the last purchase) the future
depends on frequency and T only, so predictions are made for these and mixed by the phase.
"""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats, check_whole
from crmkit.clv._beta_geo_family import BetaGeoFamily, simulate_purchases
from crmkit.clv._beta_geo_likelihood import Kind, gap_factor, log_likelihood
from crmkit.clv._distinct import Distinct, row_codes
from crmkit.clv._erlang_purchases import phase_shares, purchases_in_phase
from crmkit.clv._fitting import Objective, maximise, on_log_scale, to_search_scale
from crmkit.clv._likelihood_model import check_rows
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning, warn_user

_GAPS = "sum_log_gaps"
_MOST_REGULAR = 30
_SLACK = 0.05  # a gap in another unit is off by ln 7 at least
_SHORT = 12.0  # periods a gap, below which merged purchases look one k more regular than they are
_ENOUGH = 20  # recencies that must all be multiples of the smallest, to tell a period
_CURES = {
    "sums of log gaps that recency rules out": "gaps add up to the recency, so the mean of their "
    "logs is at most ln(recency / frequency), and equals it for a single gap; take both columns "
    "from one summary, in one unit",
    "one-time buyers with a sum of log gaps other than 0": "they have no gap",
}


class RegularModel(BetaGeoFamily):
    """Base of the two models of regular buyers; reads `sum_log_gaps` too."""

    regularity_: int
    regularity_log_likelihoods_: dict[int, float]

    def __init__(
        self,
        regularity: int | str = "auto",
        prior: str | None = "weak",
        horizon: float | str = 1.0,
        unit: str | None = None,
        tol: float = 1e-9,
        max_iter: int = 100,
    ) -> None:
        super().__init__(prior=prior, horizon=horizon, unit=unit, tol=tol, max_iter=max_iter)
        self.regularity = regularity

    def _kind(self) -> Kind:
        return Kind(self._early, self.regularity_)

    def _column_names(self) -> tuple[str, ...]:
        return ("frequency", "recency", "T", _GAPS)

    def _columns(self, X: Any) -> Any:
        owner = type(self).__name__
        if _frames.is_frame(X) and _GAPS not in _frames.column_names(X, owner):
            raise DataError(
                f"{owner}: column {_GAPS!r} not found: the gaps between purchases tell how regular "
                f'they are. Make it with crmkit.summarize(log, extras="{_GAPS}").'
            )
        return super()._columns(X)

    def _domain(self, x: Floats) -> Floats:
        x = super()._domain(x)
        check_gaps(x, type(self).__name__)
        return x

    def _check_parameters(self) -> None:
        super()._check_parameters()
        owner = type(self).__name__
        if isinstance(self.regularity, str):
            if self.regularity != "auto":
                raise DataError(
                    f'{owner}: regularity must be "auto" or a whole number, got '
                    f"{self.regularity!r}."
                )
            return
        check_whole(self.regularity, "regularity", owner, low=1)
        if self.regularity > _MOST_REGULAR:
            raise DataError(
                f"{owner}: regularity must be at most {_MOST_REGULAR}, got {self.regularity}. Who "
                "buys as regularly as that has a subscription, and needs another model."
            )

    def _weighted(
        self,
        x: Floats,
        sample_weight: npt.ArrayLike | None,
        keep: npt.NDArray[np.bool_] | slice = slice(None),
    ) -> Distinct:
        """Distinct histories, each with the mean of its sums of log gaps: they enter linearly."""
        rows = super()._weighted(x, sample_weight, keep)
        codes, first = row_codes(*rows.columns[:3], sort=True)
        weight = np.bincount(codes, rows.weight).astype(np.float64)
        gaps = np.bincount(codes, rows.weight * rows.columns[3]) / weight
        return Distinct((*(column[first] for column in rows.columns[:3]), gaps), weight)

    def _estimate(self, data: Distinct) -> None:
        self._check_parameters()
        tried: dict[int, float] = {}
        if self.regularity == "auto":
            for k in range(1, _MOST_REGULAR + 1):
                self.regularity_ = k
                tried[k] = self._largest_log_likelihood(data)
                if tried[k] < max(tried.values()):
                    break
            self.regularity_ = max(tried, key=lambda k: tried[k])
        else:
            self.regularity_ = int(self.regularity)
        super()._estimate(data)
        if tried and self.regularity_ > 1:
            warn_of_regularity(data, self.regularity_, type(self).__name__)
        self.regularity_log_likelihoods_ = tried or {self.regularity_: self.log_likelihood_}

    def _largest_log_likelihood(self, data: Distinct) -> float:
        lower = self._lower()
        centre = to_search_scale(self._start(data), lower)
        objective = on_log_scale(self._objective(data), lower)
        return maximise(
            objective, centre, size=data.total, tol=self.tol, max_iter=self.max_iter
        ).value

    def _objective(self, data: Distinct) -> Objective:
        of_histories = super()._objective(data)
        of_gaps = float(data.weight @ gap_factor(self._kind(), data.columns[0], data.columns[3]))

        def objective(params: Floats) -> tuple[float, Floats, Floats]:
            value, gradient, hessian = of_histories(params)
            return value + of_gaps, gradient, hessian

        return objective

    def _log_likelihood(self, rows: Floats) -> Floats:
        x, t, T, gaps = rows.T
        kind = self._kind()
        return log_likelihood(self._values(), kind, x, t, T) + gap_factor(kind, x, gaps)

    @property
    def _state(self) -> tuple[int, ...]:
        return (0, 2) if self._kind().k == 1 else (0, 1, 2)

    def _on_states(self, function: Callable[[Floats], Floats], x: Floats) -> Floats:
        """Mean over the phases: given the phase, the future depends on frequency and T only."""
        kind = self._kind()
        codes, first = row_codes(x[:, 0], x[:, 2])
        total = np.zeros(len(x))
        for phase, share in enumerate(phase_shares(self._values(), kind, *x[:, :3].T).T):
            rows = np.column_stack([x[first], np.full(len(first), float(phase))])
            total += share * function(rows)[codes]
        return total

    def _expected_if_alive(self, rows: Floats, horizon: Floats) -> Floats:
        """Expected purchases; rows may carry a known phase as a further column."""
        kind, values = self._kind(), self._values()
        if kind.k == 1 or rows.shape[1] == len(self._column_names()):
            return super()._expected_if_alive(rows, horizon)
        out = np.empty(len(rows))
        for phase in range(kind.k):
            part = rows[:, -1] == phase
            h = horizon[part] / (values[1] + rows[part, 2])
            out[part] = purchases_in_phase(values, kind, phase, rows[part, 0], h)
        return out

    def _history(self, ages: Floats, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        r, alpha, a, b = self._values()
        rate = random.gamma(r, 1.0 / alpha, len(ages))
        leave = random.beta(a, b, len(ages))
        bought = simulate_purchases(self._kind(), rate, leave, ages, random)
        return dict(zip(("frequency", "recency", _GAPS), bought, strict=True))

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild a fitted model: a dictionary of `to_dict` in, the model out.

        Parameters
        ----------
        state : dict
            What `to_dict` gave. `{"fitted": {"params_": {...}, "regularity_": 2}}` is enough to
            predict for frames with published estimates.

        Returns
        -------
        Self
            The fitted model.

        Raises
        ------
        DataError
            If it is the dictionary of another model, or parameters are missing or impossible.
        """
        model = super().from_dict(state)
        k = state["fitted"].get("regularity_", model.regularity)
        check_whole(k, "regularity_", cls.__name__, low=1)
        model.regularity_ = int(k)
        tried = getattr(model, "regularity_log_likelihoods_", {})
        model.regularity_log_likelihoods_ = {int(k): value for k, value in tried.items()}
        return model


def check_gaps(x: Floats, owner: str) -> None:
    """Refuse sums of log gaps that no gaps between these purchases can have."""
    frequency, recency, _, gaps = x.T
    some = frequency > 0
    count = np.maximum(frequency, 1.0)
    off = gaps / count - np.log(np.where(some, recency, 1.0) / count)
    wrong = some & ((off > _SLACK) | ((frequency == 1) & (off < -_SLACK)))
    faults = {
        "sums of log gaps that recency rules out": (gaps, wrong),
        "one-time buyers with a sum of log gaps other than 0": (gaps, ~some & (gaps != 0)),
    }
    check_rows(faults, _CURES, owner)


def warn_of_regularity(data: Distinct, k: int, owner: str) -> None:
    """Tell where the regularity found may not be what it seems."""
    if k == _MOST_REGULAR:
        warn_user(
            f"{owner}: customers buy as if by a timetable: the likelihood rises up to regularity "
            f"{k}, and no more was tried. A subscription needs another model.",
            ConvergenceWarning,
        )
    recency = np.unique(data.columns[1][data.columns[0] > 0])
    periods = recency / recency[0]
    if len(recency) < _ENOUGH or np.any(np.abs(periods - np.round(periods)) > 1e-6):
        return
    gap = data.mean(1) / data.mean(0) / recency[0]
    if gap < _SHORT:
        warn_user(
            f"{owner}: regularity {k} was found, but the mean gap is {gap:.1f} of the periods by "
            "which purchases were merged. Merged purchases cannot be less than a period apart, "
            f"which looks like regularity below {_SHORT:.0f} periods. Merge by a shorter period "
            "(summarize takes period=), or compare with regularity=1 on a holdout.",
            DataWarning,
        )
