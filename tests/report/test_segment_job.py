"""The parts of the whole job about movement, tags and flags: said, left out, written."""

import pandas as pd

from crmkit.pipelines import CustomerValuePipeline
from crmkit.report import ProfileContent, UnusualContent, _run
from crmkit.report._segment_job import (
    ProfileJob,
    movement_content,
    profile_content,
    profile_table,
    unusual_content,
)
from tests.report._moved import DAY, log_of_days
from tests.report._tagged import LOG, fitted, profile, report, unusual

CUTOFF = LOG.cutoff(DAY)


def test_each_part_says_what_it_did():
    said = []
    pipe, _ = fitted()
    made = movement_content(pipe, LOG, CUTOFF, True, said.append)
    tags = profile_content(pipe, LOG, CUTOFF, ProfileJob("kind"), said.append)
    flags = unusual_content(LOG, CUTOFF, True, said.append)
    assert made.moves.segmenter is pipe.stager_
    assert tags.profile.stager_ is pipe.stager_
    first = f"{made.moves.dates[0]:%Y-%m-%d}"
    n = int(flags.detector.n_flagged_)
    assert said == [
        f"followed customers over 3 dates from {first}",
        "tagged the customers",
        f"flagged {n} customer{'' if n == 1 else 's'} as unusual",
    ]


def test_parts_are_left_out():
    pipe, said = fitted()[0], []
    assert movement_content(pipe, LOG, CUTOFF, False, said.append) is None
    assert profile_content(pipe, LOG, CUTOFF, None, said.append) is None
    assert unusual_content(LOG, CUTOFF, False, said.append) is None
    assert said == []


def test_what_cannot_be_told_is_said():
    log, said = log_of_days(3), []
    movement_content(fitted()[0], log, log.cutoff(), True, said.append)
    pipe = CustomerValuePipeline()
    pipe.stager_ = None
    movement_content(pipe, log, log.cutoff(), True, said.append)
    assert said == [
        "who moved cannot be told: the log covers 3 days, two weeks at least are needed",
        "who moved cannot be told: there are no stages of life to follow",
    ]
    late = LOG.cutoff("2026-10-20")
    unusual_content(LOG, late, True, said.append)
    assert said[-1] == "who behaves unlike the others cannot be told"


def test_tags_and_flags_are_joined_by_id():
    customers = fitted()[1]
    table = profile_table(customers, profile(), unusual())
    assert table["customer_id"].tolist() == customers["customer_id"].tolist()
    frame = profile().profile.profile_frame()
    pd.testing.assert_frame_equal(table.drop(columns="unusual"), frame)
    assert table["unusual"].tolist() == unusual().judged["reasons"].tolist()


def test_nothing_told_is_no_table():
    customers = fitted()[1]
    assert profile_table(customers, None, None) is None
    assert profile_table(customers, ProfileContent(note="x"), UnusualContent(note="y")) is None
    alone = profile_table(customers, None, unusual())
    assert alone.columns.tolist() == ["customer_id", "unusual"]


def test_who_came_since_midnight_has_no_tags():
    customers = fitted()[1]
    late = pd.concat([customers, customers.tail(1).assign(customer_id="z")], ignore_index=True)
    table = profile_table(late, profile(), None)
    assert table["customer_id"].tolist()[-1] == "z"
    assert table.iloc[-1, 1:].isna().all()


def test_the_file_of_tags_is_written_where_there_are_tags(tmp_path):
    paths = _run.write_files(report(profile=profile()), tmp_path)
    assert [path.name for path in paths] == [*_run.files_of(["html"]), "profile.csv"]
    read = pd.read_csv(tmp_path / "profile.csv", keep_default_na=False)
    assert read["customer_id"].tolist() == fitted()[1]["customer_id"].tolist()
    assert set(read["channel"]) == {"web", "(unknown)"}
