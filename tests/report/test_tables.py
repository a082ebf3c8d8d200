"""Tables of the report: cells by hand."""

from crmkit.report import _tables
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
    table = _tables.score_table(HOLDOUT)
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
