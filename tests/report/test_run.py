"""The whole job: windows and horizons by hand, warnings kept and passed on, files whole or none."""

import warnings
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError, DataWarning
from crmkit.report import _run
from crmkit.report._run import Job
from tests.report._made import content

DAYS = pd.to_datetime(["2024-01-01", "2024-03-01", "2024-12-29"])
LOG = EventLog(pd.DataFrame({"customer_id": ["a", "b", "a"], "timestamp": DAYS, "amount": 1.0}))
END = datetime(2024, 12, 30)  # 52 weeks after the first event


@pytest.mark.parametrize(
    ("job", "horizon", "window"),
    [
        (Job(), 52.0, (datetime(2024, 9, 2), 17.0, "W")),
        (Job(), 8.0, (datetime(2024, 11, 4), 8.0, "W")),
        (Job(unit="D"), 365.0, (datetime(2024, 8, 31), 121.0, "D")),
        (Job(unit="M"), 2.0, (datetime(2024, 11, 4), 8.0, "W")),
        (Job(check_from="2024-07-01"), 52.0, (datetime(2024, 7, 1), 26.0, "W")),
    ],
)
def test_window_of_the_check(job, horizon, window):
    assert _run.check_window(LOG, END, horizon, job) == window


def test_no_window_in_a_short_log():
    holdout, reason = _run.checked(LOG, datetime(2024, 1, 15), 52.0, Job(), [].append)
    assert holdout is None
    assert reason.startswith("the log does not allow a holdout check (crmkit report: it covers le")
    said = []
    assert _run.checked(LOG, END, 52.0, Job(check=False), said.append)[0] is None
    assert said == ["no check: this report was made without a holdout check"]


@pytest.mark.parametrize(
    ("job", "horizon"),
    [
        (Job(), 52.0),
        (Job(unit="D"), 365.0),
        (Job(unit="M"), 12.0),
        (Job(horizon=26), 26.0),
        (Job(horizon="2W", unit="D"), 14.0),
        (Job(horizon="1Y", unit="M"), 12.0),
    ],
)
def test_horizon(job, horizon):
    assert _run.horizon_of(job) == horizon


def test_a_horizon_of_nothing_is_refused():
    with pytest.raises(DataError, match="horizon must be above 0, got 0"):
        _run.horizon_of(Job(horizon=0))


def test_a_folder_that_may_not_be_written_to_is_found_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(_run.os, "access", lambda place, mode: False)
    with pytest.raises(DataError, match=r"cannot be written to\. Name another folder with --out"):
        _run.check_folder(tmp_path / "new" / "folder", Job())


def test_warnings_are_kept_and_passed_on():
    def heard():
        with _run.heard_warnings() as texts:
            warnings.warn("twice", DataWarning, stacklevel=1)
            warnings.warn("twice", DataWarning, stacklevel=1)
        return texts

    with pytest.warns(DataWarning, match="twice") as passed:
        texts = heard()
    assert texts == ["twice"]
    assert len(passed) == 2


def test_a_failing_file_leaves_the_old_ones(tmp_path, monkeypatch):
    made = content()
    _run.write_files(made, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(before) == sorted(_run.files_of(["html"]))

    def fail(*_args, **_options):
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="disk full"):
        _run.write_files(content(made.customers.assign(clv=1.0)), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_hold_the_customers(tmp_path):
    made = content()
    paths = _run.write_files(made, tmp_path / "new" / "folder")
    read = pd.read_parquet(paths[0])
    pd.testing.assert_frame_equal(read, made.customers)
    assert np.isclose(pd.read_csv(paths[1])["clv"].sum(), made.customers["clv"].sum())
