"""Clusters of points: k-means, or a Gaussian mixture with independent columns, as plain arrays.

k-means: Lloyd, S. P. (1982), IEEE Transactions on Information Theory 28, 129-137, started by
k-means++ (Arthur and Vassilvitskii 2007). Mixture: McLachlan and Peel (2000), Finite Mixture
Models, with a diagonal covariance for each cluster (latent profile analysis) and a floor of 1 % of
a column's variance, so that a cluster cannot collapse on equal customers.

The point of a customer decides alone: blocks of other customers change no bit of the answer.
"""

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from crmkit._parallel import blocks, each_apart
from crmkit._validation import Floats
from crmkit.segment._canonical import thinned_rows
from crmkit.segment._lloyd import largest_row, moved_centers

Clusters = dict[str, Any]
Ints = npt.NDArray[np.int64]

METHODS = ("kmeans", "mixture")
STARTS = {"kmeans": 10, "mixture": 5}
FLOOR = 0.01
GROWTH = 10


def fit_in_stages(z: Floats, k: int, method: str, seed: int, most: int) -> Clusters:
    """Fit k clusters: many starts on a part of the rows, the best goes on with more and with all.

    At most `most` rows see all starts; rows come in an order in which every tenth is like the rest.
    """
    with threadpool_limits(limits=1):  # threads add in any order: other bits at every fit
        found = fit_clusters(z[thinned_rows(len(z), most)], k, method, seed)
        size = most
        while size < len(z):
            size *= GROWTH
            part = z if size >= len(z) else z[thinned_rows(len(z), size)]
            found = _fit(part, k, method, seed, found)
    return found


def fit_clusters(z: Floats, k: int, method: str, seed: int) -> Clusters:
    """Fit k clusters to all rows, the best of many starts."""
    return _fit(z, k, method, seed, None)


def _fit(z: Floats, k: int, method: str, seed: int, start: Clusters | None) -> Clusters:
    starts = STARTS[method] if start is None else 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told by sizes and stability
        if method == "kmeans":
            if start is not None:
                return {"method": method, "centers": moved_centers(z, start["centers"])}
            model = KMeans(k, n_init=starts, random_state=seed).fit(z)
            return {"method": method, "centers": model.cluster_centers_}
        first = {} if start is None else _as_start(start)
        mixture = GaussianMixture(
            k,
            covariance_type="diag",
            reg_covar=FLOOR,
            n_init=starts,
            random_state=seed,
            **first,
        ).fit(z)
    return {
        "method": method,
        "centers": mixture.means_,
        "variances": mixture.covariances_,
        "weights": mixture.weights_,
    }


def _as_start(found: Clusters) -> dict[str, Any]:
    return {
        "means_init": found["centers"],
        "weights_init": found["weights"],
        "precisions_init": 1.0 / found["variances"],
    }


def ordered(clusters: Clusters, order: npt.NDArray[Any]) -> Clusters:
    """The same clusters in another order."""
    kept = {"method": clusters["method"]}
    return kept | {name: clusters[name][order] for name in clusters if name != "method"}


def labels_of(z: Floats, clusters: Clusters) -> Ints:
    """Number of the cluster of each point."""
    labels = np.empty(len(z), dtype=np.int64)

    def label(part: slice) -> None:
        labels[part] = largest_row(_fit_of(z[part], clusters).T)

    each_apart(label, blocks(len(z)))
    return labels


def memberships(z: Floats, clusters: Clusters) -> Floats:
    """Distances to the centres of k-means, in spreads of a column; probabilities of a mixture."""
    fit = np.concatenate([_fit_of(z[part], clusters) for part in blocks(len(z))])
    if clusters["method"] == "kmeans":
        distances: Floats = np.sqrt(-fit)
        return distances
    raised = np.exp(fit - fit.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _fit_of(z: Floats, clusters: Clusters) -> Floats:
    """How well points fit to clusters: minus squared distance, or log of weight times density."""
    fit = np.empty((len(z), len(clusters["centers"])), order="F")
    for j, center in enumerate(clusters["centers"]):
        apart = z - center
        if clusters["method"] == "mixture":
            apart /= np.sqrt(clusters["variances"][j])
        fit[:, j] = np.einsum("ij,ij->i", apart, apart)
    if clusters["method"] == "kmeans":
        fit *= -1.0
    else:
        fit *= -0.5
        fit += np.log(clusters["weights"]) - 0.5 * np.log(clusters["variances"]).sum(axis=1)
    return fit
