"""Suspects: who speaks of what, who is believed, what stays in peace."""

import numpy as np

from crmkit.cleaning._quality._suspects import checked, dependencies_of, judge, learn
from tests.cleaning.quality.columns import columns

POSTCODES = [str(10_000 + n // 10) for n in range(400)]
CITIES = [f"Town {chr(65 + n // 10 % 20)}" for n in range(400)]


def judged(made):
    learnt = learn(made, [], [])
    rows, found, shares = judge(made, learnt, [], None)
    wrong = {name: np.zeros(len(POSTCODES)) for name in found}
    for name, verdict in found.items():
        wrong[name][rows] = verdict.wrong
    return wrong, shares


def test_ids_and_ignored_columns_are_not_judged_but_determine():
    made = columns(site=("id", POSTCODES), city=("city", CITIES), void=("ignore", [None] * 400))
    assert checked(made) == ["city"]
    assert [(d["left"], d["right"]) for d in dependencies_of(made)] == [(["site"], "city")]


def test_a_dependency_finds_its_minority():
    cities = list(CITIES)
    cities[57] = "Nowhere"
    wrong, shares = judged(columns(postcode=("postcode", POSTCODES), city=("city", cities)))
    assert wrong["city"].argmax() == 57
    assert wrong["city"][57] > 0.8
    assert np.delete(wrong["city"], 57).max() < 0.1
    assert 0 < shares["city"] < 0.01


def test_a_wrong_left_side_is_blamed_itself():
    phones = [f"030{code}" for code in POSTCODES]
    names = [f"Shop {code}" for code in POSTCODES]
    postcodes = list(POSTCODES)
    postcodes[57] = "10039"  # of another town
    wrong, _ = judged(
        columns(
            postcode=("postcode", postcodes),
            city=("city", CITIES),
            phone=("category", phones),
            shop=("category", names),
        )
    )
    assert wrong["postcode"][57] > 0.9
    assert max(wrong[name][57] for name in ("city", "phone", "shop")) < 0.5


def test_a_sound_table_has_no_suspects():
    wrong, shares = judged(columns(postcode=("postcode", POSTCODES), city=("city", CITIES)))
    assert max(values.max() for values in wrong.values()) < 0.1
    assert max(shares.values()) < 0.005


def test_the_second_column_explains_the_first():
    rng = np.random.default_rng(0)
    states = rng.choice(["al", "ak"], p=[0.8, 0.2], size=2000).tolist()
    codes = rng.choice([f"m{n}" for n in range(8)], size=2000).tolist()
    joint = [f"{s}_{c}" for s, c in zip(states, codes, strict=True)]
    made = columns(state=("state", states), code=("category", codes), both=("category", joint))
    alone = [d for d in dependencies_of(made) if d["left"] == ["code"] and d["right"] == "both"]
    assert all(d["only_without"] == ["state"] for d in alone)
    assert (["state", "code"], "both") in [(d["left"], d["right"]) for d in dependencies_of(made)]


def test_a_shared_address_does_not_tell_names():
    names = [f"Name {code}" for code in POSTCODES]
    made = columns(street=("street", POSTCODES), last_name=("last_name", names))
    assert [d["right"] for d in dependencies_of(made)] == ["street"]
