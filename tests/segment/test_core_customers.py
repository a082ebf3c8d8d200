"""CoreCustomers: the index by hand, shares, reasons, frames, texts, contracts, the suite."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from crmkit.exceptions import DataError
from crmkit.segment import CoreCustomers, migration_matrix
from crmkit.segment._core_index import (
    base_rate,
    geometric_mean,
    learnt_ranks,
    ranks,
    repurchase_rate,
)
from tests.contracts import customer_level
from tests.segment._shop import CUSTOMERS as SHOP
from tests.segment._shop import FRAMES, as_dict

CUSTOMERS = SHOP.assign(
    frequency=[0, 0, 0, 1, 4, 4, 6, 0, 2, 0],
    T=[300.0, 200.0, 90.0, 100.0, 80.0, 200.0, 400.0, 1.0, 150.0, 410.0],
)
NUMBERS = CUSTOMERS.drop(columns="customer_id")


def test_the_repurchase_rate_by_hand():
    x, T = np.array([0.0, 3.0, 1.0]), np.array([10.0, 20.0, 10.0])
    assert base_rate(x, T) == 0.1
    # prior 1: (x + 1) / (T + 10); prior 2: (x + 2) / (T + 20)
    assert repurchase_rate(x, T, 0.1, 1.0).tolist() == [0.05, 4 / 30, 0.1]
    assert repurchase_rate(x, T, 0.1, 2.0).tolist() == [2 / 30, 5 / 40, 0.1]
    assert repurchase_rate(np.zeros(2), T[:2], 0.0, 1.0).tolist() == [0, 0]
    assert base_rate(np.zeros(1), np.zeros(1)) == 0


def test_ranks_by_hand():
    learnt = learnt_ranks(np.array([5.0, 1.0, 5.0, 9.0]))
    assert ranks(np.array([1.0, 5, 9, 0, 3, 99]), *learnt).tolist() == [
        0.2,
        0.5,
        0.8,
        0.1,
        0.3,
        0.9,
    ]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_ranks_keep_order_and_are_fair(values):
    x = np.array(values)
    found = ranks(x, *learnt_ranks(x))
    assert (np.diff(found[np.argsort(x)]) >= 0).all()
    assert abs(found.mean() - 0.5) < 1e-9
    assert found.min() > 0
    assert found.max() < 1


def test_the_index_by_hand():
    # orders 2 4 6 -> ranks 1/4 2/4 3/4; amounts the same way; rates 1/20, 3/20, 2/20 after prior
    x = np.array([[2, 10.0, 0, 10.0], [4, 20.0, 2, 10.0], [6, 30.0, 1, 10.0]])
    frame = pd.DataFrame(x, columns=["n_orders", "total_amount", "frequency", "T"])
    frame.insert(0, "who", list("abc"))
    core = CoreCustomers(share=0.5).fit(frame)
    assert core.base_rate_ == 0.1
    out = core.predict_frame(frame)
    assert out["repurchase_rate"].tolist() == [0.05, 0.15, 0.1]
    assert out["frequency_rank"].tolist() == [0.25, 0.5, 0.75]
    assert out["repurchase_rank"].tolist() == [0.25, 0.75, 0.5]
    by_hand = [0.25, (0.5 * 0.5 * 0.75) ** (1 / 3), (0.75 * 0.75 * 0.5) ** (1 / 3)]
    assert out["core_index"].tolist() == pytest.approx(by_hand, rel=1e-14)
    assert out["segment"].tolist() == ["other", "other", "core"]
    assert out["reason"].tolist() == [
        "never bought again",
        "weakest in frequency: ahead of 50 %",
        "ahead of 75 % in frequency, 75 % in amount, 50 % in repurchase",
    ]
    assert geometric_mean(np.array([[0.25, 0.5, 1.0]])).tolist() == pytest.approx([0.5])


@pytest.mark.parametrize("share", [0.1, 0.2, 0.37, 0.5])
def test_shares_are_met(share):
    random = np.random.default_rng(3)
    x = np.column_stack(
        [
            random.integers(2, 400, 1000),
            random.gamma(2, 50, 1000),
            random.integers(1, 300, 1000),
            random.uniform(50, 400, 1000),
        ]
    )
    by_customers = CoreCustomers(share).fit(x)
    assert by_customers.sizes_.tolist() == [round(1000 * share), 1000 - round(1000 * share)]
    by_index = CoreCustomers(share, by="index").fit(x)
    index = geometric_mean(by_index._ranks(x))
    core = by_index.predict(x) == "core"
    assert index[core].sum() >= share * index.sum() > index[core].sum() - index[core].min()
    assert index[core].min() == by_index.threshold_ > index[~core].max()


def test_who_brought_nothing_is_not_core():
    often = CUSTOMERS.assign(n_orders=9, frequency=8, total_amount=[0.0, -1.0, 0.01, *[1.0] * 7])
    core = CoreCustomers(share=0.95).fit(often)
    assert core.predict(often).tolist() == ["other", "other", *["core"] * 8]


def test_one_large_order_makes_no_core_customer():
    x = NUMBERS[["n_orders", "total_amount", "frequency", "T"]].to_numpy()
    once = np.array([[1, 1e6, 0, 100.0], [9, -5.0, 8, 100.0]])
    core = CoreCustomers(share=0.3).fit(np.vstack([x, once]))
    assert core.predict(once).tolist() == ["other", "other"]
    assert core.predict([[9, 1e6, 8, 100.0]]).tolist() == ["core"]


def test_one_customer_and_equal_customers_are_core_together():
    one = [[2, 10.0, 1, 30.0]]
    assert CoreCustomers().fit_predict(one).tolist() == ["core"]
    assert CoreCustomers().fit_predict(one * 7).tolist() == ["core"] * 7


def test_later_customers_meet_the_ranks_of_fit():
    core = CoreCustomers().fit(NUMBERS)
    names = core.predict(NUMBERS)
    for row in range(len(NUMBERS)):
        assert core.predict(NUMBERS.iloc[[row]]).tolist() == [names[row]]


def test_equal_amounts_of_two_sums_have_one_rank():
    learnt = learnt_ranks(np.array([0.6, 0.6000000000000001, 0.1, 5.0]))
    assert ranks(np.array([0.6000000000000001, 0.6]), *learnt).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("by", ["customers", "index"])
def test_the_order_of_events_does_not_matter_on_real_data(by, shuffled_logs, shuffled_customers):
    core = CoreCustomers(by=by).fit(shuffled_customers[0])
    told = [core.predict_frame(each) for each in shuffled_customers]
    for name in ("segment", "reason"):
        assert told[1][name].tolist() == told[0][name].tolist() == told[2][name].tolist()
    moves = migration_matrix(core, shuffled_logs[0], ["2017-10-01"] * 2)
    assert moves.size_counts[0].tolist() == core.sizes_.tolist()


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    core = CoreCustomers().fit(frame)
    out = core.predict_frame(frame)
    assert type(out) is type(frame)
    assert as_dict(out) == as_dict(CoreCustomers().fit(CUSTOMERS).predict_frame(CUSTOMERS))
    assert as_dict(out)["segment"] == core.predict(frame).tolist()


def test_describe_by_hand():
    x = [[3, 60.0, 2, 9.0], [2, 20.0, 1, 9.0], [1, 20.0, 0, 9.0]]
    core = CoreCustomers(share=0.3).fit(x)
    assert core.describe().to_dict("list") == {
        "segment": ["core", "other"],
        "n_customers": [1, 2],
        "share_of_customers": [1 / 3, 2 / 3],
        "revenue": [60, 40],
        "share_of_revenue": [0.6, 0.4],
    }
    assert core.describe(x[:1])["n_customers"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"share": 1.0}, r"share must be a number between 0 and 1, got 1\.0"),
        ({"by": "revenue"}, r"by must be one of \['customers', 'index'\], got 'revenue'"),
        ({"prior": 0}, r"prior must be a finite number above 0\.0, got 0"),
        ({"orders": "orders"}, r"column 'orders' not found\. Did you mean 'n_orders'"),
    ],
)
def test_parameters_are_refused_in_fit_with_a_text(parameters, text):
    core = CoreCustomers(**parameters)
    with pytest.raises(DataError, match=f"^CoreCustomers: {text}"):
        core.fit(NUMBERS)


def test_data_are_refused_with_a_text():
    with pytest.raises(DataError, match=r"none of 10 customers bought again"):
        CoreCustomers().fit(NUMBERS.assign(frequency=0))
    with pytest.raises(DataError, match=r"must not be negative, got 'frequency' at row 1, 'T' at"):
        CoreCustomers().fit([[1, 1.0, 1, 1], [1, 1.0, -1, -2]])
    with pytest.raises(DataError, match=r"an array must hold 4 columns in the order n_orders, tot"):
        CoreCustomers().fit([[1.0, 2.0]])
    with pytest.raises(DataError, match=r"'T' has 10 NaN"):
        CoreCustomers().fit(NUMBERS.assign(T=np.nan))
    with pytest.raises(NotFittedError):
        CoreCustomers().predict_frame(CUSTOMERS)


class CoreOnAnyData(CoreCustomers):
    """Reads the sizes of the columns, going round, and predicts positions."""

    def _columns(self, X):
        return X

    def _domain(self, x):
        return np.abs(x[:, np.arange(4) % x.shape[1]]) + 1

    def predict(self, X):
        return self._positions(X)


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("by", ["customers", "index"])
def test_contract(contract, by):
    contract(CoreCustomers(by=by, share=0.4), NUMBERS)


def test_scikit_learn_suite():
    results = check_estimator(CoreOnAnyData(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 36, f"only {len(ran)} checks passed: {ran}"
