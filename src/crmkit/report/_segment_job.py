"""The parts of the whole job about movement, tags and unusual behaviour."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.pipelines import CustomerValuePipeline
from crmkit.report._movement_content import MovementContent
from crmkit.report._numbers import plural
from crmkit.report._profile_content import ProfileContent, UnusualContent
from crmkit.segment import CustomerProfile

OWNER = "crmkit report"


@dataclass(frozen=True)
class ProfileJob:
    """What tags are read from, beside money and times; None leaves a tag out."""

    category: str | None = None
    channel: str | None = None
    promotion: str | None = None


def movement_content(
    pipe: CustomerValuePipeline,
    log: EventLog,
    cutoff: datetime,
    asked: bool,
    say: Callable[[str], None],
) -> MovementContent | None:
    """What the report tells of movement; None where it was not asked for."""
    if not asked:
        return None
    made = MovementContent.from_log(pipe.stager_, log, as_of=cutoff)
    if made.moves is None:
        say(f"who moved cannot be told: {made.note}")
    else:
        dates = made.moves.dates
        say(f"followed customers over {len(dates)} dates from {dates[0]:%Y-%m-%d}")
    return made


def profile_content(
    pipe: CustomerValuePipeline,
    log: EventLog,
    cutoff: datetime,
    job: ProfileJob | None,
    say: Callable[[str], None],
) -> ProfileContent | None:
    """What the report tells of tags; None where they were not asked for."""
    if job is None:
        return None
    profile = CustomerProfile(job.category, job.channel, job.promotion, stager=pipe.stager_)
    made = ProfileContent.from_log(profile, log, as_of=cutoff)
    say("tagged the customers" if made.profile is not None else "customers cannot be tagged")
    return made


def unusual_content(
    log: EventLog, cutoff: datetime, asked: bool, say: Callable[[str], None]
) -> UnusualContent | None:
    """What the report tells of unusual behaviour; None where it was not asked for."""
    if not asked:
        return None
    made = UnusualContent.from_log(log, as_of=cutoff)
    if made.detector is None:
        say("who behaves unlike the others cannot be told")
    else:
        say(f"flagged {plural(int(made.detector.n_flagged_), 'customer')} as unusual")
    return made


def profile_table(
    customers: Any, profile: ProfileContent | None, unusual: UnusualContent | None
) -> pd.DataFrame | None:
    """Tags and reasons of a flag of each customer, in the order of the customers; None of neither.

    Who bought for the first time since the midnight of the tags has none.
    """
    name = _frames.column_names(customers, OWNER)[0]
    made = pd.DataFrame({name: customers[name]})
    if profile is not None and profile.profile is not None:
        tags = profile.profile.profile_frame()
        made = made.merge(tags, how="left", on=name)
    if unusual is not None and unusual.detector is not None:
        reasons = unusual.judged[[name, "reasons"]].rename(columns={"reasons": "unusual"})
        made = made.merge(reasons, how="left", on=name)
    return made if len(made.columns) > 1 else None
