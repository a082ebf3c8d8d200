"""What to offer next, in words: every number by hand, every verdict in its words."""

import pytest

from crmkit.report import _offers, _tables
from tests.report._made import content
from tests.report._offered import BUNDLES, check, offers, recommender, with_offers


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_introduction_counts_what_is_offered():
    first, why, variety = map(plain, _offers.introduction(with_offers(), offers()))
    assert first.startswith("Offers are made of the 3 items sold so far. An offer may be new to")
    assert why == "They come from what a customer bought of late, as nothing is better."
    assert variety == (
        "The best offers of all 6 customers are 3 different items; the most frequent, tea, goes to "
        "50 % of them. Of 2 customers no purchase of these items is known: they are offered what "
        "is popular. To 1 customer nothing can be offered."
    )


def test_items_left_out_are_told():
    first = _offers.introduction(with_offers(), offers(n_sold=68_509))[0]
    assert first.startswith("Offers are made of the 3 items that most customers bought, of 68,509 ")


@pytest.mark.parametrize(
    ("mode", "told"), [("explore", "new to the customer"), ("repeat", "the customer bought before")]
)
def test_the_mode_is_told(mode, told):
    model = recommender(mode=mode)
    first = _offers.introduction(with_offers(), offers(recommender=model))[0]
    assert first.endswith(
        f"Only items that {'are ' if mode == 'explore' else ''}{told} are offered."
    )


def test_a_recommender_without_a_reason_is_named():
    model = recommender()
    del model.reason_
    assert _offers.introduction(with_offers(), offers(recommender=model))[1] == (
        "They come from SimpleNamespace."
    )


def test_what_could_not_be_learnt_is_told():
    made = offers(recommender=None, note="Item ids are missing.")
    assert _offers.introduction(with_offers(), made) == [
        "What to offer could not be learnt from this log. Item ids are missing."
    ]


def test_when_nothing_can_be_offered_nothing_is_counted():
    made = with_offers()
    none = made.customers.assign(next_offer=None, next_offer_source="")
    assert len(_offers.introduction(with_offers(none), offers())) == 3
    assert len(_offers.introduction(content(none, offers=offers()), offers())) == 2


def test_lists_by_hand():
    table = _tables.offer_table(with_offers(), 5)
    assert [row[0] for row in table.rows] == ["007", "b", "c", "d"]
    assert [row[3] for row in table.rows] == [
        "1. tea – bought on 12 days, last 1 day ago\n2. cup – goes with tea",
        "1. cup – bought 30 days ago",
        "1. pot",
        "1. tea – popular with other customers",
    ]
    assert table.caption == "Offers for the 4 customers with the highest expected value"
    assert len(_tables.offer_table(with_offers(), 2).rows) == 2


def test_bundles_by_hand():
    made = offers(bundles=BUNDLES)
    assert [list(map(plain, row)) for row in _tables.bundle_table(made).rows] == [
        ["tea + cup", "1,200", "12 %", "3.4"],
        ["pot + cup", "8", "0.1 %", "1.2"],
    ]
    assert _offers.bundles_text(made) == (
        "“tea + cup”: 1,200 orders hold both, 3.4 times as many as chance puts together in "
        "baskets of such sizes."
    )
    assert _offers.bundles_text(offers(bundles=[])) == (
        "No two products are found together in more orders than chance would put there."
    )
    told = _offers.bundles_text(offers(bundles=BUNDLES, basket="customer and day"))
    assert "1,200 baskets (what a customer bought on a day) hold both" in told


def test_the_test_is_told_on_whom_and_when():
    told = plain(_offers.measured_on(check()))
    n = check().table("all purchases")["n_customers"].iloc[0]
    assert told.startswith(
        f"Measured on {n} customers known on 20 Sep 2024 who bought any of these items in the 30 "
        "days from then on"
    )
    assert "Candidates were the 40 items" in told


def test_the_verdict_has_the_numbers_of_the_table():
    table = check().table("all purchases")
    told = [plain(sentence) for sentence in _offers.verdict(check())]
    best = table.index[table["verdict"] == "best simple rule"][0]
    assert f"{table.loc['BuyAgain', 'ndcg']:.3f} against {table.loc[best, 'ndcg']:.3f}" in told[0]
    assert f"the best simple rule (“{best}”: {_offers.RULES[best]})" in told[0]
    assert told[1].startswith(f"{100 * table.loc['BuyAgain', 'hit_rate']:.0f} % of the customers")


class Judged:
    """A test with a verdict of one's own."""

    def __init__(self, verdict, lower=0.01, upper=0.03):
        self.inner, self.told = check(), (verdict, lower, upper)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def table(self, name):
        table = self.inner.table(name)
        table.loc["BuyAgain", "verdict"] = self.told[0]
        table.loc["BuyAgain", ["lower", "upper"]] = self.told[1:]
        return table


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("better", "the offers were better than the best simple rule"),
        ("worse", "the offers were worse than the best simple rule"),
        ("unclear", "the offers were not clearly different from the best simple rule"),
    ],
)
def test_every_verdict_has_its_words(word, told):
    said = _offers.verdict(Judged(word, -0.02, 0.03))
    assert told in said[0]
    assert said[0].endswith("interval of the difference −0.020 to +0.030.")


def test_the_lists_of_a_rule_are_said_to_be_so():
    (said,) = _offers.verdict(Judged("unclear", 0.0, 0.0))
    assert said.startswith("The lists are those of the best simple rule (“")


def test_what_three_decimals_do_not_show_is_no_difference():
    (said,) = _offers.verdict(Judged("unclear", -0.0004, 0.0004))
    assert said.startswith("By NDCG@10 the offers were just as good as the best simple rule (“")


def test_scores_name_the_rules_and_mark_the_best():
    table = _tables.offer_score_table(check())
    assert [row[0].split(":")[0] for row in table.rows] == [
        "these offers (BuyAgain)",
        "popularity",
        "recent popularity",
        "buy again",
    ]
    assert table.headings[1] == "NDCG@10 (higher is better)"
    ndcg = [float(row[1]) for row in table.rows]
    assert (ndcg.index(max(ndcg)), 1) in table.best
