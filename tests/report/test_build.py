"""The page: well formed, self-contained, escaped, readable without pictures, written whole."""

import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from crmkit.exceptions import DataError, MissingExtraError
from crmkit.report import (
    KindsContent,
    MovementContent,
    ProfileContent,
    UnusualContent,
    build_report,
    render_report,
)
from crmkit.segment import BehaviourSegmenter
from tests.report import _moved, _offered, _tagged
from tests.report._churned import OFFER, check, churn, with_churn
from tests.report._made import CUSTOMERS, content

VOID = {"meta", "link", "img", "br", "hr"}


class Page(HTMLParser):
    """Checks nesting, and keeps the tags, the ids and the text."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page():
    return render_report(content())


def test_page_is_well_formed_and_headed(page):
    read = Page(page)
    assert page.startswith("<!doctype html>")
    assert read.all("html") == [{"lang": "en"}]
    assert len(read.all("h1")) == 1
    assert len(read.all("h2")) == 9
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for link in read.all("a"):
        assert link["href"].removeprefix("#") in ids
    for section in read.all("section"):
        assert section["aria-labelledby"] in ids


def test_nothing_is_loaded_from_elsewhere(page):
    read = Page(page)
    loading = [
        value
        for _, attributes in read.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "data", "action", "poster"}
    ]
    assert all(value.startswith(("#", "data:")) for value in loading)
    assert not read.all("script")
    assert not re.search(r"@import|url\((?!%23)", page)
    assert read.all("meta")[2]["content"].startswith("default-src 'none'")


def test_every_picture_has_a_text_and_is_a_picture(page):
    pictures = Page(page).all("img")
    assert len(pictures) == 6
    for picture in pictures:
        assert len(picture["alt"]) > 40
        kind, code = picture["src"].split(",", 1)
        assert kind == "data:image/svg+xml"
        root = ET.fromstring(unquote(code))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not root.findall(".//{http://www.w3.org/2000/svg}image")


def test_the_page_says_what_was_measured(page):
    text = " ".join("".join(Page(page).text).replace("\N{NO-BREAK SPACE}", " ").split())
    for said in (
        "Report of the shop",
        "20 rows of purchases from 5 Jan 2024 to 28 Dec 2024 15:30.",
        "Valued as of 1 Jan 2025; looking 52 weeks ahead.",
        "Measured on the 5 customers who had bought before 1 Oct 2024.",
        "a margin of 100 %, discounted by 10 % a year, over the next 52 weeks",
        "Looked for and not found: returns.",
        "0.2426",
        "(best)",
        "Warning of the fit. No dropout seen.",
        "how often a customer buys (correlation in these data: 0.11).",
    ):
        assert said in text, said


def test_text_from_the_data_is_escaped():
    evil = '<script>alert("1")</script>'
    customers = CUSTOMERS.assign(id=[evil, *"bcdef"], segment=[evil, *["<b>x</b>"] * 5])
    page = render_report(content(customers, title=evil, models={evil: {evil: 1.0}}))
    assert "<script" not in page
    assert "<b>" not in page
    assert page.count("&lt;script&gt;") >= 5
    Page(page)


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")  # without a Chinese font
def test_chinese_segments_are_shown():
    customers = CUSTOMERS.assign(segment=["重要价值客户"] * 3 + ["一般挽留客户"] * 3)
    page = render_report(content(customers))
    assert "重要价值客户" in "".join(Page(page).text)


def test_without_a_check_the_page_says_so():
    page = render_report(content(holdout=None, holdout_note="the log is too short", events=None))
    text = "".join(Page(page).text)
    assert "Not measured: the log is too short. So nothing is known of how close" in text
    assert len(Page(page).all("img")) == 5
    assert "#data" not in page


def test_no_expected_value_is_said_in_words():
    page = render_report(content(CUSTOMERS.assign(clv=0.0, total_amount=0.0)))
    assert "No customer is expected to bring value in this time." in page
    assert len(Page(page).all("img")) == 3


def test_one_customer_is_enough():
    Page(render_report(content(CUSTOMERS.head(1))))


def test_same_content_same_page(page):
    assert render_report(content()) == page


def test_input_stays_as_it_was():
    before = CUSTOMERS.copy(deep=True)
    render_report(content())
    assert CUSTOMERS.equals(before)


@pytest.mark.usefixtures("unpainted")
def test_the_number_of_best_customers_is_chosen():
    text = "".join(Page(render_report(content(), n_top=2)).text)
    assert "The 2 customers with the highest expected value" in text
    with pytest.raises(DataError, match="render_report: n_top must be a whole number of at least"):
        render_report(content(), n_top=0)


def test_file_appears_whole_and_replaces_the_old_one(tmp_path, page):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert build_report(content(), path) == path
    assert path.read_text(encoding="utf-8") == page
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_failed_report_leaves_the_old_file(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(DataError):
        build_report(content(customers=CUSTOMERS.head(0), segments=None), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        build_report(content(), tmp_path / "nowhere" / "report.html")


@pytest.mark.parametrize("module", ["jinja2", "matplotlib"])
def test_without_the_extra_it_is_named(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"{module}, .*\[(report|plot)\]"):
        render_report(content())


def words(page):
    return " ".join("".join(Page(page).text).replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_page_tells_who_is_about_to_leave():
    page = render_report(with_churn(OFFER, churn=churn(offer=OFFER, check=check())))
    read, text = Page(page), words(page)
    assert len(read.all("h2")) == 10
    assert len(read.all("h3")) == 10
    assert len(read.all("img")) == 9
    for said in (
        "Who is about to leave?",
        "Leaving means here: no purchase in the next 90 days, until 1 Apr 2025.",
        "Active customers by churn risk",
        "The 3 active customers of medium or high risk, the most value at risk first",
        "Contacting pays for 4 customers",
        "The acceptance is assumed, not measured.",
        "By log loss, which judges order and level of the risk together",
        "Scores of the risk; the best of each column is marked",
        "Churn risk is the probability of no purchase within 90 days",
        "2 of 4 active customers will buy nothing in the next 90 days",
    ):
        assert said in text, said


@pytest.mark.usefixtures("unpainted")
def test_a_risk_that_was_not_tested_is_said():
    text = words(render_report(with_churn(churn=churn(check_note="the log is too short"))))
    assert "Not measured: the log is too short. So nothing is known of how right this ri" in text
    assert "cannot be told without what that costs" in text


@pytest.mark.usefixtures("unpainted")
def test_a_risk_that_was_not_learnt_is_said():
    text = words(render_report(with_churn(churn=churn(recipe=None, note="The log is too short."))))
    assert "Churn could not be learnt from this log" in text
    assert "Is the risk any good?" not in text


def test_when_nobody_is_active_the_page_says_so():
    made = with_churn()
    silent = made.customers.assign(churn_source="purchase model")
    text = words(render_report(content(silent, churn=churn())))
    assert "Nobody is active." in text


def test_without_churn_there_is_no_section(page):
    assert "about to leave" not in page.lower()


@pytest.mark.usefixtures("unpainted")
def test_reasons_are_escaped():
    made = with_churn()
    evil = made.customers.assign(churn_reasons="<script>alert(1)</script>: +0.1")
    assert "<script" not in render_report(content(evil, churn=churn()))


def test_the_page_tells_what_to_offer():
    made = _offered.offers(bundles=_offered.BUNDLES, check=_offered.check(), n_sold=9)
    page = render_report(_offered.with_offers(offers=made))
    read, text = Page(page), words(page)
    assert len(read.all("h2")) == 10
    assert "#offers" in {link["href"] for link in read.all("a")}
    for said in (
        "What to offer next?",
        "Offers are made of the 3 items that most customers bought, of 9 sold.",
        "They come from what a customer bought of late, as nothing is better.",
        "bought last: what a customer bought of late, as nothing is better. Of 9: 0.5. They know",
        "Offers for the 4 customers with the highest expected value",
        "1. tea – bought on 12 days, last 1 day ago 2. cup – goes with tea",
        "Which products belong together?",
        "1,200 orders hold both",
        "Are the offers any good?",
        "customers known on 20 Sep 2024 who bought any of these items in the 30 days from",
        "the best simple rule (“",
        "Scores of the offers; the best of each column is marked",
        "only an experiment with a control group tells what an offer changes",
    ):
        assert said in text, said
    loading = [v for _, a in read.tags for k, v in a.items() if k in {"src", "href"}]
    assert all(value.startswith(("#", "data:")) for value in loading)


@pytest.mark.usefixtures("unpainted")
def test_offers_that_were_not_tested_are_said():
    made = _offered.offers(check_note="the log is too short")
    text = words(render_report(_offered.with_offers(offers=made)))
    assert "Not measured: the log is too short. So nothing is known of how good these of" in text
    assert "belong together" not in text


@pytest.mark.usefixtures("unpainted")
def test_offers_that_were_not_learnt_are_said():
    made = _offered.offers(recommender=None, note="Item ids are missing.")
    text = words(render_report(content(offers=made)))
    assert "What to offer could not be learnt from this log. Item ids are missing." in text
    assert "Are the offers any good?" not in text


@pytest.mark.usefixtures("unpainted")
def test_bundles_that_are_none_are_said():
    text = words(render_report(_offered.with_offers(offers=_offered.offers(bundles=[]))))
    assert "No two products are found together in more orders than chance" in text


def test_without_offers_there_is_no_section(page):
    assert "offer next" not in page.lower()
    assert "#offers" not in page


@pytest.mark.usefixtures("unpainted")
def test_items_and_reasons_are_escaped():
    evil = "<script>alert(1)</script>"
    made = _offered.offers(
        lists={"007": [_offered.Offer(evil, f"because you bought {evil}")]},
        names={"1": evil, "2": evil, "3": evil},
        bundles=[_offered.Bundle(evil, 3, 0.5, 2.0)],
        check_note=evil,
        recommender=_offered.recommender(reason_=evil),
    )
    page = render_report(_offered.with_offers(offers=made))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 6
    Page(page)


@pytest.mark.usefixtures("unpainted")
def test_the_best_customers_are_named_by_their_own_ids():
    customers = CUSTOMERS.assign(id=[7, 2, 3, 4, 5, 6])
    made = _offered.offers(lists={"7": [_offered.Offer("tea", "")]})
    text = words(render_report(_offered.with_offers(customers, offers=made)))
    assert "Offers for the 1 customers" not in text
    assert "7 Champions" in text


def test_the_page_tells_kinds_movement_tags_and_flags():
    moved = _moved.movement(cohorts=MovementContent.from_log(None, _tagged.LOG).cohorts)
    page = render_report(
        _tagged.report(movement=moved, profile=_tagged.profile(), unusual=_tagged.unusual())
    )
    read, text = Page(page), words(page)
    assert len(read.all("h2")) == 12
    assert {"#segments", "#movement", "#profile", "#unusual"} <= {
        link["href"] for link in read.all("a")
    }
    assert len(read.all("img")) == 10
    assert all(len(picture["alt"]) > 40 for picture in read.all("img"))
    for said in (
        "What kinds of customers do we have?",
        "Where are they in their life as customers?",
        "Stages of life, best to worst",
        "Which tier of value are they in?",
        "Tiers of expected value, best to worst",
        "How much hangs on how few?",
        "The Gini coefficient is",
        "Who moved?",
        "Over the last quarter, 1 Oct 2024 to 31 Dec 2024: 2 customers bought for the first time.",
        "3 of 3 who were “new” (100 %) became “growing”.",
        "How large will the stages be?",
        "Customers by stage: before, now and expected",
        "Do later customers stay as well as earlier ones?",
        "What are they like?",
        "Cards of the 5 customers with the highest expected value",
        "Who behaves unlike the others?",
        "Flags by reason",
        "A flag is a question and no verdict",
        "Stages of life compare the silence of a customer with the own rhythm",
    ):
        assert said in text, said
    stands_out = text[text.index("What stands out") : text.index("What kinds of customers do")]
    assert "2 customers came, and 1 of the 6 who bought in their rhythm (17 %)" in stands_out
    loading = [v for _, a in read.tags for k, v in a.items() if k in {"src", "href"}]
    assert all(value.startswith(("#", "data:")) for value in loading)


def test_a_log_too_short_gives_sentences_and_no_pictures():
    made = content(
        kinds=KindsContent(stager_note="Nobody bought on two days."),
        movement=MovementContent(note="the log covers 3 days", cohorts_note="it is too short"),
        profile=ProfileContent(note="Nobody bought."),
        unusual=UnusualContent(note="Nobody did anything."),
    )
    page = render_report(made)
    text = words(page)
    for said in (
        "Stages of life could not be learnt from this log. Nobody bought on two days.",
        "Who moved cannot be told: the log covers 3 days.",
        "Whether later customers stay as well cannot be told: it is too short.",
        "Customers could not be tagged. Nobody bought.",
        "Who behaves unlike the others cannot be told. Nobody did anything.",
    ):
        assert said in text, said
    assert len(Page(page).all("img")) == 6
    for table in ("Stages of life, best", "Flags by reason", "What customers are like", "Cards of"):
        assert table not in text


def test_without_them_there_are_no_sections(page):
    for name in ("#movement", "#profile", "#unusual", "Stages of life", "tier"):
        assert name not in page


def test_segments_found_in_behaviour_are_shown_with_the_reason():
    found = BehaviourSegmenter(["n_orders", "clv"], n_segments=2, n_resamples=2)
    named = found.fit_predict(CUSTOMERS)
    made = content(CUSTOMERS.assign(behaviour=named), kinds=KindsContent(behaviour=found))
    text = words(render_report(made))
    assert "Which kinds do the data themselves show?" in text
    assert " ".join(found.reason_.split()) in text


def test_names_of_stages_and_tags_are_escaped():
    evil = "<script>alert(1)</script>"
    names = (*[f"{evil}{i}" for i in range(6)], "gone")
    made = _moved.movement(_moved.moves(stages=names))
    note = ProfileContent(note=evil)
    page = render_report(content(movement=made, profile=note))
    assert "<script" not in page
    Page(page)
