"""Clusters: scikit-learn as the oracle, stages, rows by themselves, the order of customers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from crmkit.segment._canonical import canonical_order, distinct_rows, thinned_rows
from crmkit.segment._clusters import (
    fit_clusters,
    fit_in_stages,
    labels_of,
    memberships,
    moved_centers,
)

RNG = np.random.default_rng(0)
KIND = RNG.integers(0, 3, 900)
Z = RNG.normal(size=(900, 4)) + 4.0 * np.eye(4)[KIND]


def test_k_means_is_that_of_scikit_learn():
    found = fit_clusters(Z, 3, "kmeans", 5)
    oracle = KMeans(3, n_init=10, random_state=5).fit(Z)
    assert (labels_of(Z, found) == oracle.labels_).all()
    assert memberships(Z, found) == pytest.approx(oracle.transform(Z))


def test_the_mixture_is_that_of_scikit_learn():
    found = fit_clusters(Z, 3, "mixture", 5)
    oracle = GaussianMixture(3, covariance_type="diag", reg_covar=0.01, n_init=5, random_state=5)
    assert memberships(Z, found) == pytest.approx(oracle.fit(Z).predict_proba(Z))


def test_the_weights_of_unequal_components_count():
    kind = np.repeat([0, 1], [900, 60])
    z = RNG.normal(size=(960, 2)) + 2.0 * kind[:, None]
    found = fit_clusters(z, 2, "mixture", 5)
    oracle = GaussianMixture(2, covariance_type="diag", reg_covar=0.01, n_init=5, random_state=5)
    assert memberships(z, found) == pytest.approx(oracle.fit(z).predict_proba(z))


@pytest.mark.parametrize("method", ["kmeans", "mixture"])
def test_stages_end_where_all_starts_on_everybody_end(method):
    order = canonical_order(Z)
    staged = fit_in_stages(Z[order], 3, method, 0, 40)
    assert (
        adjusted_rand_score(labels_of(Z, staged), labels_of(Z, fit_clusters(Z, 3, method, 0)))
        > 0.99
    )
    assert adjusted_rand_score(labels_of(Z, staged), KIND) > 0.95


@pytest.mark.parametrize("unit", [1.0, 1e-60, 1e60])
@pytest.mark.parametrize("middle", [0.0, 1e6])
def test_single_precision_moves_centres_as_scikit_learn_does(middle, unit):
    z, start = (Z + middle) * unit, (Z[:3] + middle) * unit
    oracle = KMeans(3, init=Z[:3], n_init=1).fit(Z)
    moved = moved_centers(z, start) / unit - middle
    assert moved == pytest.approx(oracle.cluster_centers_, abs=1e-4)


def test_single_precision_takes_customers_who_are_all_alike():
    z = np.full((5, 2), 7.0)
    assert (moved_centers(z, z[:1]) == 7.0).all()


@pytest.mark.parametrize("method", ["kmeans", "mixture"])
def test_a_row_is_judged_by_itself(method):
    found = fit_clusters(Z, 3, method, 0)
    whole = memberships(Z, found)
    for rows in ([7], [3, 700], range(100, 337)):
        assert (memberships(Z[list(rows)], found) == whole[list(rows)]).all()


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1), st.integers(0, 99))
def test_the_canonical_order_forgets_the_given_one(rows, seed):
    x = np.array(rows, dtype=float)
    mixed = x[np.random.default_rng(seed).permutation(len(x))]
    one, other = x[canonical_order(x)], mixed[canonical_order(mixed)]
    assert (one == other).all()
    assert distinct_rows(one) == len(set(rows))


def test_unequal_rows_of_one_key_are_ordered_by_all_columns():
    x = np.array([[1.0, 0.0], [1.0, 1e-18], [1.0, 1.0]])  # 1e-18 of the largest is lost in the key
    for order in ([0, 1, 2], [1, 0, 2], [2, 0, 1]):
        mixed = x[order]
        assert (mixed[canonical_order(mixed)] == x[canonical_order(x)]).all()


def test_thinned_rows_are_even_and_at_most_so_many():
    assert thinned_rows(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert thinned_rows(10, 4).tolist() == [0, 2, 5, 7]
