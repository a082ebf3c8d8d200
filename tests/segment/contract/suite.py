"""Asserts for segmenters of logs; `model` is not fitted and may be cloned, `shop` has the data."""

import pickle

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import skops.io as sio
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit.exceptions import DataError, DataWarning
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.segment.contract.shop import AS_OF, FIT_AT, lines, log_of

FITTED = {}


def fitted(model):
    """The model, fitted to the shop as it is; only once, since answers may not change it."""
    key = f"{type(model)} {model.get_params()}"
    if key not in FITTED:
        FITTED[key] = clone(model).fit(log_of(lines()), as_of=FIT_AT)
    return FITTED[key]


def answer(model, log=None, as_of=AS_OF):
    return to_pandas(model.predict_frame(log_of(lines()) if log is None else log, as_of=as_of))


def same(got, expected, **kwargs):
    assert_frame_equal(got, expected, check_dtype=False, **kwargs)


def check_parameters_only_are_kept_at_first(model):
    assert not [name for name in vars(clone(model)) if name not in model.get_params(deep=False)]


def check_unfitted_says_so(model):
    with pytest.raises(NotFittedError):
        clone(model).predict_frame(log_of(lines()), as_of=AS_OF)
    with pytest.raises(NotFittedError):
        clone(model).describe()


def check_fit_returns_self_and_keeps_parameters(model):
    copy = clone(model)
    before = {name: repr(value) for name, value in copy.get_params().items()}
    assert copy.fit(log_of(lines()), as_of=FIT_AT) is copy
    assert {name: repr(value) for name, value in copy.get_params().items()} == before


def check_everybody_who_bought_is_told_once(model):
    got = answer(fitted(model))
    frame = lines()
    bought = frame[(frame["when"] < AS_OF) & (frame["amount"] >= 0)]
    assert got["who"].tolist() == sorted(bought["who"].unique())
    assert got.columns[0] == "who"
    assert not got.columns.duplicated().any()


def check_row_order_is_free(model):
    frame = lines().sample(frac=1.0, random_state=3).reset_index(drop=True)
    same(answer(fitted(model), log_of(frame)), answer(fitted(model)), check_exact=True)
    refitted = clone(model).fit(log_of(frame), as_of=FIT_AT)
    same(answer(refitted), answer(fitted(model)), check_exact=True)


def check_other_customers_do_not_matter_once_fitted(model):
    frame = lines()
    some = ["c103", "c110", "c127", "c151"]
    own = answer(fitted(model), log_of(frame[frame["who"].isin(some)]))
    every = answer(fitted(model))
    expected = every[every["who"].isin(own["who"])].reset_index(drop=True)
    assert len(own) >= 3
    same(own, expected)


def check_nothing_at_or_after_the_cut_off_matters(model):
    frame = lines()
    known = frame[frame["when"] < AS_OF]
    late = frame[frame["when"] >= AS_OF].assign(who="c100", amount=9e6)
    at_once = late.head(5).assign(when=pd.Timestamp(AS_OF))
    for rows in (known, pd.concat([known, late, at_once])):
        same(answer(fitted(model), log_of(rows)), answer(fitted(model)), check_exact=True)


def check_fit_sees_nothing_at_or_after_its_cut_off(model):
    frame = lines()
    known = frame[frame["when"] < FIT_AT]
    same(
        answer(clone(model).fit(log_of(known), as_of=FIT_AT)),
        answer(fitted(model)),
        check_exact=True,
    )


def check_midnight_after_the_last_event_is_the_default(model):
    known = lines()
    known = known[known["when"] < AS_OF]
    midnight = known["when"].max().normalize() + pd.Timedelta(days=1)
    got = answer(fitted(model), log_of(known), None)
    same(got, answer(fitted(model), log_of(known), midnight), check_exact=True)


def check_input_is_untouched(model):
    frame = lines()
    before = frame.copy(deep=True)
    answer(clone(model).fit(log_of(frame), as_of=FIT_AT), log_of(frame))
    assert_frame_equal(frame, before)


