"""DailyScoring: fit monthly, score nightly, the same night twice, crashes, broken data, no leak."""

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import crmkit as ck
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline, DailyScoring, _daily_state
from crmkit.pipelines._daily_lock import held
from crmkit.pipelines._daily_scores import settings_of
from tests.contracts import event_level
from tests.contracts.event_level import AS_OF, events, log_of
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.pipelines._quick import quick
from tests.pipelines._tables import without_rank

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")

FRAME = events(seed=1, n_customers=200, n=1500).replace({"amount": {0.0: 3.0}})
MIDDLE = "2024-04-20"


def pipe(**changes):
    return CustomerValuePipeline(**({"churn": None, "stager": None} | changes))


def job(folder=None, **changes):
    return DailyScoring(folder, **({"pipeline": pipe()} | changes))


def between(first, end, frame=FRAME):
    return log_of(frame[(frame["timestamp"] >= first) & (frame["timestamp"] < end)])


def before(end, frame=FRAME):
    return between("2000-01-01", end, frame)


def files(folder):
    return {name: (folder / name).read_bytes() for name in sorted(os.listdir(folder))}


def test_the_table_is_that_of_the_pipeline(tmp_path):
    night = job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
    expected = pipe().fit_transform(before(MIDDLE), as_of=MIDDLE)
    pd.testing.assert_frame_equal(night.table, expected, check_dtype=False)
    assert night.refitted
    assert (night.as_of, night.fitted_as_of) == ("2024-04-20T00:00:00",) * 2
    assert sorted(os.listdir(tmp_path)) == ["events.parquet", "model.crmkit", "nights.json"]


def test_new_events_alone_are_enough(tmp_path):
    job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
    night = job(tmp_path).run(between(MIDDLE, "2024-04-21"), as_of="2024-04-21")
    assert not night.refitted
    assert night.fitted_as_of == "2024-04-20T00:00:00"
    model = pipe().fit(before(MIDDLE), as_of=MIDDLE)
    expected = model.transform(before("2024-04-21"), as_of="2024-04-21")
    pd.testing.assert_frame_equal(night.table, expected, check_dtype=False)


def test_without_a_folder_the_object_holds_the_model():
    made = job()
    made.run(before(MIDDLE), as_of=MIDDLE)
    night = made.run(before("2024-04-22"), as_of="2024-04-22")
    assert not night.refitted
    expected = made.pipeline_.transform(before("2024-04-22"), as_of="2024-04-22")
    pd.testing.assert_frame_equal(night.table, expected)
    assert list(made.nights_) == ["2024-04-20", "2024-04-22"]


def test_the_same_night_twice_is_the_same_table_and_state(tmp_path):
    job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
    first = job(tmp_path).run(between(MIDDLE, "2024-05-02"), as_of="2024-05-02")
    state = files(tmp_path)
    again = job(tmp_path).run(between(MIDDLE, "2024-05-02"), as_of="2024-05-02")
    pd.testing.assert_frame_equal(again.table, first.table)
    assert files(tmp_path) == state
    assert first.refitted
    assert not again.refitted
    assert again.n_events["new"] == 0


def test_late_and_shuffled_events_are_taken_in(tmp_path):
    late = before(MIDDLE).data.sample(5, random_state=0).index
    job(tmp_path).run(log_of(before(MIDDLE).data.drop(late)), as_of=MIDDLE)
    rest = pd.concat([FRAME.loc[late], between(MIDDLE, "2024-04-22").data])
    night = job(tmp_path).run(log_of(rest.sample(frac=1.0, random_state=1)), as_of="2024-04-22")
    assert night.n_events["late"] == 5
    assert night.n_events["known"] == len(before("2024-04-22").data)
    fitted = ck.io.load(tmp_path / "model.crmkit").pipeline_
    expected = fitted.transform(before("2024-04-22"), as_of="2024-04-22")
    pd.testing.assert_frame_equal(night.table, expected, check_dtype=False)


@pytest.mark.parametrize(
    ("refit", "nights"),
    [
        ("month", [True, False, False, True]),
        ("9D", [True, False, True, False]),
        (5, [True, False, True, True]),
        (None, [True, False, False, False]),
    ],
)
def test_when_it_is_fitted(refit, nights):
    made = job(refit=refit)
    found = []
    for day in ("2024-04-20", "2024-04-24", "2024-04-29", "2024-05-04"):
        found.append(made.run(before(day), as_of=day).refitted)
    assert found == nights


