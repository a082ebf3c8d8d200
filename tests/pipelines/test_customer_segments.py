"""Kinds of customers in the table: stage, tier and behaviour, as their own models tell them."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from sklearn.base import clone

from crmkit import EventLog, summarize
from crmkit.clv import CustomerLifetimeValue
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from crmkit.pipelines import CustomerValuePipeline
from crmkit.pipelines._customer_segments import BEHAVIOUR, TODAY, fitted_stager, stage_columns
from crmkit.segment import BehaviourSegmenter, LifecycleStager, ValueTiers
from tests.contracts.event_level import same
from tests.contracts.frame_kinds import FRAMES
from tests.pipelines._quick import shop

DAY = "2024-10-20"
LOG = EventLog(shop())
KINDS = ["stage", "stage_reason", "tier"]

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


def plain(**parts):
    return CustomerValuePipeline(**({"churn": None, "recommender": None} | parts))


@pytest.fixture(scope="module")
def fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return plain(behaviour=BehaviourSegmenter(BEHAVIOUR, n_segments=3)).fit(LOG, as_of=DAY)


@pytest.fixture(scope="module")
def table(fitted):
    return fitted.transform(LOG, as_of=DAY)


def test_columns_stand_beside_the_segment(table):
    at = table.columns.tolist().index("segment")
    assert table.columns[at + 1 : at + 5].tolist() == [*KINDS, "behaviour"]


def test_without_kinds_the_columns_are_the_former_ones(table):
    without = plain(stager=None, tiers=None).fit_transform(LOG, as_of=DAY)
    assert not {*KINDS, "behaviour"} & set(without.columns)
    pd.testing.assert_frame_equal(table[without.columns.tolist()], without)


def test_stages_are_those_of_the_stager(table):
    staged = LifecycleStager().fit(LOG, as_of=DAY).predict_frame(LOG, as_of=DAY)
    assert table["customer_id"].tolist() == staged["customer_id"].tolist()
    assert table["stage"].tolist() == staged["stage"].tolist()
    assert table["stage_reason"].tolist() == staged["reason"].tolist()
    assert table["stage"].nunique() > 3


def test_tiers_are_of_the_expected_value_with_frozen_edges(fitted, table):
    assert table["tier"].value_counts().tolist() == [75, 45, 23, 7]
    best = table.sort_values("clv")["tier"].tolist()
    assert best == ["ordinary"] * 75 + ["silver"] * 45 + ["gold"] * 23 + ["diamond"] * 7
    later = fitted.transform(LOG, as_of="2024-10-27")
    places = np.searchsorted(fitted.tiers_.edges_, later["clv"], side="right")
    assert later["tier"].tolist() == [fitted.tiers_.segments_[::-1][i] for i in places]


def test_a_tier_of_past_revenue_is_another_one():
    tiers = ValueTiers(("low", "high"), by="revenue_share", edges=[0.5], value="total_amount")
    made = plain(tiers=tiers).fit_transform(LOG, as_of=DAY)
    best = made.sort_values("total_amount", ascending=False)
    n = int((best["tier"] == "high").sum())
    assert best["tier"].tolist() == ["high"] * n + ["low"] * (len(best) - n)
    assert best["total_amount"].iloc[:n].sum() >= 0.5 * best["total_amount"].sum()
    assert best["total_amount"].iloc[: n - 1].sum() < 0.5 * best["total_amount"].sum()


def test_behaviour_is_that_of_its_segmenter(table):
    customers = summarize(LOG, DAY, "W")
    own = BehaviourSegmenter(BEHAVIOUR, n_segments=3).fit(customers)
    assert table["behaviour"].tolist() == own.predict(customers).tolist()


def test_behaviour_is_found_where_asked_for():
    pipe = plain(behaviour="auto").fit(LOG, as_of=DAY)
    assert pipe.behaviour_.get_params()["columns"] == BEHAVIOUR
    assert set(pipe.transform(LOG, as_of=DAY)["behaviour"]) == set(pipe.behaviour_.segments_)


def test_parts_are_cloned():
    stager, tiers = LifecycleStager(loyal_from=3), ValueTiers(value="clv")
    plain(stager=stager, tiers=tiers).fit(LOG, as_of=DAY)
    assert not hasattr(stager, "stages_")
    assert not hasattr(tiers, "edges_")


def test_stages_of_another_language_go_in():
    stager = LifecycleStager(stages="zh", loyal_from=3)
    made = plain(stager=stager).fit_transform(LOG, as_of=DAY)
    assert set(made["stage"]) <= {
        "忠诚客户",
        "成长客户",
        "复活客户",
        "新客户",
        "风险客户",
        "沉睡客户",
        "流失客户",
    }


def test_the_future_changes_nothing(fitted, table):
    frame = shop()
    known = EventLog(frame[frame["timestamp"] < DAY])
    again = clone(fitted).fit_transform(known, as_of=DAY)
    pd.testing.assert_frame_equal(again, table)


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same(kind, fitted, table):
    data = FRAMES[kind](shop())
    got = clone(fitted).fit_transform(EventLog(data), as_of=DAY)
    assert type(got) is type(data)
    same(got, table)


def test_copies_describe_alike(fitted, table):
    data = sio.dumps(fitted)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy in (pickle.loads(pickle.dumps(fitted)), by_skops, clone(fitted).fit(LOG, as_of=DAY)):
        pd.testing.assert_frame_equal(copy.transform(LOG, as_of=DAY), table)


def test_within_a_day_stages_are_those_of_its_midnight(fitted):
    noon = f"{DAY} 12:00"
    frame = pd.concat(
        [
            shop(),
            pd.DataFrame(
                {
                    "customer_id": ["a", "a", "b"],
                    "timestamp": pd.to_datetime(["2024-10-20 08:00", "2024-10-20 09:00", noon]),
                    "amount": 1.0,
                }
            ),
        ],
        ignore_index=True,
    )
    made = fitted.transform(EventLog(frame), as_of=noon).set_index("customer_id")
    midnight = fitted.transform(LOG, as_of=DAY).set_index("customer_id")
    assert "b" not in made.index
    assert made.loc["a", KINDS[:2]].tolist() == ["new", TODAY]
    rows = made.loc[midnight.index]
    assert rows["stage_reason"].tolist() == midnight["stage_reason"].tolist()


def test_on_the_first_day_everybody_is_new(fitted):
    first = LOG.first_event
    made = fitted.transform(LOG, as_of=first.replace(hour=23, minute=59))
    assert set(made["stage"]) == {"new"}
    assert set(made["stage_reason"]) == {TODAY}
    with pytest.raises(DataError, match="nothing happened before 2024-01-0"):
        fitted_stager(LifecycleStager(), LOG, first.replace(hour=23, minute=59))


def test_a_return_before_the_first_purchase_is_no_purchase(fitted):
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "timestamp": pd.to_datetime(["2024-03-01 00:00", "2024-03-02 10:00"]),
            "amount": [-5.0, 5.0],
        }
    )
    log = EventLog(frame)
    customers = summarize(log, "2024-03-02 12:00")
    made = stage_columns(fitted.stager_, customers, log, "2024-03-02 12:00")
    assert made["stage"].tolist() == ["new"]


def test_aware_times_are_staged_on_their_own_clock(fitted, table):
    frame = shop()
    aware = frame.assign(timestamp=frame["timestamp"].dt.tz_localize("UTC"))
    made = clone(fitted).fit_transform(EventLog(aware, tz="UTC"), as_of=DAY)
    assert made["stage"].tolist() == table["stage"].tolist()
    assert made["tier"].tolist() == table["tier"].tolist()
    tokyo = fitted.transform(EventLog(aware, tz="Asia/Tokyo"), as_of=DAY)
    assert tokyo["stage"].notna().all()


def test_one_customer_can_be_scored_alone_without_a_warning(fitted, table):
    frame = shop()
    quiet = table.loc[table["days_since_last"].idxmax(), "customer_id"]
    own = EventLog(frame[frame["customer_id"] == quiet])
    made = fitted.transform(own, as_of=DAY)
    row = table[table["customer_id"] == quiet]
    assert made[KINDS].to_numpy().tolist() == row[KINDS].to_numpy().tolist()


def test_stages_that_cannot_be_learnt_are_left_out_and_said():
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i % 40}" for i in range(80)],
            "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(80) // 8, "h"),
            "amount": np.arange(80) % 7 + 1.0,
        }
    )
    log, value = EventLog(frame), CustomerLifetimeValue(horizon=8)
    pipe = plain(unit="h", value=value)
    with pytest.warns(DataWarning, match="stages of life cannot be learnt from this log, so the"):
        made = pipe.fit_transform(log)
    assert pipe.stager_ is None
    assert "nobody bought on two days" in pipe.stager_note_
    assert "stage" not in made.columns
    assert made["tier"].notna().all()
    with pytest.raises(DataError, match="LifecycleStager: nobody bought on two days"):
        plain(unit="h", value=value, stager=LifecycleStager()).fit(log)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"stager": "yes"}, r"stager must be a LifecycleStager, \"auto\" or None, got 'yes'"),
        ({"tiers": 4}, r"tiers must be ValueTiers, \"auto\" or None, got 4"),
        ({"behaviour": 4}, r"behaviour must be a BehaviourSegmenter, \"auto\" or None, got 4"),
    ],
)
def test_wrong_parts_are_refused(parts, text):
    with pytest.raises(DataError, match=f"CustomerValuePipeline: {text}"):
        plain(**parts).fit(LOG, as_of=DAY)


def test_tiers_of_a_column_that_is_not_there_are_refused():
    with pytest.raises(DataError, match="'profit' not found"):
        plain(tiers=ValueTiers(value="profit")).fit(LOG, as_of=DAY)


def test_a_customer_column_called_like_a_kind_is_refused():
    log = EventLog(shop().rename(columns={"customer_id": "tier"}), customer="tier")
    with pytest.raises(DataError, match=r"column 'tier' is called like"):
        plain().fit_transform(log, as_of=DAY)
