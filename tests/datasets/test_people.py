"""The true people: households, twins, sharing, addresses."""

import re

import numpy as np
import pandas as pd
import pytest

from crmkit.datasets._names import CHINESE, ENGLISH, NAMES
from crmkit.datasets._people import draw_addresses, draw_emails, draw_people, draw_phones

TODAY = pd.Timestamp("2023-01-01")
N = 20_000


@pytest.fixture(scope="module")
def people():
    return draw_people(np.random.default_rng(0), N, ENGLISH, TODAY)


def test_households_have_the_asked_sizes(people):
    sizes = people["household_id"].value_counts().value_counts(normalize=True)
    np.testing.assert_allclose(
        sizes.sort_index().to_numpy(), [0.40, 0.30, 0.15, 0.10, 0.05], atol=0.02
    )


def test_a_household_shares_its_address(people):
    homes = people.groupby("household_id")[["street", "city", "postcode"]].nunique()
    assert (homes == 1).all(axis=None)


def test_a_household_mostly_shares_its_family_name(people):
    several = people.groupby("household_id")["last_name"].agg(["size", "nunique"])
    several = several[several["size"] > 1]
    assert 0.8 < (several["nunique"] == 1).mean() < 0.95


def test_no_two_of_a_household_share_a_given_name(people):
    assert not people.duplicated(["household_id", "first_name"]).any()


def test_twins_share_birth_date_and_home(people):
    twins = people[people["twin"]].groupby("household_id")
    assert (twins.size() == 2).all()
    assert twins[["birth_date", "last_name"]].nunique().max().tolist() == [1, 1]
    others = people[~people["twin"]]
    alike = others.duplicated(["household_id", "birth_date"]).sum()
    assert alike < 10  # partners born on one day by chance
    assert 0.03 < people["twin"].mean() < 0.12


def test_phones_and_emails_are_shared_only_at_home(people):
    for column, low, high in (("phone", 0.1, 0.25), ("email", 0.01, 0.04)):
        homes = people.groupby(column)["household_id"].nunique()
        assert (homes == 1).all()
        assert low < people.duplicated(column).mean() < high


def test_everybody_is_an_adult_and_not_too_old(people):
    assert people["birth_date"].max() <= TODAY - pd.DateOffset(years=18)
    assert people["birth_date"].min() > TODAY - pd.DateOffset(years=90)


def test_neighbouring_rows_are_not_one_household(people):
    household = people["household_id"].to_numpy()
    assert (household[1:] == household[:-1]).mean() < 0.01


def test_frequent_names_come_first(people):
    counts = people["last_name"].value_counts()
    assert counts["Smith"] > 3 * counts["Thornton"] > 0


@pytest.mark.parametrize("language", sorted(NAMES))
def test_values_look_as_they_should(language):
    people = draw_people(np.random.default_rng(1), 500, NAMES[language], TODAY)
    names = NAMES[language]
    assert people["email"].str.fullmatch(r"[a-z0-9._]+@[a-z]+\.[a-z]+").all()
    assert people["phone"].str.fullmatch(rf"\d{{{names.phone_digits}}}").all()
    assert people["postcode"].str.fullmatch(rf"\d{{{names.postcode_digits}}}").all()
    starts = people["postcode"].str[:3]
    assert (starts == people["city"].map(dict(names.cities))).all()


def test_a_street_of_a_city_lies_in_one_postcode():
    lines, city, postcode = draw_addresses(np.random.default_rng(2), 5_000, CHINESE)
    road = [re.sub(r"\d+号", "", line) for line in lines]
    frame = pd.DataFrame({"road": road, "city": city, "postcode": postcode})
    assert frame.groupby(["road", "city"])["postcode"].nunique().max() == 1


@pytest.mark.parametrize("seed", range(20))
def test_phone_numbers_are_all_different(seed):
    phones = draw_phones(np.random.default_rng(seed), 50_000, ENGLISH)
    assert len(set(phones)) == 50_000


def test_emails_of_namesakes_differ():
    first, last = np.full(200, "ann", object), np.full(200, "lee", object)
    born = np.full(200, np.datetime64("1984-03-07"))
    emails = draw_emails(np.random.default_rng(3), first, last, born)
    assert len(set(emails)) == 200
    assert {e.partition("@")[0] for e in emails} >= {"ann.lee", "annlee84", "a.lee84", "lee_ann"}


def test_one_person_is_enough():
    assert len(draw_people(np.random.default_rng(4), 1, CHINESE, TODAY)) == 1
