"""Key figures and sentences: computed by hand for six customers."""

import numpy as np

from crmkit.report import _findings
from tests.report._made import CUSTOMERS, EVENTS, HOLDOUT, Events, Holdout, content


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_key_figures_by_hand():
    figures = {name: (plain(n), plain(w)) for name, n, w in _findings.key_figures(content())}
    assert figures == {
        "Customers": ("6", "with at least one purchase"),
        "Orders": ("19", "3.2 per customer"),
        "Revenue so far": ("1,500", "250.00 per customer"),
        "Recently active": ("33 %", "bought in the last 90 days"),
        "Expected buyers": ("2", "40 % of customers, in the next 52 weeks"),
        "Expected purchases": ("9", "in the next 52 weeks; orders of a day count once"),
        "Expected value": ("794.00", "in the next 52 weeks, 132.33 per customer"),
        "Share of the top 10 %": (
            "40 %",
            "of revenue so far came from the best tenth of customers",
        ),
    }


def test_sentences_by_hand():
    assert [plain(s) for s in _findings.findings(content())] == [
        "The best tenth of customers brought 40 % of revenue so far; the best tenth by expected "
        "value holds 45 % of the value of the next 52 weeks.",
        "“Champions” are 33 % of customers and brought 87 % of revenue, 2.6 times their share.",
        "50 % of customers have ordered only once; they brought 7 % of revenue.",
    ]


def test_good_customers_gone_quiet_are_counted():
    gone = content(CUSTOMERS.assign(probability_no_purchase=[0.8, 0.1, 0.1, 0.1, 0.1, 0.1]))
    assert plain(_findings.quiet_finding(gone)) == (
        "1 of the 1 customer with the highest revenue so far (the top tenth) will more likely than "
        "not buy nothing in the next 52 weeks; 67 % of all revenue came from them."
    )


def test_sentences_without_a_ground_are_left_out():
    nothing = CUSTOMERS.assign(total_amount=0.0, clv=0.0, n_orders=2, segment="All")
    assert _findings.findings(content(nothing)) == []


def test_what_the_check_says():
    verdict = [plain(s) for s in _findings.holdout_verdict(HOLDOUT)]
    assert verdict[0] == (
        "The model (BetaGeoModel) expected 4 purchases; 4 came: in total its forecast was 12 % "
        "too low."
    )
    assert verdict[1].startswith("By the Poisson deviance, the fairest score for expected counts, ")
    assert "it is better than the best simple baseline (“mean”): 0.53 against 0.93." in verdict[1]
    assert plain(_findings.measured_on(HOLDOUT)) == (
        "Measured on the 5 customers who had bought before 1 Oct 2024. The models saw purchases "
        "before that day only; then their forecasts were compared with the purchases from "
        "1 Oct 2024 until 1 Jan 2025 (13 weeks)."
    )


def test_a_baseline_that_is_ahead_is_named():
    good, bad, _ = HOLDOUT.predictions.values()
    swapped = {"model": bad, "rival": good}
    worse = Holdout(**(vars(HOLDOUT) | {"predictions": swapped, "models": {"model": None}}))
    verdict = _findings.holdout_verdict(worse)
    assert "it is no better than the best simple baseline (“rival”)" in verdict[1]
    assert verdict[2].startswith("A simple baseline is ahead of it on: ")
    assert "Poisson deviance (“rival”)" in verdict[2]


def test_a_second_model_is_no_baseline():
    both = vars(HOLDOUT) | {"models": {"BetaGeoModel": None, "own rate": None}}
    verdict = _findings.holdout_verdict(Holdout(**both))
    assert "the best simple baseline (“mean”)" in verdict[1]
    assert not any("own rate" in sentence for sentence in verdict)


def test_a_low_forecast_that_wins_by_the_absolute_error_is_not_praised():
    low = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    both = HOLDOUT.predictions | {"low": low, "BetaGeoModel": np.array([3.0, 0.8, 0.9, 0.5, 0.6])}
    idle = {"predictions": both, "actual": np.array([2.0, 1.0, 0.0, 0.0, 0.0])}
    verdict = _findings.holdout_verdict(Holdout(**(vars(HOLDOUT) | idle)))
    assert "mean absolute error (“low”)" in verdict[2]
    assert verdict[3].startswith("Where most customers buy nothing, the mean absolute error rewar")


def test_a_perfect_model_has_no_rival():
    perfect = {"model": HOLDOUT.actual, "mean": np.full(5, 0.8)}
    changed = vars(HOLDOUT) | {"predictions": perfect, "models": {"model": None}}
    verdict = _findings.holdout_verdict(Holdout(**changed))
    assert verdict[-1] == "No baseline is ahead of it on any score below."


def test_a_lead_that_is_not_written_is_none():
    good = HOLDOUT.predictions["BetaGeoModel"]
    twin = {"BetaGeoModel": good, "twin": good * 0.999}
    verdict = _findings.holdout_verdict(Holdout(**(vars(HOLDOUT) | {"predictions": twin})))
    assert "it is as good as the best simple baseline (“twin”)" in verdict[1]
    assert verdict[2] == "No baseline is ahead of it on any score below."


def test_most_buy_nothing_is_only_said_where_it_is_so():
    one = "One check of one period: small differences are no proof."
    idle = Holdout(**(vars(HOLDOUT) | {"actual": np.array([2.0, 1.0, 0.0, 0.0, 0.0])}))
    assert _findings.errors_note(idle) == (
        "Errors are in purchases per customer. Most customers bought nothing in this period, so "
        "the mean absolute error favours forecasts that are too low; the Poisson deviance does "
        f"not. {one}"
    )
    busy = Holdout(**(vars(HOLDOUT) | {"actual": np.array([2.0, 1.0, 3.0, 1.0, 0.0])}))
    assert _findings.errors_note(busy) == f"Errors are in purchases per customer. {one}"


def test_returns_that_are_not_subtracted_are_told():
    def told(least=0.0, **more):
        events = Events(**(vars(EVENTS) | {"returns_amount": -300.0} | more))
        return plain(_findings.returns_finding(content(events=events), least))

    assert told() == (
        "Returns of 300.00, 20 % of all purchases, are left out and not subtracted: revenue and "
        "value count what was sent back too (--returns net subtracts it)."
    )
    assert told(least=0.05) == told()
    assert told(least=0.2) == ""
    assert told(returns="net") == ""
    assert told(returns_amount=0.0) == ""
    assert _findings.returns_finding(content(events=None)) == ""
    events = Events(**(vars(EVENTS) | {"returns_amount": -300.0}))
    assert told() in [plain(note) for note in _findings.event_notes(content(events=events))]
    assert told() in [plain(note) for note in _findings.findings(content(events=events))]


def test_notes_on_the_log():
    notes = [plain(s) for s in _findings.event_notes(content())]
    assert notes == [
        "The log holds 20 rows of 7 customers from 5 Jan 2024 to 28 Dec 2024 15:30, with "
        "purchases of 1,500 in total, rows without a customer included.",
        "Looked for and not found: returns.",
        "1 customer without a purchase (returns or very small amounts only) left out.",
    ]
    assert _findings.called("no customer id") == "rows without a customer"
    early = [plain(s) for s in _findings.event_notes(content(as_of=EVENTS.first_event))]
    assert "Rows from 5 Jan 2024 on were not used for the valuation." in early
