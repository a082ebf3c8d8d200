"""CleanThenValue: its parts joined without loss, the event contracts, copies, what is refused."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.cleaning import Deduplicator
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines import CleanThenValue, CustomerValuePipeline
from tests.contracts import event_level
from tests.contracts.event_level import AS_OF as DAY
from tests.contracts.event_level import events, log_of
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.pipelines._tables import without_rank

AS_OF = "2024-07-01"
COLUMNS = ["record_id", "timestamp", "amount", "order_id"]

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


def pipe():
    return CustomerValuePipeline(churn=None, recommender=None, stager=None)


@pytest.fixture(scope="module")
def shop():
    return ck.datasets.make_customers(300, duplicates=0.4, returns=0.0, random_state=3)


@pytest.fixture(scope="module")
def log(shop):
    return ck.EventLog(shop.events[COLUMNS], customer="record_id", order="order_id")


@pytest.fixture(scope="module")
def fitted(shop, log):
    return CleanThenValue(pipe()).fit(log, shop.records, as_of=AS_OF)


def test_it_is_the_pipeline_with_records(fitted, shop, log):
    alone = pipe().fit_transform(log, as_of=AS_OF, records=shop.records)
    pd.testing.assert_frame_equal(fitted.transform(log, as_of=AS_OF), alone)
    assert fitted.n_records_ == len(shop.records)
    assert fitted.n_people_ == fitted.matcher_.n_entities_
    assert fitted.golden_.id_map()["golden_id"].nunique() == fitted.n_people_
    assert fitted.as_of_ == "2024-07-01T00:00:00"


def test_the_lists_are_those_of_both_pipelines(fitted, log):
    effect = fitted.compare(log, as_of=AS_OF)
    listed = pipe().fit_transform(log, as_of=AS_OF)
    cleaned = fitted.transform(log, as_of=AS_OF)
    assert effect.table["customers"].tolist() == [len(listed), len(cleaned)]
    assert effect.table["value"].tolist() == [listed["clv"].sum(), cleaned["clv"].sum()]
    assert effect.people["record_id"].tolist() == cleaned["record_id"].tolist()
    assert effect.people["n_records"].tolist() == cleaned["n_records"].tolist()


def test_cleaned_values_are_nearer_to_the_truth(fitted, shop, log):
    truth = shop.truth.records[["record_id", "customer_id"]]
    table = fitted.compare(log, as_of=AS_OF, truth=truth).table
    assert table.index.tolist() == ["as listed", "cleaned", "by the truth"]
    assert table.loc["cleaned", "error"] < 0.3 * table.loc["as listed", "error"]
    assert table.loc["by the truth", "error"] == 0.0
    assert table.loc["cleaned", "found"] >= table.loc["as listed", "found"]
    assert table.loc["by the truth", "customers"] <= 300


@pytest.fixture(scope="module")
def of_contract():
    """Fitted on people with one record each, whose ids are text or whole numbers."""
    made = {}
    for kind in (str, int):
        frame = events(seed=1, n_customers=200, n=1500)
        frame["customer_id"] = frame["customer_id"].astype(kind)
        ids = sorted(frame["customer_id"].unique())
        told = {"email": [f"m{i}@shop.example" for i in ids], "last_name": [f"N{i}" for i in ids]}
        people = pd.DataFrame({"customer_id": ids, **told})
        made[kind] = CleanThenValue(pipe(), Deduplicator(record="customer_id"))
        with pytest.warns(UserWarning, match="next to no duplicates"):
            made[kind].fit(log_of(frame), people, as_of=DAY)
    return made


@pytest.mark.parametrize("contract", event_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract, of_contract):
    """Who is who was learnt before; a person's row is then a function of the own events."""

    def answer(log, as_of):
        first = to_pandas(log.data)[log.customer].dropna().head(1).tolist()
        kind = int if first and not isinstance(first[0], str) else str
        return without_rank(of_contract[kind].transform(log, as_of=as_of))

    contract(answer)


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library(kind, fitted, shop, log):
    given = FRAMES[kind](shop.events[COLUMNS])
    other = ck.EventLog(given, customer="record_id", order="order_id")
    effect = fitted.compare(other, as_of=AS_OF)
    expected = fitted.compare(log, as_of=AS_OF)
    assert type(effect.people) is type(given)
    pd.testing.assert_frame_equal(
        to_pandas(effect.people), to_pandas(expected.people), check_dtype=False
    )
    pd.testing.assert_frame_equal(effect.table, expected.table)


