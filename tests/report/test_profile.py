"""Tags and unusual behaviour, in words and tables, beside what their models tell."""

import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.report import ProfileContent, UnusualContent, _profile, _segment_tables
from crmkit.segment import CustomerProfile, UnusualBehaviour
from tests.report._moved import DAY, log_of_days
from tests.report._tagged import LOG, fitted, profile, report, unusual


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_what_stands_out_most_is_told_first():
    first, second = map(plain, _profile.introduction(profile()))
    assert first.startswith("Tags of 20 Oct 2024 say what is known of a customer and stands out")
    assert "at least 3 purchase days" in first
    told = profile().profile.describe()
    liked = told[told["tag"] == "preference_1"].iloc[:4]
    best = next(r for r in liked.to_dict("records") if r["value"] in ("tea", "soap", "nails"))
    assert f"a preference for “{best['value']}” ({best['n_customers']} customers, " in second
    known = told[(told["tag"] == "channel") & (told["value"] == "web")].to_dict("records")[0]
    assert f"channel “web” ({known['n_customers']} customers, " in second


def test_tags_by_hand():
    table = _segment_tables.tag_table(profile())
    told = profile().profile.describe()
    rows = {row[0]: row for row in table.rows}
    assert "life cycle" not in rows
    web = told[(told["tag"] == "channel") & (told["value"] == "web")]["share_of_customers"].iloc[0]
    assert plain(rows["channel"][1]) == f"web {100 * web:.0f} %"
    unknown = told[(told["tag"] == "preference_1") & (told["value"] == "(unknown)")]
    share = float(unknown["share_of_customers"].iloc[0])
    assert plain(rows["preference 1"][2]) == f"{100 * share:.0f} %"
    assert rows["preference 1"][3].startswith("usual: ")
    assert "worth" not in rows["preference 1"][3]
    words = [line.split()[0] for line in rows["spending power"][1].split("\n")]
    assert words == ["medium", "low", "high"]


def test_many_values_of_a_tag_are_cut():
    frame = LOG.data
    code = frame["customer_id"].str[1:].astype(int)
    log = EventLog(frame.assign(kind=(code % 30).astype(str)))
    made = ProfileContent.from_log(CustomerProfile("kind", top=1), log, as_of=DAY)
    row = next(r for r in _segment_tables.tag_table(made).rows if r[0] == "preference 1")
    lines = row[1].split("\n")
    assert len(lines) == _profile.SHOWN + 1
    assert " more " in lines[-1]


def test_nothing_that_stands_out_is_said():
    made = ProfileContent.from_log(CustomerProfile(), log_of_days(20))
    assert plain(_profile.introduction(made)[1]) == (
        "No habit is told of 1 % of customers or more: most buy at usual times and in the usual "
        "way, or too seldom to tell."
    )


def test_percents_are_written_as_those_of_the_report():
    assert plain(_profile.spaced("usual: evening 38.0%, 5 of 9")) == "usual: evening 38.0 %, 5 of 9"


def test_cards_are_of_the_best_with_their_evidence():
    table = _segment_tables.card_table(report(), profile())
    best = fitted()[1].nlargest(5, "clv")
    assert [row[0] for row in table.rows] == best["customer_id"].tolist()
    assert table.headings[:3] == ["customer", "segment", "tier"]
    assert [row[2] for row in table.rows] == best["tier"].tolist()
    tags = profile().profile.tags([best["customer_id"].iloc[0]])
    line = f"{tags['tag'][0].replace('_', ' ')}: {tags['value'][0]} – {tags['evidence'][0]}"
    assert table.rows[0][-1].split("\n")[0] == line
    assert len(_segment_tables.card_table(report(kinds=None), profile()).headings) == 3


def test_a_best_customer_without_tags_has_no_card():
    customers = fitted()[1].copy()
    customers.loc[customers["clv"].idxmax(), "customer_id"] = "stranger"
    made = report().__class__(
        customers, report().segments, events=None, as_of=report().as_of, horizon=52, unit="W"
    )
    table = _segment_tables.card_table(made, profile())
    assert len(table.rows) == 4
    nobody = made.__class__(
        customers.assign(customer_id="x"), None, events=None, as_of=made.as_of, horizon=52, unit="W"
    )
    assert _segment_tables.card_table(nobody, profile()) is None