def test_one_may_ask_for_a_fit_or_against():
    made = job()
    made.run(before(MIDDLE), as_of=MIDDLE)
    assert made.run(before("2024-04-21"), as_of="2024-04-21", refit=True).refitted
    assert not made.run(before("2024-05-02"), as_of="2024-05-02", refit=False).refitted


def test_other_settings_are_fitted_at_once(tmp_path):
    job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
    other = job(tmp_path, pipeline=pipe(level=None))
    night = other.run(between(MIDDLE, "2024-04-21"), as_of="2024-04-21")
    assert night.refitted
    assert "settings have changed" in " ".join(night.done)
    assert "clv_low" not in night.table.columns
    assert settings_of(pipe())["level"] == "0.9"


def test_a_log_that_tells_no_value_makes_no_model():
    once = FRAME.drop_duplicates("customer_id")
    with (
        pytest.warns(DataWarning, match="cannot be learnt from this log"),
        pytest.raises(DataError, match="DailyScoring: what customers are worth cannot be learnt"),
    ):
        job().run(before(MIDDLE, once), as_of=MIDDLE)


def test_a_fit_that_fails_leaves_the_model_of_yesterday(monkeypatch):
    made = job()
    made.run(before(MIDDLE), as_of=MIDDLE)

    def fails(*_, **__):
        raise DataError("no")

    monkeypatch.setattr(CustomerValuePipeline, "fit", fails)
    night = made.run(before("2024-05-02"), as_of="2024-05-02")
    assert not night.ok
    assert "Fitting failed (for the month), so the model of 2024-04-20" in night.alarms[-1]
    assert len(night.table)
    with pytest.raises(DataError, match="no"):
        job().run(before(MIDDLE), as_of=MIDDLE)


def test_a_fit_is_put_off_while_the_volumes_are_unusual():
    made = job()
    made.run(before("2024-04-30"), as_of="2024-04-30")
    flood = pd.concat([between("2024-04-30", "2024-05-01").data] * 20)
    broken = log_of(pd.concat([before("2024-04-30").data, flood]))
    night = made.run(broken, as_of="2024-05-01")
    assert not night.ok
    assert not night.refitted
    assert "put off" in " ".join(night.done)
    assert any("events, usually" in each for each in night.alarms)
    assert night.watch["alarm"].any()
    assert made.run(before("2024-05-02"), as_of="2024-05-02").refitted


@pytest.mark.parametrize("where", ["write_events", "write_model", "write_nights"])
def test_a_crash_leaves_what_the_next_run_goes_on_from(where, tmp_path, monkeypatch):
    nights = [(before(MIDDLE), MIDDLE), (between(MIDDLE, "2024-05-02"), "2024-05-02")]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    job(whole).run(nights[0][0], as_of=nights[0][1])
    expected = job(whole).run(nights[1][0], as_of=nights[1][1])
    job(broken).run(nights[0][0], as_of=nights[0][1])

    def stops(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_daily_state, where, stops)
        with pytest.raises(KeyboardInterrupt):
            job(broken).run(nights[1][0], as_of=nights[1][1])
    yesterday = job(broken).run(nights[0][0], as_of=MIDDLE) if where != "write_nights" else None
    if yesterday is not None:
        assert yesterday.fitted_as_of == "2024-04-20T00:00:00"
    again = job(broken).run(nights[1][0], as_of=nights[1][1])
    pd.testing.assert_frame_equal(again.table, expected.table)
    assert json.loads(files(broken)["nights.json"]) == json.loads(files(whole)["nights.json"])
    assert files(broken)["events.parquet"] == files(whole)["events.parquet"]


