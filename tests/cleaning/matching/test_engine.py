"""The way from units to scored pairs: short lists, longer ones by keys, long ones by a part."""

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning import Deduplicator
from crmkit.cleaning._matching import _engine
from crmkit.cleaning._matching._engine import Settings, match
from crmkit.metrics import pairwise_scores
from tests.cleaning.build import units


def people(n=300):
    random = np.random.default_rng(0)
    first = random.choice(["ann", "bob", "carl", "dora", "eve", "fred"], n)
    last = [f"family {number}" for number in random.integers(0, 80, n)]
    born = [f"19{y:02d}-0{m}-11" for y, m in zip(*random.integers(1, 9, (2, n)), strict=True)]
    again = slice(0, n // 3)
    slips = [f"{name}x" for name in last[again]]
    return units(
        first=("first_name", [*first, *first[again]]),
        last=("last_name", [*last, *slips]),
        born=("birth_date", [*born, *born[again]]),
    )


def test_a_short_list_is_compared_whole_and_a_longer_one_by_keys(monkeypatch):
    made = people()
    whole = match(made, Settings())[1]
    assert len(whole.pairs.left) == made.n * (made.n - 1) // 2
    monkeypatch.setattr(_engine, "FEW_PAIRS", 0)
    keyed = match(made, Settings())[1]
    assert 0 < len(keyed.pairs.left) < len(whole.pairs.left)
    places = np.searchsorted(
        whole.pairs.left * made.n + whole.pairs.right, keyed.pairs.left * made.n + keyed.pairs.right
    )
    assert (whole.table[places] == keyed.table).all()
    last = whole.pairs.report[-1]
    assert (last.label, last.recall_so_far) == ("all pairs", 1.0)


def long_list(monkeypatch, made):
    """What is learnt and found once a list counts as long."""
    monkeypatch.setattr(_engine, "FEW_PAIRS", 0)
    monkeypatch.setattr(_engine, "LONG_LIST", 0)
    monkeypatch.setattr(_engine, "MOST_LEARNT", 100)
    return match(made, Settings())


def test_of_a_long_list_a_part_is_learnt_from_and_likely_pairs_are_kept(monkeypatch):
    made = people()
    whole, pairs = match(made, Settings())
    learnt, found = long_list(monkeypatch, made)
    assert learnt.n_expected == pytest.approx(whole.n_expected, rel=0.3)
    assert found.scores.log_odds.min() >= _engine.LEAST_KEPT - 5  # look-alikes may take some
    sure = pairs.scores.log_odds > 0
    keys = found.pairs.left * made.n + found.pairs.right
    wanted = (pairs.pairs.left * made.n + pairs.pairs.right)[sure]
    assert np.isin(wanted, keys).mean() > 0.9
    assert all(line.recall_so_far <= 1.0 for line in found.pairs.report if line.used)
    again = long_list(monkeypatch, made)[1]
    assert (again.scores.log_odds == found.scores.log_odds).all()


def test_no_records_that_share_a_key():
    made = units(
        first=("first_name", ["ann", "bob", "cy"]), last=("last_name", ["lee", "ray", "kim"])
    )
    _, found = match(made, Settings())
    assert len(found.pairs.left) == 3
    for n in (0, 1):
        one = units(first=("first_name", ["ann"] * n), last=("last_name", ["lee"] * n))
        assert len(match(one, Settings())[1].pairs.left) == 0


def firms(n, seed):
    rng = np.random.default_rng(seed)
    word = ["".join(rng.choice(list("abdeiklmnorstu"), 7)) for _ in range(2 * n)]
    firm = [f"{a} {b} GmbH" for a, b in zip(word[::2], word[1::2], strict=True)]
    street = [f"{word[i % 90]} street {i % 170 + 1}" for i in range(n)]
    city = [f"{word[i % 40]}burg" for i in range(n)]
    phone = [f"0305{i:06d}" for i in rng.choice(10**6, n, replace=False)]
    return pd.DataFrame({"firm": firm, "street": street, "city": city, "phone": phone})


def test_equal_firms_at_one_address_are_one():
    ours = firms(500, 1)
    again = ours.iloc[:100].copy()
    again["firm"] = [f[:3] + f[4:] if i % 5 < 2 else f for i, f in enumerate(again["firm"])]
    again["firm"] = again["firm"].str.replace("GmbH", "AG")
    again.loc[again.index[::2], "phone"] = None
    records = pd.concat([ours, again], ignore_index=True)
    truth = [*range(500), *range(100)]
    kinds = {"firm": "company"}
    scores = pairwise_scores(truth, Deduplicator(kinds).fit_predict(records))
    assert scores["precision"] > 0.95
    assert scores["recall"] > 0.95


def test_places_a_few_metres_apart_with_misspelt_names_are_one():
    rng = np.random.default_rng(2)
    ours = firms(400, 3).rename(columns={"firm": "title"})[["title"]]
    ours["lat"], ours["lon"] = 52 + rng.random(400) / 5, 13 + rng.random(400) / 3
    again = ours.iloc[:80].copy()
    again["title"] = [title[:4] + title[5:] for title in again["title"]]
    again[["lat", "lon"]] += rng.normal(0, 1e-4, (80, 2))
    records = pd.concat([ours, again], ignore_index=True)
    kinds = {"title": "company", "lat": "latitude", "lon": "longitude"}
    matcher = Deduplicator(kinds).fit(records)
    scores = pairwise_scores([*range(400), *range(80)], matcher.labels_)
    assert scores["precision"] > 0.95
    assert scores["recall"] > 0.9
    assert "cell of lat + cell of lon" in matcher.blocking_report()["key"].tolist()
