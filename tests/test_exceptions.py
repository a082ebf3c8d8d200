"""The exceptions are the built-in ones too, and their texts point to the cure."""

import threading
import warnings

import pytest

from crmkit import exceptions
from crmkit._optional import require
from crmkit.exceptions import (
    DataError,
    DataWarning,
    MissingExtraError,
    muted,
    nearest,
    warn_user,
)


def test_users_except_clauses_catch_them():
    assert issubclass(DataError, ValueError)
    assert issubclass(MissingExtraError, ImportError)
    for name in exceptions.__all__:
        base = exceptions.CrmkitWarning if name.endswith("Warning") else exceptions.CrmkitError
        assert issubclass(getattr(exceptions, name), base)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("cust_id", "customer_id"),
        ("CUSTOMERID", "customer_id"),
        ("amonut", "amount"),
        ("zzz", None),
    ],
)
def test_nearest(wanted, found):
    assert nearest(wanted, ["customer_id", "amount", "timestamp"]) == found


def test_long_lists_of_columns_are_cut():
    error = DataError.missing_column("M", "zz", [f"column{i}" for i in range(100)])
    assert str(error).endswith("'column29', '...'].")


def test_a_missing_package_is_told_with_its_extra():
    text = r'A plot needs no_such_package, which is not installed: pip install "crmkit\[plot\]"'
    with pytest.raises(MissingExtraError, match=text):
        require("no_such_package.sub", extra="plot", purpose="A plot")


def test_a_broken_package_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import does_not_exist_either")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="does_not_exist_either") as caught:
        require("broken_package", extra="plot", purpose="Plots")
    assert not isinstance(caught.value, MissingExtraError)


def test_an_installed_package_is_returned():
    assert require("json", extra="plot", purpose="x").dumps([1]) == "[1]"


def test_warn_user_points_at_the_first_line_outside_crmkit_and_scikit_learn():
    inside = {"__name__": "crmkit.somewhere", "warn_user": warn_user, "DataWarning": DataWarning}
    exec("def low():\n    warn_user('text', DataWarning)", inside)
    between = {"__name__": "sklearn.base", "low": inside["low"]}
    exec("def middle():\n    low()", between)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        between["middle"]()
    assert caught[0].filename == __file__


def test_a_muted_warning_is_left_out_in_its_own_thread_alone():
    inside, done = threading.Event(), threading.Event()
    told = []

    def other():
        inside.wait(10)
        with pytest.warns(DataWarning, match="Model: seen twice"):
            warn_user("Model: seen twice", DataWarning)
        told.append(True)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with muted("Model: .* twice"):
        inside.set()
        assert done.wait(10)
        warn_user("Model: seen twice", DataWarning)  # an error, if it came through
        with pytest.warns(DataWarning, match="Model: seen once"):
            warn_user("Model: seen once", DataWarning)
    thread.join()
    assert told == [True]
    with pytest.warns(DataWarning):
        warn_user("Model: seen twice", DataWarning)
