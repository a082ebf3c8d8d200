"""The whole job: a log in; customers, their values and tags, a check and a page out, as files."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from crmkit._optional import require
from crmkit._units import DAYS, UNITS_PER_YEAR, in_unit
from crmkit._validation import check_choice
from crmkit.clv import CustomerLifetimeValue
from crmkit.events import EventLog
from crmkit.exceptions import CrmkitWarning, DataError, DataWarning, warn_user
from crmkit.pipelines import CustomerValuePipeline, HoldoutReport, holdout_report
from crmkit.report._build import write_document
from crmkit.report._churn_job import ChurnJob, churn_content, offer_of, recipe_of
from crmkit.report._content import ReportContent
from crmkit.report._files import whole_file
from crmkit.report._numbers import plural, span
from crmkit.report._offers_job import OffersJob, items_of, offers_content, recommender_of
from crmkit.report._page import document
from crmkit.report._past import on_past_data
from crmkit.report._quality_job import RecordsJob, ids_of, joined, quality_content
from crmkit.report._segment_job import (
    ProfileJob,
    movement_content,
    profile_content,
    profile_table,
    unusual_content,
)

OWNER = "crmkit report"
CUSTOMERS = ("customers.parquet", "customers.csv")
FORMATS = ("html", "json", "parquet")
N_TOP, FEW = 20, 100  # customers that are listed; below which forecasts are a guess
TAGS = "profile.csv"


@dataclass(frozen=True)
class Job:
    """What to compute: horizon and cut-offs, in `unit`; None is a default read from the log."""

    horizon: float | str | None = None
    unit: Literal["h", "D", "W", "M"] = "W"
    as_of: str | None = None
    discount_rate: float = 0.1
    margin: float = 1.0
    check: bool = True
    check_from: str | None = None
    churn: ChurnJob | None = field(default_factory=ChurnJob)
    offers: OffersJob | None = field(default_factory=OffersJob)
    movement: bool = True
    profile: ProfileJob | None = field(default_factory=ProfileJob)
    unusual: bool = True
    quality: bool = True
    records: RecordsJob | None = None
    formats: tuple[str, ...] = ("html",)
    title: str = "Customer value report"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a job made: the content of the report, and where the files are."""

    content: ReportContent
    paths: list[Path]


def run_job(log: EventLog, out: Path, job: Job, say: Callable[[str], None]) -> Outcome:
    """Value the customers of a log of pandas, check the forecast, write the files.

    `say` is told each finished step. The files appear whole or not at all.
    """
    for module in ("jinja2", "matplotlib", "pyarrow"):
        require(module, extra="report", purpose=OWNER)
    check_choice(job.unit, "unit", UNITS_PER_YEAR, OWNER)
    check_folder(out, job)
    horizon = horizon_of(job)
    cutoff = log.cutoff(job.as_of, OWNER)
    say(f"read {plural(log.facts.n_rows, 'row')}")
    content = content_of(log, job, horizon, cutoff, say)
    paths = write_files(content, out, job.formats)
    say(f"wrote {plural(len(paths), 'file')}")
    return Outcome(content, paths)


def content_of(
    log: EventLog, job: Job, horizon: float, cutoff: datetime, say: Callable[[str], None]
) -> ReportContent:
    """Everything the report tells, computed."""
    pipe = pipeline_of(job, horizon)
    with heard_warnings() as notes:
        found = quality_content(log, job.records, None, job.quality, say)
        log, merged = joined(log, job.records, say)
        check_enough(log)
        items = items_of(job.offers, log)
        customers = pipe.fit_transform(log, as_of=cutoff, items=items)
    n = plural(len(customers), "customer")
    if pipe.value_ is None:
        say(f"described {n}; what they are worth cannot be told")
        holdout, note = None, "there is no forecast"
    else:
        say(f"valued {n} over the next {span(horizon, job.unit)}")
        holdout, note = checked(log, cutoff, horizon, job, say)
    return ReportContent.from_pipeline(
        pipe,
        log,
        customers,
        holdout=holdout,
        holdout_note=note,
        notes=notes,
        churn=churn_content(pipe, log, cutoff, job.check, say),
        offers=offers_content(pipe, log, customers, cutoff, job.check, items, say),
        movement=movement_content(pipe, log, cutoff, job.movement, say),
        profile=profile_content(pipe, log, cutoff, job.profile, say),
        unusual=unusual_content(log, cutoff, job.unusual, say),
        quality=None if found is None else replace(found, merged=merged),
        title=job.title,
    )


