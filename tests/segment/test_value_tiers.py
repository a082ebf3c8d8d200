"""ValueTiers: tiers by hand, hysteresis, frames, migration, texts, contracts, the suite."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

import crmkit as ck
from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import ValueTiers, migration_matrix, segment_summary
from tests.contracts import customer_level
from tests.segment._shop import CUSTOMERS, FRAMES, NUMBERS, as_dict

HUNDRED = np.arange(1.0, 101.0)[:, None]


def counted(names):
    return dict(zip(*(side.tolist() for side in np.unique(names, return_counts=True)), strict=True))


def test_shares_of_customers():
    tiers = ValueTiers().fit(HUNDRED)
    assert tiers.segments_.tolist() == ["diamond", "gold", "silver", "ordinary"]
    assert tiers.edges_.tolist() == [51, 81, 96]
    assert counted(tiers.predict(HUNDRED)) == {
        "diamond": 5,
        "gold": 15,
        "ordinary": 50,
        "silver": 30,
    }
    assert tiers.predict([[50.9], [51], [1e9], [-3]]).tolist() == [
        "ordinary",
        "silver",
        "diamond",
        "ordinary",
    ]


def test_shares_of_revenue():
    x = [[500.0], [300.0], [100.0], [60.0], [40.0], [0.0], [-20.0]]
    tiers = ValueTiers(by="revenue_share").fit(x)
    assert tiers.edges_.tolist() == [300, 500, 500]  # 80 %, 50 % and 20 % of 1000
    assert tiers.predict(x).tolist() == ["diamond", "silver"] + ["ordinary"] * 5


def test_thresholds_are_taken_as_they_are():
    tiers = ValueTiers(("C", "B", "A"), by="thresholds", edges=(100, 500)).fit([[1.0], [2.0]])
    assert tiers.edges_.tolist() == [100, 500]
    assert tiers.predict([[99.0], [100.0], [500.0]]).tolist() == ["C", "B", "A"]


def test_most_customers_without_value_are_ordinary():
    x = np.append(np.zeros(90), np.arange(1.0, 11.0))[:, None]
    tiers = ValueTiers().fit(x)
    assert tiers.edges_.tolist() == [1, 1, 6]
    assert set(tiers.predict(x[:90])) == {"ordinary"}


def test_one_customer_and_equal_customers_share_a_tier():
    assert ValueTiers().fit_predict([[7.0]]).tolist() == ["diamond"]
    for by in ("quantile", "revenue_share"):
        assert len(set(ValueTiers(by=by).fit_predict([[7.0]] * 9))) == 1


def test_chinese_labels():
    tiers = ValueTiers(language="zh").fit(HUNDRED)
    assert tiers.segments_.tolist() == ["钻石客户", "金卡客户", "银卡客户", "普通客户"]
    own = ValueTiers(["a", "b", "c", "d"], language="zh").fit(HUNDRED)
    assert own.segments_.tolist() == ["d", "c", "b", "a"]


def test_noise_around_an_edge_does_not_flap_and_a_real_move_moves():
    tiers = ValueTiers(by="thresholds", edges=(100, 200, 400), margin=0.1).fit(HUNDRED)
    random = np.random.default_rng(0)
    memory = tiers.predict(np.full((500, 1), 100.0))
    first, flips, forgetful = memory, 0, 0
    plain = first
    for _ in range(20):
        x = random.uniform(91, 109, (500, 1))
        now = tiers.predict(x, previous=memory)
        flips += (now != memory).sum()
        forgetful += (tiers.predict(x) != plain).sum()
        memory, plain = now, tiers.predict(x)
    assert flips == 0
    assert forgetful > 1000
    assert set(tiers.predict(np.full((500, 1), 89.0), previous=memory)) == {"ordinary"}
    assert set(tiers.predict(np.full((500, 1), 221.0), previous=memory)) == {"gold"}


def test_previous_of_another_order_meets_by_id():
    tiers = ValueTiers(by="thresholds", edges=(50, 100, 500)).fit(CUSTOMERS)
    before = tiers.predict_frame(CUSTOMERS)
    assert before["tier"].tolist()[2:7] == ["ordinary", "silver", "silver", "gold", "diamond"]
    later = CUSTOMERS.assign(
        total_amount=[10.0, 53.0, 56.0, 47.0, 105.0, 91.0, 455.0, 5.0, 53.0, 9.0]
    )
    expected = ["ordinary", "ordinary", "silver", "silver", "silver", "gold", "diamond"]
    assert tiers.predict_frame(later, previous=before[::-1])["tier"].tolist()[:7] == expected
    assert tiers.predict(later, previous=before["tier"]).tolist()[:7] == expected
    unknown_i = before[before["customer_id"] != "i"]
    assert tiers.predict_frame(later, previous=unknown_i)["tier"].tolist()[8] == "silver"
    assert tiers.predict_frame(later, previous=before)["tier"].tolist()[8] == "ordinary"


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    tiers = ValueTiers().fit(frame)
    out = tiers.predict_frame(frame)
    assert type(out) is type(frame)
    assert as_dict(out) == {
        "customer_id": list("abcdefghij"),
        "tier": ValueTiers().fit_predict(NUMBERS).tolist(),
    }
    held = tiers.predict_frame(frame, previous=out)
    assert as_dict(held) == as_dict(out)


def test_ids_that_are_numbers_and_the_id_column_by_name():
    customers = CUSTOMERS.assign(customer_id=np.arange(10, 20))[[*NUMBERS.columns, "customer_id"]]
    tiers = ValueTiers().fit(customers)
    out = tiers.predict_frame(customers, "customer_id")
    assert out["customer_id"].tolist() == list(range(10, 20))
    again = tiers.predict_frame(customers, "customer_id", previous=out)
    pd.testing.assert_frame_equal(again, out)


def test_describe_by_hand():
    x = [[600.0], [300.0], [100.0], [0.0]]
    tiers = ValueTiers(("low", "middle", "high"), by="thresholds", edges=(100, 600)).fit(x)
    told = tiers.describe()
    assert told.to_dict("list") == {
        "tier": ["high", "middle", "low"],
        "from_value": [600, 100, -np.inf],
        "below_value": [np.inf, 600, 100],
        "n_customers": [1, 2, 1],
        "share_of_customers": [0.25, 0.5, 0.25],
        "revenue": [600, 400, 0],
        "share_of_revenue": [0.6, 0.4, 0],
    }
    assert tiers.describe([[50.0], [50.0]])["n_customers"].tolist() == [0, 0, 2]
    assert tiers.describe([[0.0]])["share_of_revenue"].isna().all()


def test_other_code_reads_the_tiers():
    tiers = ValueTiers(("low", "high"), edges=[0.5]).fit(CUSTOMERS)
    assert segment_summary(CUSTOMERS, tiers)["segment"].tolist() == ["high", "low"]


def test_customers_migrate_between_tiers_under_frozen_edges():
    days = pd.to_datetime(["2024-01-05", "2024-01-06", "2024-02-10", "2024-02-11"])
    log = ck.EventLog(
        pd.DataFrame({"customer_id": list("abac"), "timestamp": days, "amount": [60, 150, 70, 9.0]})
    )
    tiers = ValueTiers(("low", "high"), by="thresholds", edges=[100])
    moves = migration_matrix(tiers, log, ["2024-02-01", "2024-03-01"])
    assert moves.segments == ("high", "low")
    assert moves.matrix(0, shares=False).to_numpy().tolist() == [[0, 1], [1, 0], [1, 0]]
    assert moves.segmenter.edges_.tolist() == [100]


def rounded_apart():
    """Sums of the same amounts in another order: 0.6 and the number after it."""
    days = pd.date_range("2024-01-01", periods=6)
    amounts = [0.1, 0.2, 0.3, 0.1, 0.05, 0.02]
    frame = pd.DataFrame({"customer_id": list("aaabcd"), "timestamp": days, "amount": amounts})
    return [ck.EventLog(frame.iloc[rows]) for rows in ([0, 1, 2, 3, 4, 5], [2, 1, 0, 3, 4, 5])]


@pytest.mark.parametrize("by", ["quantile", "revenue_share"])
@pytest.mark.parametrize("first", [0, 1])
def test_the_last_bit_of_a_sum_moves_nobody(by, first):
    logs = rounded_apart()
    customers = [ck.summarize(log, as_of="2024-02-01") for log in logs]
    assert customers[0]["total_amount"][0] != customers[1]["total_amount"][0]
    tiers = ValueTiers(by=by).fit(customers[first])
    assert tiers.predict(customers[0]).tolist() == tiers.predict(customers[1]).tolist()
    for log in logs:
        with pytest.warns(DataWarning, match="behind the end of the log"):
            moves = migration_matrix(tiers, log, ["2024-02-01"] * 2)
        assert moves.size_counts[0].tolist() == tiers.sizes_.tolist()


@pytest.mark.parametrize("by", ["quantile", "revenue_share"])
def test_the_order_of_events_does_not_matter_on_real_data(by, shuffled_logs, shuffled_customers):
    tiers = ValueTiers(by=by).fit(shuffled_customers[0])
    expected = tiers.predict(shuffled_customers[0]).tolist()
    assert [tiers.predict(each).tolist() for each in shuffled_customers[1:]] == [expected] * 2
    moves = migration_matrix(tiers, shuffled_logs[0], ["2017-10-01"] * 2)
    assert moves.size_counts[0].tolist() == tiers.sizes_.tolist()


def test_equal_values_of_two_sums_are_one_value():
    x = np.array([[0.6], [0.6000000000000001], [0.1], [0.05]])
    assert ValueTiers(("low", "high"), edges=[0.75]).fit(x).sizes_.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        (
            {"by": "revenue"},
            r"by must be one of .*, got 'revenue'\. Did you mean 'revenue_share'\?",
        ),
        ({"by": "thresholds"}, r"with by='thresholds' edges must be rising amounts .* got None"),
        ({"edges": (0.5, 2)}, r"edges must be rising numbers above 0 and below 1"),
        ({"edges": (0.5,)}, r"labels must be a list of 2 texts, one more than there are edges"),
        ({"labels": "abcd"}, r"labels must be a list of 4 texts"),
        ({"labels": set("abcd")}, r"labels must be a list of 4 texts"),
        ({"labels": 5}, r"labels must be a list of 4 texts, .* got 5"),
        ({"labels": list("aabc")}, r"labels must differ and not be empty"),
        ({"margin": 1}, r"margin must be below 1, got 1"),
        ({"margin": -0.1}, r"margin must be a finite number of at least 0"),
        ({"language": "de"}, r"language must be one of"),
        ({"value": "amount"}, r"column 'amount' not found\. Did you mean 'total_amount'"),
    ],
)
def test_parameters_are_refused_in_fit_with_a_text(parameters, text):
    tiers = ValueTiers(**parameters)
    with pytest.raises(DataError, match=f"^ValueTiers: .*{text}"):
        tiers.fit(NUMBERS)


def test_data_are_refused_with_a_text():
    with pytest.raises(DataError, match=r"none of 2 customers has a value above 0"):
        ValueTiers().fit([[0.0], [-1.0]])
    with pytest.raises(DataError, match=r"an array must hold the value as its only column, got 2"):
        ValueTiers().fit([[1.0, 2.0]])
    with pytest.raises(DataError, match=r"'total_amount' has 1 NaN \(first at row 0\)"):
        ValueTiers().fit(NUMBERS.assign(total_amount=[np.nan, *[1.0] * 9]))
    tiers = ValueTiers().fit(CUSTOMERS)
    with pytest.raises(DataError, match=r"previous holds names that do not exist, such as 'platin"):
        tiers.predict(NUMBERS, previous=["platinum"] * 10)
    with pytest.raises(DataError, match=r"previous must be one name for each of 10 customers"):
        tiers.predict(NUMBERS, previous=["gold"])
    before = tiers.predict_frame(CUSTOMERS)
    with pytest.raises(DataError, match=r"previous holds the customer 'a' more than once"):
        tiers.predict_frame(CUSTOMERS, previous=pd.concat([before, before]))
    with pytest.raises(DataError, match=r"the ids of previous are whole numbers, those of the cu"):
        tiers.predict_frame(CUSTOMERS, previous=before.assign(customer_id=range(10)))
    with pytest.raises(DataError, match=r"the customer id is called 'tier'"):
        tiers.predict_frame(CUSTOMERS.rename(columns={"customer_id": "tier"}))
    with pytest.raises(NotFittedError):
        ValueTiers().describe()


class TiersOnAnyData(ValueTiers):
    """Reads the size of the first column and predicts positions, since the checks compare them."""

    def _columns(self, X):
        return X

    def _domain(self, x):
        return np.abs(x[:, :1]) + 1

    def predict(self, X):
        return self._positions(X)


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "tiers",
    [
        ValueTiers(),
        ValueTiers(by="revenue_share", language="zh"),
        ValueTiers(("low", "high"), by="thresholds", edges=[50]),
    ],
    ids=["quantile", "revenue", "thresholds"],
)
def test_contract(contract, tiers):
    contract(tiers, NUMBERS)


@pytest.mark.parametrize("by", ["quantile", "revenue_share"])
def test_scikit_learn_suite(by):
    results = check_estimator(TiersOnAnyData(by=by), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 36, f"only {len(ran)} checks passed: {ran}"