def test_copies_agree(fitted, log, tmp_path):
    expected = fitted.transform(log, as_of=AS_OF)
    again = pickle.loads(pickle.dumps(fitted)).transform(log, as_of=AS_OF)
    pd.testing.assert_frame_equal(again, expected)
    loaded = ck.io.load(ck.io.save(fitted, tmp_path / "m", customers=True))
    pd.testing.assert_frame_equal(loaded.transform(log, as_of=AS_OF), expected)
    with pytest.raises(DataError, match="holds data of single customers"):
        ck.io.save(fitted, tmp_path / "m")
    with pytest.raises(NotFittedError):
        clone(fitted).transform(log)
    with pytest.raises(NotFittedError):
        clone(fitted).compare(log)


def test_a_second_fit_refits(shop, log):
    made = CleanThenValue(pipe()).fit(log, shop.records, as_of=AS_OF)
    half = shop.records.head(250)
    few = ck.EventLog(
        shop.events.loc[shop.events["record_id"].isin(half["record_id"]), COLUMNS],
        customer="record_id",
        order="order_id",
    )
    made.fit(few, half, as_of=AS_OF)
    assert made.n_records_ == 250


def test_the_default_tells_segments_stages_and_tiers(shop, log):
    table = CleanThenValue().fit(log, shop.records, as_of=AS_OF).transform(log, as_of=AS_OF)
    assert {"n_records", "segment", "stage", "tier", "clv", "clv_low"} <= set(table.columns)
    assert "probability_churn" not in table.columns


def test_the_matcher_goes_in_by_either_way(shop, log):
    own = Deduplicator(record="record_id", precision=0.99)
    one = CleanThenValue(pipe(), own).fit(log, shop.records, as_of=AS_OF)
    two = CleanThenValue(pipe().set_params(matcher=own)).fit(log, shop.records, as_of=AS_OF)
    assert one.matcher_.precision == two.matcher_.precision == 0.99
    assert np.array_equal(one.matcher_.labels_, two.matcher_.labels_)


@pytest.mark.parametrize(
    ("made", "records", "text"),
    [
        (CleanThenValue(), None, "records must be a frame of one row per record"),
        (CleanThenValue("yes"), "all", "pipeline must be a CustomerValuePipeline, got 'yes'"),
        (CleanThenValue(matcher=None), "all", "records were given, but matcher=None"),
    ],
)
def test_what_has_no_meaning_is_refused(made, records, text, shop, log):
    with pytest.raises(DataError, match=text):
        made.fit(log, shop.records if records else None, as_of=AS_OF)


def test_truth_needs_two_columns(fitted, shop, log):
    with pytest.raises(DataError, match="truth needs two columns, the record id"):
        fitted.compare(log, as_of=AS_OF, truth=shop.records[["record_id", "email", "phone"]])


def test_where_nobody_bought_again_there_is_nothing_to_compare(shop):
    once = shop.events[COLUMNS].drop_duplicates("record_id")
    people = shop.records.drop_duplicates("record_id")
    log = ck.EventLog(once, customer="record_id", order="order_id")
    with (
        pytest.warns(DataWarning, match="cannot be learnt from this log"),
        pytest.raises(DataError, match="CleanThenValue: what customers are worth cannot be"),
    ):
        CleanThenValue(pipe()).fit(log, people, as_of=AS_OF)
