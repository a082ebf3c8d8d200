"""Progress: the words, who hears them, silence, time left, what is refused."""

import logging

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit import _progress
from crmkit._progress import SILENT, Progress, heard, tell
from crmkit.churn import RFM, ChurnClassifier, NoPurchase, SnapshotBuilder, TimeToChurn
from crmkit.cleaning import Deduplicator, MissingValueImputer, RecordLinker
from crmkit.clv import BetaGeoModel, BoostedLifetimeValue
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from crmkit.metrics import ranking_intervals, score_intervals
from crmkit.pipelines import (
    ChurnPipeline,
    CleanThenValue,
    CustomerValuePipeline,
    DailyScoring,
    NextOffer,
    churn_holdout,
    holdout_report,
    offers_holdout,
)
from crmkit.recommend import ALS, BPR, HybridRecommender, ItemKNN, TwoStageRecommender
from crmkit.segment import BehaviourSegmenter, segment_stability

AS_OF = "2024-09-01"


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(_progress, "time", made)
    return made


def test_a_step_tells_its_own_seconds_and_done_all(clock, caplog):
    with caplog.at_level(logging.INFO, logger="crmkit"):
        progress = Progress("Matcher", 1)
        clock.now += 1.26
        progress.step("read 1,000 records")
        clock.now += 2.0
        progress.step("compared 5 pairs")
        progress.done("found 900 people")
    assert [record.getMessage() for record in caplog.records] == [
        "Matcher: read 1,000 records in 1.3 s",
        "Matcher: compared 5 pairs in 2.0 s",
        "Matcher: found 900 people, 3.3 s in all",
    ]


def test_a_loop_tells_how_far_it_is_and_what_is_left(clock, capsys):
    for _ in Progress("Matcher", 1).over(range(10), "block"):
        clock.now += 2.0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "Matcher: block 2 of 10 in 4.0 s, about 16 s left",
        "Matcher: block 4 of 10 in 8.0 s, about 12 s left",
        "Matcher: block 6 of 10 in 12.0 s, about 8 s left",
        "Matcher: block 8 of 10 in 16.0 s, about 4 s left",
    ]


def test_a_loop_of_what_has_no_length(clock, capsys):
    things = (each for each in "abc")
    seen = []
    for each in Progress("Matcher", 1).over(things, "part", 3):
        seen.append(each)
        clock.now += 5.0
    assert seen == ["a", "b", "c"]
    assert capsys.readouterr().err.splitlines()[0] == (
        "Matcher: part 1 of 3 in 5.0 s, about 10 s left"
    )


@pytest.mark.parametrize("silent", [SILENT, Progress("Matcher"), Progress("Matcher", False)])
def test_zero_tells_nothing(silent, clock, capsys, caplog):
    with caplog.at_level(logging.DEBUG, logger="crmkit"):
        for _ in silent.over(iter(range(3)), "block"):
            clock.now += 60.0
            silent.step("compared")
        silent.done("found")
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


def test_a_listening_logger_is_told_and_nobody_else(caplog, capsys):
    with caplog.at_level(logging.INFO, logger="crmkit"):
        tell("100 % {of} 3")
    assert [record.getMessage() for record in caplog.records] == ["100 % {of} 3"]
    assert capsys.readouterr() == ("", "")


def test_where_nothing_listens_standard_error_is_told(capsys):
    tell("read 3 records")
    assert capsys.readouterr() == ("", "read 3 records\n")


def test_a_part_tells_at_least_as_much_as_its_recipe():
    assert heard(ChurnClassifier(), 0).verbose == 0
    assert heard(ChurnClassifier(), 1).verbose == 1
    assert heard(ChurnClassifier(verbose=2), 1).verbose == 2
    assert heard(None, 1) is None
    assert repr(heard(BetaGeoModel(), 1)) == "BetaGeoModel()"


@pytest.mark.parametrize("verbose", [-1, 0.5, "yes", None])
def test_other_values_are_refused(verbose):
    with pytest.raises(DataError, match="Matcher: verbose must be a whole number of at least 0"):
        Progress("Matcher", verbose)


@pytest.fixture(scope="module")
def shop():
    made = make_customers(200, duplicates=0.3, random_state=4)
    log = ck.EventLog(made.events, customer="record_id", order="order_id", item="product_id")
    return made.records, log


def quick(**changes):
    model = ChurnClassifier("spline_logistic", calibrate="none")
    return ChurnPipeline("28D", features=[RFM()], model=model, **changes)


def customer_value(shop, verbose):
    records, log = shop
    made = CustomerValuePipeline(churn=quick(), recommender=ItemKNN(), verbose=verbose)
    return made.fit_transform(log, as_of=AS_OF, records=records)


