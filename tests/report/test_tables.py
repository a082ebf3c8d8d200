"""Tables of the report: cells by hand."""

from crmkit.report import _tables
from tests.report._churned import OFFER, check, churn, with_churn
from tests.report._made import CUSTOMERS, EVENTS, HOLDOUT, content


def rows(table):
    return [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in table.rows]


def test_segments():
    table = _tables.segment_table(content())
    assert table.headings[:3] == ["segment", "customers", "share of customers"]
    assert rows(table)[0] == [
        "Champions",
        "2",
        "33 %",
        "1,300",
        "87 %",
        "22",
        "7",
        "650.00",
        "750.00",
    ]


def test_segments_with_fewer_columns():
    summary = content().segments[["segment", "share_of_customers", "share_of_revenue"]]
    table = _tables.segment_table(content(segments=summary))
    assert table.headings[1:] == ["share of customers", "share of revenue", "expected value"]


def test_best_customers_in_order_of_value():
    shuffled = CUSTOMERS.sample(frac=1.0, random_state=0)
    table = _tables.customer_table(content(shuffled), 2)
    assert rows(table) == [
        ["007", "Champions", "10", "3", "1,000", "6.00", "1 %", "600.00"],
        ["b", "Champions", "4", "40", "300.00", "2.00", "20 %", "150.00"],
    ]
    assert table.caption == "The 2 customers with the highest expected value"


def test_scores_mark_the_best_of_each_column():
    table = _tables.forecast_score_table(HOLDOUT)
    assert [row[0] for row in table.rows] == ["BetaGeoModel", "own rate", "mean"]
    assert {column for _, column in table.best} == {1, 2, 3, 4, 5, 6}
    assert (0, 3) in table.best
    assert rows(table)[2][5] == "–"
    assert rows(table)[0][4] == "−12 %"


def test_events_that_were_found():
    table = _tables.event_table(EVENTS)
    assert rows(table) == [
        ["no customer id", "2", "10 %", "dropped"],
        ["exact duplicates", "1", "5 %", "kept"],
    ]


def test_parameters():
    table = _tables.parameter_table({"BetaGeoModel": {"r": 0.24261, "alpha": 4.414}})
    assert table.rows == [["BetaGeoModel", "r", "0.2426"], ["BetaGeoModel", "alpha", "4.414"]]


def test_tiers_of_risk():
    table = _tables.tier_table(with_churn())
    assert table.headings[-1] == "what to do"
    assert rows(table)[0] == [
        "high",
        "60 %",
        "2",
        "50 %",
        "75 %",
        "27.50",
        "a personal contact with the best offer that pays",
    ]
    offered = _tables.tier_table(with_churn(OFFER))
    assert offered.headings[-2:] == ["worth contacting", "expected profit of it"]
    assert [row[6] for row in offered.rows] == ["2", "1", "1"]


def test_customers_at_risk_in_order_of_value_at_risk():
    table = _tables.risk_table(with_churn(OFFER), 2)
    assert table.caption == (
        "The 2 of 3 active customers of medium or high risk, the most value at risk first"
    )
    assert rows(table) == [
        [
            "b",
            "Champions",
            "40",
            "150.00",
            "40 %",
            "60.00",
            "19.20",
            "raised by: one (+0.1)\nlowered by: two (−0.2)",
        ],
        [
            "c",
            "At Risk",
            "100",
            "25.00",
            "70 %",
            "17.50",
            "3.10",
            "raised by: one (+0.1)\nlowered by: two (−0.2)",
        ],
    ]
    every = _tables.risk_table(with_churn(), 9)
    assert len(every.rows) == 3
    assert every.caption.startswith("The 3 active customers of medium or high risk, the most")


def test_without_a_recipe_no_reason_is_told():
    unlearnt = with_churn(churn=churn(recipe=None, note="The log is too short."))
    assert {row[-1] for row in _tables.risk_table(unlearnt, 9).rows} == {"–"}


def test_scores_of_the_risk_mark_the_best():
    table = _tables.risk_score_table(check())
    assert [row[0] for row in table.rows] == list(check().probabilities)
    assert {column for _, column in table.best} == {1, 2, 3, 4}
    scores = check().table().droplevel(0)
    assert (int(scores["log_loss"].argmin()), 1) in table.best
    assert (int(scores["roc_auc"].argmax()), 2) in table.best