def check_ids_keep_their_type(model):
    frame = lines()
    number = frame["who"].str[1:].astype("int32")
    got = fitted(model).predict_frame(log_of(frame.assign(who=number)), as_of=AS_OF)
    assert got["who"].dtype == np.dtype("int32")
    as_category = frame.assign(who=frame["who"].astype("category"))
    got = fitted(model).predict_frame(log_of(as_category), as_of=AS_OF)
    assert isinstance(got["who"].dtype, pd.CategoricalDtype)
    small = pl.from_pandas(frame.assign(who=number)).with_columns(pl.col("who").cast(pl.UInt16))
    got = fitted(model).predict_frame(log_of(small), as_of=AS_OF)
    assert got.schema["who"] == pl.UInt16


def check_a_second_fit_refits(model):
    other = lines(seed=99)
    used = clone(model).fit(log_of(other), as_of=FIT_AT).fit(log_of(lines()), as_of=FIT_AT)
    same(answer(used), answer(fitted(model)), check_exact=True)
    assert_frame_equal(used.describe(), fitted(model).describe())


def check_the_fitted_is_not_changed_by_answers(model):
    made = clone(model).fit(log_of(lines()), as_of=FIT_AT)
    before = pickle.dumps(made)
    answer(made, log_of(lines(seed=4)))
    made.describe()
    assert pickle.dumps(made) == before


def check_copies_agree(model):
    made = fitted(model)
    data = sio.dumps(made)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    again = clone(made).fit(log_of(lines()), as_of=FIT_AT)
    for copy in (pickle.loads(pickle.dumps(made)), by_skops, again):
        same(answer(copy), answer(made), check_exact=True)
        assert_frame_equal(copy.describe(), made.describe())


def check_all_frames_agree(model):
    expected = answer(fitted(model))
    kinds = (pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table, duckdb.DuckDBPyRelation)
    for kind, make in zip(kinds, FRAMES.values(), strict=True):
        log = log_of(make(lines()))
        made = clone(model).fit(log, as_of=FIT_AT)
        got = made.predict_frame(log, as_of=AS_OF)
        assert isinstance(got, kind)
        same(to_pandas(got), expected, rtol=1e-12)


def check_rows_without_a_customer_are_told_and_dropped(model):
    frame = lines()
    frame.loc[frame.index[:9], "who"] = None
    with pytest.warns(DataWarning, match=r"EventLog: 9 of 900 rows \(1.0%\) have no 'who'"):
        got = answer(fitted(model), log_of(frame))
    same(got, answer(fitted(model), log_of(frame.iloc[9:])))


def check_what_is_no_log_is_refused(model):
    name = type(model).__name__
    with pytest.raises(DataError, match=name):
        clone(model).fit(lines(), as_of=FIT_AT)
    with pytest.raises(DataError, match=name):
        fitted(model).predict_frame(lines(), as_of=AS_OF)


def check_dates_out_of_range_are_refused(model):
    log = log_of(lines())
    with pytest.raises(DataError, match="not after the first event"):
        fitted(model).predict_frame(log, as_of="2023-06-01")
    with pytest.raises(DataError, match="no ISO 8601 date"):
        clone(model).fit(log, as_of="next week")
    with pytest.raises(DataError, match="must be the beginning of a day"):
        fitted(model).predict_frame(log, as_of="2024-05-01 12:00")


def check_a_date_far_behind_the_end_is_warned_of(model):
    with pytest.warns(DataWarning, match="days behind the end of the log"):
        fitted(model).predict_frame(log_of(lines()), as_of="2026-01-01")


def check_an_empty_log_is_refused(model):
    with pytest.raises(DataError, match="EventLog: the frame has no rows"):
        clone(model).fit(log_of(lines().head(0)))


def check_an_id_called_like_a_column_is_refused(model):
    taken = answer(fitted(model)).columns[1]
    frame = lines().rename(columns={"who": taken})
    with pytest.raises(DataError, match="Rename it first"):
        fitted(model).predict_frame(log_of(frame, customer=taken), as_of=AS_OF)


def check_one_customer_is_answered(model):
    frame = lines()
    assert len(answer(fitted(model), log_of(frame[frame["who"] == "c110"]))) == 1


ALL = [f for name, f in globals().items() if name.startswith("check_")]