def churn(shop, verbose):
    return quick(verbose=verbose).fit_transform(shop[1], as_of=AS_OF)


def clean_then_value(shop, verbose):
    made = CleanThenValue(verbose=verbose).fit(shop[1], shop[0], as_of=AS_OF)
    return made.compare(shop[1], as_of=AS_OF).table


def next_offer(shop, verbose):
    made = NextOffer(recommender=HybridRecommender(n_trees=0), verbose=verbose)
    return made.fit_transform(shop[1], as_of=AS_OF)


def daily_scoring(shop, verbose):
    made = CustomerValuePipeline(churn=None, recommender=None)
    return DailyScoring(pipeline=made, verbose=verbose).run(shop[1], as_of=AS_OF).table


def of_purchases(shop, verbose):
    return holdout_report(shop[1], as_of=AS_OF, horizon="8W", verbose=verbose).scores()


def of_churn(shop, verbose):
    return churn_holdout(shop[1], AS_OF, quick(), n_resamples=5, verbose=verbose).table()


def of_offers(shop, verbose):
    made = offers_holdout(shop[1], AS_OF, ItemKNN(), n_resamples=5, verbose=verbose)
    return made.table("new items")


def deduplicator(shop, verbose):
    return Deduplicator(record="record_id", verbose=verbose).fit(shop[0]).pairs()


def record_linker(shop, verbose):
    lists = shop[0].iloc[:200], shop[0].iloc[200:]
    return RecordLinker(record="record_id", verbose=verbose).fit(*lists).links()


def behaviour_segmenter(shop, verbose):
    made = BehaviourSegmenter(["n_orders", "T"], max_segments=4, n_resamples=4, verbose=verbose)
    return made.fit(ck.summarize(shop[1])).describe()


def behaviour_table(shop, verbose):
    made = BehaviourSegmenter(["n_orders", "T"], n_resamples=4, verbose=verbose)
    return segment_stability(ck.summarize(shop[1]), [2, 3], segmenter=made)


def missing_value_imputer(shop, verbose):
    customers = ck.summarize(shop[1])[["record_id", "T", "total_amount"]]
    customers.loc[::5, "T"] = np.nan
    return MissingValueImputer(verbose=verbose).fit_transform(customers)


def boosted_lifetime_value(shop, verbose):
    made = BoostedLifetimeValue(horizon="8W", n_cutoffs=1, verbose=verbose)
    return made.fit(shop[1], as_of=AS_OF).predict(shop[1], as_of=AS_OF)


def time_to_churn(shop, verbose):
    builder = SnapshotBuilder([RFM()], label=NoPurchase("28D"))
    snapshots = builder.build(shop[1], ["2024-07-01", "2024-09-01"])
    model = TimeToChurn(rounds=5, verbose=verbose).fit(snapshots)
    return model.predict_frame(snapshots.frame(), times=[28])


def posterior(shop, verbose):
    model = BetaGeoModel().fit(ck.summarize(shop[1], unit="W"))
    return model.posterior(50, verbose=verbose).draws


def of_scores(shop, verbose):
    came, told = np.arange(50) % 4, np.arange(50) % 3
    return score_intervals(came, told, n_resamples=5, random_state=0, verbose=verbose)


def of_rankings(shop, verbose):
    pairs = pd.DataFrame({"customer": np.arange(50), "item": np.arange(50) % 3})
    lists = pairs.assign(rank=1, item=0)
    return ranking_intervals(lists, pairs, 1, n_resamples=5, random_state=0, verbose=verbose)


def als(shop, verbose):
    return ALS(n_factors=4, n_iter=3, verbose=verbose).fit(shop[1]).recommend()


def bpr(shop, verbose):
    return BPR(n_factors=4, n_iter=3, verbose=verbose).fit(shop[1]).recommend()


def two_stages(shop, verbose):
    members = [ALS(n_factors=4, n_iter=3), ItemKNN()]
    return TwoStageRecommender(members, n_trees=5, verbose=verbose).fit(shop[1]).recommend()


