"""Asserts for customer-level estimators; X is a pandas frame of customers, the id not in it."""

import inspect
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import skops.io as sio
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError


def output(est, X):
    return np.asarray(est.transform(X) if hasattr(est, "transform") else est.predict(X))


def check_unfitted_says_so(est, X):
    with pytest.raises(NotFittedError):
        output(clone(est), X)


def check_second_fit_refits(est, X):
    used = clone(est).fit(X.iloc[: len(X) // 2]).fit(X)
    assert_array_equal(output(used, X), output(clone(est).fit(X), X))


def check_fit_returns_self_and_keeps_parameters(est, X):
    copy = clone(est)
    before = {name: repr(value) for name, value in copy.get_params().items()}
    assert copy.fit(X) is copy
    assert {name: repr(value) for name, value in copy.get_params().items()} == before


def check_copies_agree(est, X):
    fitted = clone(est).fit(X)
    data = sio.dumps(fitted)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy in (clone(fitted).fit(X), pickle.loads(pickle.dumps(fitted)), by_skops):
        assert_array_equal(output(copy, X), output(fitted, X))


def check_input_untouched(est, X):
    before = X.copy(deep=True)
    output(clone(est).fit(X), X)
    pd.testing.assert_frame_equal(X, before)


def check_row_order_is_free(est, X):
    order = np.random.default_rng(0).permutation(len(X))
    got = output(clone(est).fit(X.iloc[order]), X.iloc[order])
    assert_array_equal(got, output(clone(est).fit(X), X)[order])


def check_a_subset_predicts_alike(est, X):
    fitted = clone(est).fit(X)
    assert_array_equal(output(fitted, X.iloc[1:3]), output(fitted, X)[1:3])


def check_frames_agree(est, X):
    for frame in (pl.from_pandas(X), pa.Table.from_pandas(X, preserve_index=False)):
        fitted = clone(est).fit(frame)
        assert list(fitted.feature_names_in_) == list(clone(est).fit(X).feature_names_in_)
        assert_array_equal(output(fitted, frame), output(clone(est).fit(X), X))


def check_lazy_frames_agree(est, X):
    expected = output(clone(est).fit(X), X)
    lazy = pl.from_pandas(X).lazy()
    assert_array_equal(output(clone(est).fit(lazy), lazy), expected)


def check_ids_stay_with_their_rows(est, X):
    """A lazy plan with a group_by has no row order: collected twice, ids and numbers part."""
    many = pd.concat([X] * (4000 // len(X)), ignore_index=True)
    many.insert(0, "who", np.arange(len(many)))
    fitted = clone(est).fit(X)
    for method in ("predict_frame", "transform_frame", "breakdown"):
        if hasattr(est, method):
            plan = pl.from_pandas(many).lazy().group_by("who").agg(pl.all().first())
            got = getattr(fitted, method)(plan).collect().sort("who").to_pandas()
            expected = getattr(fitted, method)(many)
            pd.testing.assert_frame_equal(got, expected, check_dtype=False)


def check_every_parameter_is_documented(est, X):
    doc = inspect.getdoc(type(est)) or ""
    for name in est.get_params(deep=False):
        assert f"\n{name} :" in doc, f"{type(est).__name__}: parameter {name} has no entry"


ALL = [f for name, f in globals().items() if name.startswith("check_")]