def test_kill_in_the_middle_leaves_yesterday_usable(tmp_path):
    """The process is killed while the model is written: model, events and nights can be read."""
    folder = tmp_path / "state"
    job(folder).run(before(MIDDLE), as_of=MIDDLE)
    between(MIDDLE, "2024-05-02").data.to_pickle(tmp_path / "new.pkl")
    code = f"""
        import os, signal, warnings
        import pandas as pd
        import crmkit as ck
        from crmkit import _model_file
        warnings.simplefilter("ignore")
        replace = os.replace
        def killed(old, new):
            if str(new).endswith("model.crmkit"):
                os.kill(os.getpid(), signal.SIGKILL)
            replace(old, new)
        os.replace = killed
        log = ck.EventLog(pd.read_pickle({str(tmp_path / "new.pkl")!r}), order="order_id")
        pipeline = ck.pipelines.CustomerValuePipeline(churn=None, stager=None)
        ck.pipelines.DailyScoring({str(folder)!r}, pipeline).run(log, as_of="2024-05-02")
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert ended.returncode == -signal.SIGKILL
    left = [name for name in os.listdir(folder) if name.endswith(".part")]
    assert len(left) == 1, "half a model lies beside the old one"
    assert ck.io.load(folder / "model.crmkit").fitted_as_of_ == "2024-04-20T00:00:00"
    assert job(folder).run(before(MIDDLE), as_of=MIDDLE).fitted_as_of == "2024-04-20T00:00:00"
    assert sorted(files(folder)) == ["events.parquet", "model.crmkit", "nights.json"]
    night = job(folder).run(between(MIDDLE, "2024-05-02"), as_of="2024-05-02")
    assert night.refitted
    expected = pipe().fit_transform(before("2024-05-02"), as_of="2024-05-02")
    pd.testing.assert_frame_equal(night.table, expected, check_dtype=False)


def test_what_cannot_be_used_changes_nothing(tmp_path):
    job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
    state = files(tmp_path)
    bad = between(MIDDLE, "2024-04-22").data.assign(amount=float("nan"))
    with pytest.raises(DataError, match="NaN"):
        job(tmp_path).run(log_of(bad), as_of="2024-04-22")
    assert files(tmp_path) == state


def test_a_night_before_the_model_is_refused(tmp_path):
    job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
    state = files(tmp_path)
    with pytest.raises(DataError, match="is before 2024-04-20T00:00:00, when the model was fitted"):
        job(tmp_path).run(before(MIDDLE), as_of="2024-04-10")
    assert files(tmp_path) == state


def test_events_after_the_night_are_kept_and_unknown(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    expected = job(one).run(before(MIDDLE), as_of=MIDDLE)
    found = job(two).run(before("2024-05-10"), as_of=MIDDLE)
    pd.testing.assert_frame_equal(found.table, expected.table)
    pd.testing.assert_frame_equal(found.watch, expected.watch)
    later = job(two).run(before("2024-05-10"), as_of="2024-05-10", refit=False)
    assert later.n_events["new"] == 0


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library(kind, tmp_path):
    expected = job(tmp_path / "a").run(before(MIDDLE), as_of=MIDDLE)
    given = FRAMES[kind](before(MIDDLE).data)
    found = job(tmp_path / "b").run(log_of(given), as_of=MIDDLE)
    assert type(found.table) is type(given)
    pd.testing.assert_frame_equal(
        to_pandas(found.table), to_pandas(expected.table), check_dtype=False
    )
    more = FRAMES[kind](between(MIDDLE, "2024-04-22").data)
    later = job(tmp_path / "b").run(log_of(more), as_of="2024-04-22")
    assert len(to_pandas(later.table)) >= len(to_pandas(found.table))


@pytest.fixture(scope="module")
def of_contract():
    made = job(refit=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return made.fit(log_of(FRAME), as_of=AS_OF)


@pytest.mark.parametrize("contract", event_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract, of_contract):
    """The model was fitted before; a customer's row is then a function of the own events."""
    contract(lambda log, as_of: without_rank(of_contract.run(log, as_of=as_of).table))


def test_churn_is_watched():
    made = job(pipeline=pipe(churn=quick(horizon="14D", within="45D")))
    made.run(before(MIDDLE), as_of=MIDDLE)
    assert made.monitor_ is not None
    assert made.monitor_.n_reference_ > 20
    gone = made.run(before(MIDDLE), as_of="2024-08-30", refit=False)
    assert any("nobody is active" in each or "Churn" in each for each in gone.alarms)


def test_copies_agree(of_contract, tmp_path):
    expected = of_contract.run(log_of(FRAME), as_of=AS_OF).table
    again = pickle.loads(pickle.dumps(of_contract)).run(log_of(FRAME), as_of=AS_OF).table
    pd.testing.assert_frame_equal(again, expected)
    loaded = ck.io.load(ck.io.save(of_contract, tmp_path / "m", customers=True))
    pd.testing.assert_frame_equal(loaded.run(log_of(FRAME), as_of=AS_OF).table, expected)
    assert clone(of_contract).get_params()["refit"] is None
    assert not hasattr(clone(of_contract), "pipeline_")