TOLD = {
    deduplicator: [
        "Deduplicator: read 260 records, ",
        "Deduplicator: learnt from ",
        "Deduplicator: compared ",
        "Deduplicator: put them together as ",
    ],
    record_linker: ["RecordLinker: read 260 records", "RecordLinker: linked "],
    behaviour_segmenter: [
        "BehaviourSegmenter: 2 segments by k-means: stability ",
        "BehaviourSegmenter: 3 segments by k-means: stability ",
        "BehaviourSegmenter: put ",
        "BehaviourSegmenter: described ",
    ],
    behaviour_table: ["BehaviourSegmenter: 2 segm", "BehaviourSegmenter: 3 segments by k-means: "],
    missing_value_imputer: [
        "MissingValueImputer: learnt to fill ",
        "MissingValueImputer: learnt 2 columns of ",
    ],
    boosted_lifetime_value: [
        "BoostedLifetimeValue: fitted the base on ",
        "BoostedLifetimeValue: grew trees on 1 cut-offs before past window 1",
        "BoostedLifetimeValue: judged 5 candidates by ",
        "BoostedLifetimeValue: fitted, ",
    ],
    time_to_churn: [
        "TimeToChurn: chose 5 trees for ",
        "TimeToChurn: grew them on ",
        "TimeToChurn: set the level of ",
    ],
    posterior: ["BetaGeoModel: weighed 50 draws, worth "],
    of_scores: ["score_intervals: drew 50 rows 5 times for 1 forecasts in "],
    of_rankings: [
        "ranking_intervals: scored the lists of 50 customers in ",
        "ranking_intervals: drew 50 rows 5 times for 1 recommenders in ",
    ],
    als: ["ALS: fitted factors to "],
    bpr: ["BPR: fitted factors to "],
    two_stages: [
        "ALS: fitted factors to ",
        "TwoStageRecommender: members learnt what was known 30 days ago in ",
        "TwoStageRecommender: members named ",
        "TwoStageRecommender: learnt to rank from ",
        "ALS: fitted factors to ",
        "TwoStageRecommender: members learnt everything in ",
    ],
    customer_value: [
        "CustomerValuePipeline: put together 260 records of ",
        "CustomerValuePipeline: summarized ",
        "ChurnPipeline: took ",
        "ChurnClassifier: 'spline_logistic' as asked for",
        "CustomerValuePipeline: learnt what to offer of ",
        "CustomerValuePipeline: fitted on ",
        "CustomerValuePipeline: valued ",
    ],
    churn: ["ChurnPipeline: took ", "ChurnClassifier: 'spline", "ChurnPipeline: learnt from "],
    clean_then_value: ["CleanThenValue: valued ", "CleanThenValue: valued "],
    next_offer: ["NextOffer: kept ", "HybridRecommender: members", "NextOffer: learnt what to"],
    daily_scoring: ["DailyScoring: took in ", "DailyScoring: fitted on ", "DailyScoring: scored "],
    of_purchases: ["holdout_report: read ", "holdout_report: BetaGeoModel fitted and asked in "],
    of_churn: ["churn_holdout: took ", "churn_report: ChurnClassifier learnt from "],
    of_offers: ["offers_holdout: chose from ", "evaluate: ItemKNN learnt what was known at "],
}


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.CrmkitWarning")
@pytest.mark.parametrize("work", list(TOLD), ids=lambda work: work.__name__)
def test_long_work_tells_its_steps_where_asked_to_and_changes_no_bit(work, shop, capsys, caplog):
    silent = work(shop, 0)
    assert capsys.readouterr() == ("", "")
    with caplog.at_level(logging.INFO, logger="crmkit"):
        told = work(shop, 1)
    pd.testing.assert_frame_equal(told, silent, check_exact=True)
    assert capsys.readouterr() == ("", "")
    lines = iter(record.getMessage() for record in caplog.records)
    for words in TOLD[work]:
        assert any(line.startswith(words) for line in lines), words
    assert all(record.name == "crmkit" for record in caplog.records)


@pytest.mark.parametrize("model", [ALS(n_iter=4, verbose=1), BPR(n_iter=4, verbose=1)], ids=repr)
def test_native_code_tells_how_far_it_is(model, shop, clock, monkeypatch, capsys):
    monkeypatch.setattr(clock, "perf_counter", iter(range(0, 1000, 5)).__next__)
    model.fit(shop[1])
    name = type(model).__name__
    assert [line for line in capsys.readouterr().err.splitlines() if " turn " in line] == [
        f"{name}: turn 1 of 4 in 5.0 s, about 15 s left",
        f"{name}: turn 2 of 4 in 10.0 s, about 10 s left",
        f"{name}: turn 3 of 4 in 15.0 s, about 5 s left",
    ]


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.CrmkitWarning")
def test_a_model_of_somebody_who_listened_is_silent_and_is_not_fitted_anew(shop, capsys, tmp_path):
    made = CustomerValuePipeline(churn=None, recommender=None, verbose=1)
    first = DailyScoring(tmp_path / "nights", made, verbose=1).run(shop[1], as_of="2024-09-02")
    assert first.refitted
    assert "CustomerValuePipeline: valued " in capsys.readouterr().err
    quiet = DailyScoring(tmp_path / "nights", made.set_params(verbose=0))
    second = quiet.run(shop[1], as_of="2024-09-03")
    assert not second.refitted
    assert capsys.readouterr() == ("", "")
