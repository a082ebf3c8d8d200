"""What the data leave open: draws of the parameters, by importance sampling or by Laplace.

Up to some 50,000 customers the posterior is sampled: proposals come from a multivariate t with 7
degrees of freedom around the optimum, shaped by the curvature there, and are weighted by
posterior / proposal and resampled (Rubin 1988, using the SIR algorithm to simulate posterior
distributions). Beyond, the posterior is a normal on the scale of the search (Laplace), which costs
nothing and differs from sampling in the third digit only.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit._notebook import Told
from crmkit._progress import SILENT, Progress
from crmkit._validation import Floats, check_share

MANY = 50_000  # customers beyond which the normal is as good
_TAILS = 7.0  # degrees of freedom of the proposals
_ROUNDS, _GOOD = 3, 0.6  # of proposals made anew, until the draws are worth this share
_WIDER = 1.3


@dataclass(frozen=True, eq=False, repr=False)
class Posterior(Told):
    """Draws of a model's parameters: a fitted model in, a frame of what its parameters may be out.

    Made by `posterior` of a fitted model, and taken by its `predict_interval`. For one interval of
    each parameter, `summary` of the model is quicker.

    Attributes
    ----------
    draws : pandas.DataFrame
        One row per draw, one column per parameter, in the parameter's own unit; all rows count
        the same.
    method : {"importance sampling", "Laplace"}
        How they were found.
    effective_sample_size : float
        Number of independent draws that would tell as much.
    model : str
        Class of the model.

    References
    ----------
    Rubin, D. B. (1988). Using the SIR algorithm to simulate posterior distributions. Bayesian
    Statistics 3, 395-402.

    Examples
    --------
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> customers = ck.summarize(log, as_of="1997-10-01", unit="W")
    >>> posterior = ck.clv.NBDModel().fit(customers).posterior(500)
    >>> posterior.method, posterior.draws.shape
    ('importance sampling', (500, 2))
    """

    draws: pd.DataFrame
    method: str
    effective_sample_size: float
    model: str

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Parameters (interval 95%)": self.summary()}

    def __repr__(self) -> str:
        draws = f"{len(self.draws):,} draws by {self.method}"
        return f"<Posterior of {self.model}: {draws}, worth {self.effective_sample_size:,.0f}>"

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Mean, spread and interval of each parameter: nothing in, a row a parameter out.

        Parameters
        ----------
        level : float, default=0.95
            Probability that the interval holds, shared equally between its sides.

        Returns
        -------
        pandas.DataFrame
            Columns `mean`, `sd`, `lower` and `upper`, in the unit of the parameter.
        """
        check_share(level, "level", "Posterior.summary")
        tail = (1.0 - level) / 2.0
        return pd.DataFrame(
            {
                "mean": self.draws.mean(),
                "sd": self.draws.std(),
                "lower": self.draws.quantile(tail),
                "upper": self.draws.quantile(1.0 - tail),
            }
        ).rename_axis("parameter")


def laplace_draws(point: Floats, covariance: Floats, n: int, random: np.random.Generator) -> Floats:
    """Normal draws around the optimum; a direction that no curvature holds stays where it is."""
    return point + random.standard_normal((n, len(point))) @ _root(np.nan_to_num(covariance)).T


def importance_draws(
    log_posterior: Callable[[Floats], float],
    point: Floats,
    covariance: Floats,
    n: int,
    random: np.random.Generator,
    progress: Progress = SILENT,
) -> tuple[Floats, float]:
    """Draws from exp(log_posterior), each of n proposals as often as its weight says; and the ESS.

    Where the draws are worth little, because the posterior is skewed, proposals move to where its
    weight was found, with its spread, and are made anew.
    """
    best = _weighted(log_posterior, point, covariance, n, random, progress)
    for _ in range(_ROUNDS):
        proposed, weight, size = best
        if size > _GOOD * n or size < 2 * len(point):
            break
        centre = weight @ proposed
        spread = _WIDER * np.cov(proposed.T, aweights=weight).reshape(covariance.shape)
        tried = _weighted(log_posterior, centre, spread, n, random, progress)
        best = max(best, tried, key=lambda found: found[2])
    proposed, weight, size = best
    places = (random.random() + np.arange(n)) / n  # systematic: it adds the least noise
    chosen = np.searchsorted(np.cumsum(weight), places, side="right")
    return proposed[np.minimum(chosen, n - 1)], size


def _weighted(
    log_posterior: Callable[[Floats], float],
    point: Floats,
    covariance: Floats,
    n: int,
    random: np.random.Generator,
    progress: Progress = SILENT,
) -> tuple[Floats, Floats, float]:
    """Proposals around a point, their weights, and the effective sample size of these."""
    standard = random.standard_normal((n, len(point)))
    standard /= np.sqrt(random.chisquare(_TAILS, n) / _TAILS)[:, None]
    proposed = point + standard @ _root(covariance).T
    square = np.sum(standard**2, axis=1)
    log_proposal = -0.5 * (_TAILS + len(point)) * np.log1p(square / _TAILS)
    with np.errstate(all="ignore"):  # far proposals may overflow: they weigh nothing
        each = progress.over(proposed, "weighing draw")
        log_weight = np.array([log_posterior(theta) for theta in each]) - log_proposal
    log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    size = float(1.0 / np.sum(weight**2))
    progress.step(f"weighed {n:,} draws, worth {size:,.0f}")
    return proposed, weight, size


def _root(covariance: Floats) -> Floats:
    """Square root of a covariance, which may be singular."""
    sizes, directions = np.linalg.eigh(covariance)
    return np.asarray(directions * np.sqrt(np.maximum(sizes, 0.0)))