def check_enough(log: EventLog) -> None:
    """Refuse a single customer; warn of few."""
    n = len(ids_of(log))
    if n < 2:
        raise DataError(
            f"{OWNER}: the file has purchases of {plural(n, 'customer')}. How customers differ "
            "cannot be told from that: look whether --customer names the column of customer ids."
        )
    if n < FEW:
        warn_user(
            f"{OWNER}: {n} customers are few. Counts and shares hold; forecasts need some hundred "
            "customers, so take them for a first guess.",
            DataWarning,
        )


def pipeline_of(job: Job, horizon: float) -> CustomerValuePipeline:
    """The recipe with what was asked for."""
    value = CustomerLifetimeValue(
        horizon=horizon, discount_rate=job.discount_rate, margin=job.margin, unit=job.unit
    )
    return CustomerValuePipeline(
        unit=job.unit,
        value=value,
        churn=recipe_of(job.churn),
        offer=offer_of(job.churn),
        recommender=recommender_of(job.offers),
    )


@contextmanager
def heard_warnings() -> Iterator[list[str]]:
    """Give a list that holds, after the block, the texts of crmkit's warnings; they go on too."""
    texts: list[str] = []
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", CrmkitWarning)
            yield texts
    finally:
        texts.extend(dict.fromkeys(str(w.message) for w in caught))
        for warning in caught:
            warnings.warn(warning.message, stacklevel=4)


def files_of(formats: Iterable[str]) -> list[str]:
    """Names of the files of customers and of the report, each once."""
    return [*CUSTOMERS, *(f"report.{form}" for form in dict.fromkeys(formats))]


def check_folder(out: Path, job: Job) -> None:
    """See, before any work is done, that the folder `out` can be made and its files replaced."""
    standing = next(place for place in (out, *out.absolute().parents) if place.exists())
    if not standing.is_dir():
        raise DataError(f"{OWNER}: {standing} is a file. Name a folder for the results.")
    if not os.access(standing, os.W_OK | os.X_OK):
        raise DataError(
            f"{OWNER}: {standing} cannot be written to. Name another folder with --out."
        )
    for form in job.formats:
        check_choice(form, "--format", FORMATS, OWNER)
    for name in (*files_of(job.formats), TAGS):
        if (out / name).is_dir():
            raise DataError(f"{OWNER}: {out / name} is a folder. Move it, or name another place.")


def write_files(
    content: ReportContent, out: Path, formats: Iterable[str] = ("html",)
) -> list[Path]:
    """Write customers, report and tags into the folder `out`, each whole, once all are made."""
    made = document(content, N_TOP)
    tags = profile_table(content.customers, content.profile, content.unusual)
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / name for name in (*files_of(formats), *([] if tags is None else [TAGS]))]
    with ExitStack() as stack:
        parquet, csv, *more = (stack.enter_context(whole_file(path)) for path in paths)
        content.customers.to_parquet(parquet, index=False)
        content.customers.to_csv(csv, index=False)
        for form, path in zip(dict.fromkeys(formats), more, strict=False):
            write_document(made, path, form)
        if tags is not None:
            tags.to_csv(more[-1], index=False)
    return paths


def checked(
    log: EventLog, cutoff: datetime, horizon: float, job: Job, say: Callable[[str], None]
) -> tuple[HoldoutReport | None, str]:
    """Holdout report and "", or None and the reason why there is none."""
    if not job.check:
        note = "this report was made without a holdout check"
        say(f"no check: {note}")
        return None, note

    def check() -> HoldoutReport:
        start, length, unit = check_window(log, cutoff, horizon, job)
        return holdout_report(log, as_of=start, horizon=length, unit=unit, level=None)

    return on_past_data(check, "a holdout check", "the forecast", say)


def check_window(
    log: EventLog, cutoff: datetime, horizon: float, job: Job
) -> tuple[datetime, float, str]:
    """Begin, length and unit of the check: the horizon, but at most the last third of the log."""
    unit = "W" if job.unit == "M" else job.unit  # months differ in length: weeks do not
    whole = timedelta(days=DAYS[unit])
    if job.check_from is not None:
        start = log.cutoff(job.check_from, OWNER)
        return start, (cutoff - start) / whole, unit
    ahead = horizon * DAYS[job.unit] / DAYS[unit]
    length = int(min(ahead, (cutoff - log.first_event) / whole / 3))
    if length < 1:
        raise DataError(f"{OWNER}: it covers less than {span(3, unit)}")
    return cutoff - length * whole, float(length), unit


def horizon_of(job: Job) -> float:
    """Length of the forecast in the unit of the job; a year where none is given."""
    if job.horizon is None:
        return float(int(UNITS_PER_YEAR[job.unit]))
    horizon = in_unit(job.horizon, job.unit, OWNER)
    if not horizon > 0:
        raise DataError(f"{OWNER}: horizon must be above 0, got {job.horizon!r}.")
    return horizon
