"""Every public name documents its parameters, with the defaults they have, and shows an example."""

import importlib
import inspect
import re

import pytest

from tests.test_imports import PACKAGES

NAMES = [
    (package, name)
    for package in PACKAGES
    for name in importlib.import_module(f"crmkit.{package}").__all__
]
# Results that a function makes: their examples stand with the function.
MADE = {
    "CohortTable",
    "CompleteJourney",
    "CustomerDescription",
    "Evaluation",
    "EventReport",
    "Expectations",
    "HoldoutReport",
    "LogSplit",
    "MarkovCheck",
    "Migration",
    "QualityReport",
    "RetailerTruth",
    "SegmentComparison",
    "SegmentForecast",
    "SyntheticRetailer",
    "TargetGroups",
}
ENTRY = r"^\s*(?:\w+, )*\**{name}(?:, \w+)* : (.*(?:\n\s+\S.*,$)*)"


def documented(package, name):
    """The object, its parameters, and the docstring of it and of its public methods."""
    thing = getattr(importlib.import_module(f"crmkit.{package}"), name)
    yield name, thing, inspect.getdoc(thing) or ""
    if inspect.isclass(thing):
        for method, function in vars(thing).items():
            if not method.startswith("_") and inspect.isfunction(function):
                yield f"{name}.{method}", function, inspect.getdoc(function) or ""


def is_told(found, default):
    if isinstance(default, float):
        return float(found) == default or found == str(default)
    made = str(default) == "<factory>" and found in ("{}", "[]", "()")
    return made or found in (repr(default), f'"{default}"')


def test_there_are_names():
    assert len(NAMES) >= 30


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_parameters_and_defaults(package, name):
    for label, thing, text in documented(package, name):
        for parameter in inspect.signature(thing).parameters.values():
            if parameter.name == "self" or name in MADE:
                continue
            entry = re.search(ENTRY.format(name=parameter.name), text, re.M)
            assert entry, f"{label}: parameter {parameter.name} is not documented"
            told = re.search(r"default=(\([^)]*\)|.+?)(?:$|[,.] )", entry[1])
            if told and parameter.default is not inspect.Parameter.empty:
                found, default = told[1].strip().rstrip("."), parameter.default
                assert is_told(found, default), (
                    f"{label}: {parameter.name} says default={found}, it is {default!r}"
                )


@pytest.mark.parametrize(("package", "name"), [pair for pair in NAMES if pair[1] not in MADE])
def test_an_example_is_shown(package, name):
    text = inspect.getdoc(getattr(importlib.import_module(f"crmkit.{package}"), name)) or ""
    shown = ">>> " in text or (package == "scale" and ".. code-block:: python" in text)  # a cluster
    assert shown, f"{package}.{name} shows no example"
