"""Importing crmkit stays light, and every public name resolves."""

import importlib
import subprocess
import sys

import pytest

import crmkit

PACKAGES = [
    "churn",
    "cleaning",
    "clv",
    "datasets",
    "events",
    "metrics",
    "model_selection",
    "pipelines",
    "plotting",
    "recommend",
    "report",
    "scale",
    "segment",
]


def test_import_loads_neither_pandas_nor_scikit_learn():
    code = "import sys, crmkit; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "crmkit" in loaded
    assert not {"pandas", "sklearn", "scipy", "matplotlib", "polars", "lightgbm"} & set(loaded)


def test_every_public_name_resolves():
    for name in crmkit.__all__:
        assert getattr(crmkit, name) is not None
    assert set(crmkit.__all__) <= set(dir(crmkit))


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_complete_and_documented(package):
    module = importlib.import_module(f"crmkit.{package}")
    assert len(set(module.__all__)) == len(module.__all__)  # the order is the linter's
    for name in module.__all__:
        assert getattr(module, name).__doc__, f"{package}.{name} has no docstring"


def test_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'bogus'"):
        crmkit.bogus  # noqa: B018
