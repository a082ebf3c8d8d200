"""Results in a notebook: short reprs, cards that fit light and dark pages, estimators that fit."""

import html.parser
import importlib
import inspect
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

import crmkit as ck
from crmkit import churn, cleaning, clv, pipelines, recommend, segment
from crmkit._notebook import MOST_ROWS, Told, as_table, card, written
from crmkit.datasets import make_customers

PACKAGES = ("churn", "cleaning", "clv", "events", "model_selection", "pipelines", "recommend")
PACKAGES = (*PACKAGES, "datasets", "segment")
MOST = 400
"""Characters of a repr: what fits a few lines of a notebook."""


def public_classes():
    for package in PACKAGES:
        module = importlib.import_module(f"crmkit.{package}")
        for name in module.__all__:
            kind = getattr(module, name)
            if inspect.isclass(kind) and not issubclass(kind, BaseException):
                yield kind


@pytest.fixture(scope="module")
def results():
    """One of each result that a small shop gives, by name of its class."""
    made = make_customers(300, duplicates=0.2, random_state=4)
    log = ck.EventLog(made.events, order="order_id", item="product_id")
    day, end = "2024-03-14", f"{log.last_event:%Y-%m-%d}"
    records_log = ck.EventLog(made.events, customer="record_id", order="order_id")
    customers = ck.summarize(log)
    builder = churn.SnapshotBuilder([churn.RFM()], label=churn.NoPurchase("60D"))
    snapshots = builder.build(log, ["2023-11-26", "2024-03-05", "2024-06-13", "2024-09-21"])
    quick = churn.ChurnClassifier("spline_logistic", calibrate="none")
    fitted = quick.fit(snapshots)
    monitor = churn.ChurnMonitor().fit(snapshots, fitted.predict_proba(snapshots))
    days = ["2023-12-14", day, "2024-06-14", "2024-09-14"]
    plain = pipelines.CustomerValuePipeline(churn=None, recommender=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moves = segment.migration_matrix(segment.RFMSegmenter().fit(customers), log, days)
        cleaned = pipelines.CleanThenValue(plain).fit(records_log, made.records)
        weekly = ck.summarize(log, unit="W")
        made_by = [
            made,
            made.truth,
            log,
            log.report(),
            builder,
            snapshots,
            churn.churn_report(quick, snapshots, n_resamples=20),
            monitor.check(snapshots, fitted.predict_proba(snapshots)),
            cleaning.quality_report(made.records.head(200)),
            clv.ParetoNBDModel().fit(weekly).posterior(n_draws=10),
            pipelines.holdout_report(log, as_of=day, horizon="8W", spend=clv.GammaGammaModel()),
            recommend.evaluate(recommend.ItemKNN(), log, [day], n_resamples=20),
            segment.cohort_table(log),
            segment.describe_customers(customers),
            moves,
            moves.forecast(2),
            moves.forecast(2).check,
            churn.inter_purchase_time(log),
            cleaned.compare(records_log),
            pipelines.DailyScoring(pipeline=plain).run(log, as_of=end),
        ]
    return {type(each).__name__: each for each in made_by}


def test_many_results_are_looked_at(results):
    assert len(results) >= 20
    told = {name for name, each in results.items() if isinstance(each, Told)}
    assert told >= {
        "EventReport", "HoldoutReport", "ChurnReport", "MonitorReport", "Evaluation",
        "CohortTable", "CustomerDescription", "Migration", "SegmentForecast", "MarkovCheck",
        "CleaningEffect", "DailyResult", "Snapshots", "SurvivalCurve", "Posterior",
        "SyntheticRetailer", "RetailerTruth",
    }  # fmt: skip


def test_a_repr_is_short_and_names_no_address(results):
    for name, each in results.items():
        told = repr(each)
        assert 0 < len(told) <= MOST, f"{name}: {len(told)} characters"
        assert not re.search(r"0x[0-9a-f]{6,}", told), name
        assert "array(" not in told, name
        assert "datetime.datetime(" not in told, name


def test_a_repr_computes_nothing(results, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("a repr computes")

    for name in ("scores", "table", "wide", "matrix", "frame", "coverage", "describe"):
        for each in results.values():
            if hasattr(type(each), name) and inspect.isfunction(getattr(type(each), name)):
                monkeypatch.setattr(type(each), name, fail)
    for each in results.values():
        assert repr(each)


@pytest.mark.parametrize("kind", list(public_classes()), ids=lambda kind: kind.__name__)
def test_every_public_class_has_a_repr_of_its_own(kind):
    assert kind.__repr__ is not object.__repr__
    if issubclass(kind, BaseEstimator):
        required = [
            each
            for each in inspect.signature(kind).parameters.values()
            if each.default is inspect.Parameter.empty and each.kind != each.VAR_KEYWORD
        ]
        if not required:
            assert repr(kind()) == f"{kind.__name__}()"


ASKED = {
    "Active", "Basket", "Cutoffs", "Gaps", "Mix", "ModelScores", "NextPurchaseTime", "NoPurchase",
    "RFM", "Returns", "Season", "SnapshotBuilder", "Spend", "Spending", "SubscriptionEnd",
    "Tenure", "Trend", "Variety", "Windows", "Expectations",
}  # fmt: skip
"""What somebody makes to ask for something: it is read as it was written."""
HOLDERS = {"EventLog", "LogSplit", "CompleteJourney", "CustomerScorer"}
"""What holds data or a model, and has one line."""


def test_every_result_has_a_card():
    without = {
        kind.__name__
        for kind in public_classes()
        if not issubclass(kind, BaseEstimator) and not hasattr(kind, "_repr_html_")
    }
    splitters = {name for name in ck.model_selection.__all__ if name != "LogSplit"}
    assert without - splitters == ASKED | HOLDERS


PLAIN = {"div", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre"}


class Checked(html.parser.HTMLParser):
    """Every tag that opens is closed in its order; texts are kept."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.texts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_a_card_is_whole_and_takes_the_colours_of_the_page(results):
    for name, each in results.items():
        if not isinstance(each, Told):
            continue
        page = each._repr_html_()
        checked = Checked(page)
        assert checked.open == [], name
        tags = {tag for tag, _ in checked.tags}
        assert tags <= PLAIN, name
        styles = ";".join(attrs.get("style", "") for _, attrs in checked.tags)
        colours = re.findall(r"(?:^|;)\s*(?:color|background)\s*:\s*([^;]+)", styles)
        assert set(colours) <= {"inherit", "none"}, name
        assert "url(" not in styles
        assert repr(each).splitlines()[0] in "".join(checked.texts), name


def test_words_stand_left_and_numbers_right():
    table = pd.DataFrame({"name": ["tea", "t" * 60], "sold": [1234, 5]})
    cells = [attrs["style"] for tag, attrs in Checked(as_table(table)).tags if tag in ("th", "td")]
    sides = [re.search(r"text-align:(\w+)", style).group(1) for style in cells]
    assert sides == ["left", "right"] * 3
    wraps = [re.search(r"white-space:(\w+)", style).group(1) for style in cells]
    assert wraps == ["nowrap", "nowrap", "nowrap", "nowrap", "normal", "nowrap"]
    assert "<td" not in as_table(table.head(0))


def test_the_card_of_a_curve_tells_by_when_so_many_have_ended():
    page = churn.SurvivalCurve.fit([1, 2, 3, 4, 5], [1, 1, 1, 0, 0])._repr_html_()
    texts = Checked(page).texts
    assert texts[:3] == [
        "SurvivalCurve(5 durations, 2 (40%) not ended, median 3 D)",
        "By when so many have ended (time in D; interval 95%)",
        "ended",
    ]
    assert texts[7:11] == ["upper", "10%", "1", "5"]
    assert "50%" in texts
    assert "75%" not in texts  # nobody knows by when


def test_text_of_data_is_no_markup():
    table = pd.DataFrame({"<b>": ["<script>alert(1)</script>"]})
    page = card("<i>", {"<u>": table}, "<p>")
    assert not re.search(r"<(b|i|u|p|script)>", page)
    assert "&lt;script&gt;" in page


def test_long_tables_are_cut_and_say_so():
    page = as_table(pd.DataFrame({"n": range(MOST_ROWS + 1000)}))
    assert page.count("<tr>") == MOST_ROWS + 1
    assert "and 1,000 more rows" in page
    assert "more rows" not in as_table(pd.DataFrame({"n": range(MOST_ROWS)}))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"), (123456.7, "123,457"), (1234567, "1,234,567"), (True, "yes"),
        (np.True_, "yes"), (np.int64(1234), "1,234"),
        (float("nan"), "–"), (None, "–"), (pd.NaT, "–"), ("tea", "tea"),
        (pd.Timestamp("2024-03-01"), "2024-03-01"),
        (pd.Timestamp("2024-03-01 05:06"), "2024-03-01 05:06"),
    ],
)  # fmt: skip
def test_values_are_written_for_readers(value, text):
    assert written(value) == text
