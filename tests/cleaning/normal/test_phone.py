"""Phone numbers of a stated region, by the package phonenumbers."""

import pytest

from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._phone import region_checked
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.exceptions import DataError, MissingExtraError

CASES = [
    ("US", "(212) 736-5000 x12", "+12127365000"),
    ("US", "1-212-736-5000", "+12127365000"),
    ("US", "+44 (0)20 7946 0018", "+442079460018"),
    ("GB", "020 7946 0018", "+442079460018"),
    ("DE", "030/123456", "+4930123456"),
    ("CN", "138-0013-8000", "+8613800138000"),
    ("CN", "0086 138 0013 8000", "+8613800138000"),
    ("US", "12345", "12345"),
    ("US", "no number", None),
    ("US", "999-999-9999", None),
    ("US", "+1 999 999 9999", None),
    ("US", "212 736 5000 (home)", "+12127365000"),
    ("US", "555-0100", "5550100"),  # the code of the town is not there
    ("US", "06 12345678", "0612345678"),
    ("US", "1-800-FLOWERS", "+18003569377"),
    ("IT", "06 1234 5678", "+390612345678"),
]


@pytest.mark.parametrize(("region", "value", "form"), CASES)
def test_with_a_region(region, value, form):
    pytest.importorskip("phonenumbers", reason="phonenumbers is not installed")
    assert normalised([value], "phone", NormalSettings(phone_region=region)) == [form]


@pytest.mark.parametrize("region", ["us", "Germany", 49, ""])
def test_an_unknown_region_is_refused(region):
    pytest.importorskip("phonenumbers", reason="phonenumbers is not installed")
    with pytest.raises(DataError, match="Here: phone_region must be a country code"):
        region_checked(region, "Here")


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "phonenumbers", None)
    with pytest.raises(MissingExtraError, match=r"crmkit\[cleaning\]"):
        region_checked("US", "Here")
