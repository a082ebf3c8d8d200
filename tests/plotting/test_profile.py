"""plot_profile: bars against the usual share, tags beside them, purchase days below."""

from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_profile
from crmkit.plotting._style import BLUE, SKY
from crmkit.segment import CustomerProfile
from tests.segment._profiled import log_of, shop

LOG = log_of(shop())
PROFILE = CustomerProfile("kind", "channel", "promo").fit(LOG)


def drawn(customer="c100", profile=PROFILE, **kwargs):
    return plot_profile(profile, customer, ax=Figure(figsize=(11, 4.8)).add_subplot(), **kwargs)


def test_bars_and_marks_are_the_shares():
    ax = drawn()
    told = PROFILE.shares(customers=["c100"]).sort_values("share", ascending=False)
    assert [t.get_text() for t in ax.get_yticklabels()] == told["word"].tolist()
    bars = sorted(ax.patches, key=lambda bar: bar.get_y())
    np.testing.assert_allclose([bar.get_width() for bar in bars], told["share"])
    np.testing.assert_allclose(ax.lines[0].get_xdata(), told["usual"])


def test_what_is_a_tag_is_dark_and_always_shown():
    told = PROFILE.tags(["c100"])
    liked = told[told["tag"].str.startswith("preference")]["value"].tolist()
    assert 0 < len(liked) < len(drawn().patches)
    ax = drawn(most=len(liked))
    assert {t.get_text() for t in ax.get_yticklabels()} == set(liked)
    assert {to_hex(bar.get_facecolor()) for bar in ax.patches} == {BLUE.lower()}
    colours = [to_hex(bar.get_facecolor()) for bar in drawn().patches]
    assert sorted(set(colours)) == sorted([BLUE.lower(), SKY.lower()])


def test_what_was_told_needs_no_evidence():
    people = pd.DataFrame({"who": ["c100"], "town": ["Ulm"]})
    texts = [t.get_text() for t in drawn(profile=CustomerProfile().fit(LOG, people)).texts]
    assert texts[0] == "town: Ulm"
    assert texts[1].startswith("spending power: ")


def test_every_tag_is_written_with_its_evidence():
    texts = [t.get_text() for t in drawn().texts]
    told = PROFILE.tags(["c100"])
    assert texts[::2] == [
        f"{tag.replace('_', ' ')}: {value}"
        for tag, value in zip(told["tag"], told["value"], strict=True)
    ]
    assert all(told.startswith(text.removesuffix(" ...")) for told, text in
               zip(told["evidence"], texts[1::2], strict=True))  # fmt: skip


def test_texts_do_not_overlap():
    ax = drawn("c105")
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts]
    assert all(a.y0 >= b.y1 - 1.0 for a, b in pairwise(boxes))


def test_purchase_days_are_lines():
    ax = drawn()
    state = PROFILE.state_
    place = state["ids"].tolist().index("c100")
    kept = state["start"][place + 1] - state["start"][place]
    (below,) = ax.child_axes
    assert len(below.collections[0].get_segments()) == kept
    n = state["n_days"][place]
    assert ax.get_title(loc="left") == f"Customer c100: {n} purchase days before 2024-05-15"


@pytest.mark.parametrize("size", [(11, 5.5), (9, 4), (14, 9)])
def test_dates_are_written_within_the_figure(size):
    figure = Figure(figsize=size, layout="constrained")
    ax = plot_profile(PROFILE, "c100", ax=figure.add_subplot())
    figure.draw_without_rendering()
    labels = ax.child_axes[0].get_xticklabels()
    assert 2 <= len(labels) <= 6
    assert all(pd.Timestamp(text.get_text()) for text in labels)
    assert min(text.get_window_extent().y0 for text in labels) >= 0.0


def test_shares_are_told_in_whole_per_cents():
    ax = drawn()
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in ax.get_xticklabels()]
    assert all(text.removesuffix(" %").isdigit() for text in texts)


def test_a_column_told_by_customers_is_no_tag_of_a_bar():
    told = PROFILE.tags(["c100"])
    liked = told[told["tag"].str.startswith("preference")]["value"]
    other = next(
        word for word in PROFILE.shares(customers=["c100"])["word"] if word not in set(liked)
    )
    people = pd.DataFrame({"who": ["c100"], "preference_of_old": [other]})
    profile = CustomerProfile("kind", "channel", "promo").fit(LOG, people)
    colours = [to_hex(bar.get_facecolor()) for bar in drawn(profile=profile).patches]
    assert colours.count(BLUE.lower()) == len(liked)


def test_other_parts_and_libraries():
    frame = pl.from_pandas(shop())
    assert drawn(profile=CustomerProfile("kind").fit(log_of(frame))).patches
    ax = drawn(profile=CustomerProfile().fit(log_of(shop())))
    assert ax.get_xlabel() == "share of purchase days by time of day"


def test_a_customer_without_categories_has_no_bars():
    days = pd.date_range("2024-01-01", periods=4, freq="7D")
    frame = pd.DataFrame({"who": list("aabb"), "when": days, "amount": 1.0, "kind": [None] * 4})
    ax = drawn("a", CustomerProfile("kind").fit(log_of(frame)))
    assert not ax.patches


def test_errors_teach():
    with pytest.raises(DataError, match="plot_profile: a fitted CustomerProfile is needed"):
        drawn(profile=CustomerProfile())
    with pytest.raises(DataError, match="the customer 'nobody' has not bought"):
        drawn("nobody")
    with pytest.raises(DataError, match="most must be a whole number of at least 1"):
        drawn(most=0)