def test_what_cannot_be_tagged_is_said():
    made = ProfileContent(note="CustomerProfile: nobody bought.")
    assert _profile.introduction(made) == [
        "Customers could not be tagged. CustomerProfile: nobody bought."
    ]
    assert _segment_tables.tag_table(made) is None
    assert _segment_tables.card_table(report(), made) is None


def test_a_log_that_cannot_be_tagged_gives_a_note_a_missing_column_an_error():
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "timestamp": pd.to_datetime(["2024-01-01", "2024-01-05"]),
            "amount": [-1.0, 1.0],
        }
    )
    made = ProfileContent.from_log(CustomerProfile(), EventLog(frame), as_of="2024-01-03")
    assert made.profile is None
    assert made.note.startswith("CustomerProfile: nobody bought before 2024-01-03.")
    with pytest.raises(DataError, match="'sort' not found"):
        ProfileContent.from_log(CustomerProfile("sort"), LOG, as_of=DAY)


def test_flags_are_told_beside_the_promise():
    found = unusual().detector
    first, *rest = map(plain, _profile.unusual_text(unusual()))
    assert found.n_flagged_ >= 1
    assert first.startswith(
        f"{found.n_flagged_} customer{'' if found.n_flagged_ == 1 else 's'} of the "
        f"{found.n_customers_} who did anything in the 90 days before 20 Oct 2024 behaved unlike "
        "customers alike. Promised: of innocent customers at most 0.1 % are flagged by chance, "
        f"here at most {found.expected_by_chance_:.1f}."
    )
    assert rest == ["Nothing is said of quantities: the log does not tell them."]


def test_the_strangest_are_listed_with_reasons():
    table = _segment_tables.unusual_table(unusual(), 5)
    judged = unusual().judged.nlargest(1, "score")
    assert table.rows[0][0] == judged["customer_id"].iloc[0] == LOG.data["customer_id"].iloc[-1]
    assert table.rows[0][2] == judged["reasons"].iloc[0].replace(". ", "\n")
    assert "returns in 10 days" in table.rows[0][2]
    assert table.caption.startswith(f"The {unusual().detector.n_flagged_} flagged customer")
    assert len(_segment_tables.unusual_table(unusual(), 1).rows) == 1


def test_reasons_are_counted_beside_chance():
    table = _segment_tables.reason_table(unusual())
    told = unusual().detector.describe()
    assert [row[1] for row in table.rows] == [str(n) for n in told["n_customers"]]
    assert table.rows[-1][0] == "any reason"
    assert table.rows[-1][3] == "–"


def test_a_log_without_returns_says_nothing_of_returns():
    made = UnusualContent.from_log(log_of_days(60))
    assert _profile.unusual_text(made)[1] == (
        "Nothing is said of returns, quantities and the hours of orders: the log does not tell "
        "them."
    )
    names = [row[0] for row in _segment_tables.reason_table(made).rows]
    assert not any("return" in name for name in names)
    assert _segment_tables.unusual_table(made, 5) is None


def test_nobody_to_judge_is_said():
    made = UnusualContent.from_log(LOG, UnusualBehaviour(window="10D"), as_of="2026-10-20")
    assert made.detector is None
    assert _profile.unusual_text(made)[0].startswith(
        "Who behaves unlike the others cannot be told. UnusualBehaviour: nobody bought or return"
    )
    assert _segment_tables.reason_table(made) is None
    assert _segment_tables.unusual_table(made, 5) is None


@pytest.mark.parametrize(("window", "told"), [("90D", "90 days"), (30, "30 days"), ("4W", "4W")])
def test_windows_in_words(window, told):
    assert _profile.days_of(window).startswith(told[:2])


@pytest.mark.parametrize(
    ("measure", "value", "told"),
    [
        ("refund_share", 0.25, "25 %"),
        ("largest_order", 1234.5, "1,234"),
        ("returns", 3.0, "3"),
        ("any", float("nan"), "–"),
    ],
)
def test_usual_values_are_written_as_they_are_measured(measure, value, told):
    assert plain(_profile.usual_of(measure, value)) == told