def test_old_events_may_be_dropped(tmp_path):
    made = job(tmp_path, keep="40D")
    made.run(before(MIDDLE), as_of=MIDDLE)
    kept = _daily_state.kept_events(tmp_path).to_pandas()
    assert kept["timestamp"].min() >= pd.Timestamp(MIDDLE) - pd.Timedelta(days=40)
    state = files(tmp_path)
    job(tmp_path, keep="40D").run(before(MIDDLE), as_of=MIDDLE)
    assert files(tmp_path)["nights.json"] == state["nights.json"]


def test_what_has_no_meaning_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(DataError, match="refit='12h' must be a whole number of days"):
        job(tmp_path / "new", refit="12h").run(before(MIDDLE), as_of=MIDDLE)
    assert not (tmp_path / "new").exists()


def test_a_night_on_which_nothing_came_is_scored_and_told(tmp_path):
    job(tmp_path).run(before("2024-04-21"), as_of="2024-04-21")
    state = files(tmp_path)
    night = job(tmp_path).run(log_of(FRAME.head(0)), as_of="2024-04-22")
    assert night.n_events == {**night.n_events, "new": 0, "repeated": 0, "late": 0}
    assert night.alarms[0] == "2024-04-21: 0 events, usually 9."
    expected = job().fit(before("2024-04-21"), as_of="2024-04-21").pipeline_
    expected = expected.transform(before("2024-04-21"), as_of="2024-04-22")
    pd.testing.assert_frame_equal(night.table, expected, check_dtype=False)
    assert files(tmp_path)["events.parquet"] == state["events.parquet"]
    with pytest.raises(DataError, match="the frame has no rows"):
        job(tmp_path / "other").run(log_of(FRAME.head(0)), as_of="2024-04-22")


def test_a_night_within_the_first_day_of_a_log():
    made = job().fit(before(MIDDLE), as_of=MIDDLE)
    today = FRAME[FRAME["timestamp"] >= MIDDLE].copy()
    today["timestamp"] = pd.Timestamp("2024-05-02T09:00")
    night = made.run(log_of(today), as_of="2024-05-02T12:00", refit=False)
    assert len(night.table)
    assert set(night.watch["what"]) == {"shares of segment", "shares of tier"}


def test_a_model_that_was_fitted_before_the_first_night_is_kept(tmp_path):
    made = job(tmp_path).fit(before(MIDDLE), as_of=MIDDLE)
    assert not made.run(before("2024-04-21"), as_of="2024-04-21").refitted
    night = job(tmp_path).run(between("2024-04-21", "2024-04-22"), as_of="2024-04-22")
    assert (night.refitted, night.fitted_as_of) == (False, "2024-04-20T00:00:00")


def test_a_generator_of_another_process_is_no_new_setting(tmp_path):
    def made():
        return job(tmp_path, pipeline=pipe(churn=quick(random_state=np.random.RandomState(0))))

    made().run(before(MIDDLE), as_of=MIDDLE)
    assert not made().run(between(MIDDLE, "2024-04-21"), as_of="2024-04-21").refitted


def test_a_second_process_is_refused(tmp_path):
    job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
    state = files(tmp_path)
    with held(tmp_path), pytest.raises(DataError, match="another run is at work"):
        job(tmp_path).run(between(MIDDLE, "2024-04-21"), as_of="2024-04-21")
    assert files(tmp_path) == state
    assert len(job(tmp_path).run(between(MIDDLE, "2024-04-21"), as_of="2024-04-21").table)


def test_each_night_looks_at_customers_once(monkeypatch):
    real, looked = ChurnPipeline._seen, []
    monkeypatch.setattr(ChurnPipeline, "_seen", lambda *asked: looked.append(1) or real(*asked))
    made = job(pipeline=pipe(churn=quick(horizon="14D", within="45D")))
    assert made.run(before(MIDDLE), as_of=MIDDLE).refitted
    assert len(looked) == 1
    made.run(before("2024-04-21"), as_of="2024-04-21")
    assert len(looked) == 2


def test_a_folder_of_something_else_is_refused(tmp_path):
    ck.io.save(pipe().fit(before(MIDDLE)), tmp_path / "model.crmkit")
    with pytest.raises(DataError, match="is a CustomerValuePipeline, no state of DailyScoring"):
        job(tmp_path).run(before(MIDDLE), as_of=MIDDLE)
