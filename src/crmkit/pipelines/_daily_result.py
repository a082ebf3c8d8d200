"""What a night of DailyScoring gives back: the table, what was done, and what is unlike before."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit._notebook import Told


@dataclass(frozen=True, eq=False, repr=False)
class DailyResult(Told):
    """Result of `DailyScoring.run`: the table of the night, what was done, and alarms in words.

    Parameters
    ----------
    table : frame of customers
        What `CustomerValuePipeline.transform` gives, in the library of the log.
    as_of : str
        The cut-off of the night, in ISO 8601.
    fitted_as_of : str
        The cut-off that the model was fitted at.
    refitted : bool
        Whether it was fitted tonight.
    n_events : dict of str to int
        "known" of all that is known; of the log that came tonight "new", "repeated" (known from
        former nights) and "late" (new, of before the night before); none that are too old to keep.
    done : tuple of str
        What was done, in sentences.
    alarms : tuple of str
        What is unlike the past nights, in sentences; nothing where all is as usual.
    watch : pandas.DataFrame
        All that was compared: `what`, `day`, `usual`, `now`, `limit` (a factor for numbers, points
        for shares, an index for shifts) and `alarm`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.pipelines import DailyResult
    >>> night = DailyResult(
    ...     pd.DataFrame(), "2024-07-02T00:00:00", "2024-07-01T00:00:00", False, {"known": 100},
    ...     ("Scored 40 customers.",), ("2024-07-01: 2 events, usually 31.",), pd.DataFrame(),
    ... )
    >>> print(night)
    2024-07-02, model of 2024-07-01
      Scored 40 customers.
    ! 2024-07-01: 2 events, usually 31.
    >>> night.ok
    False
    """

    table: Any
    as_of: str
    fitted_as_of: str
    refitted: bool
    n_events: dict[str, int]
    done: tuple[str, ...]
    alarms: tuple[str, ...]
    watch: pd.DataFrame

    @property
    def ok(self) -> bool:
        """Whether nothing raised an alarm: ``sys.exit(not result.ok)`` tells cron."""
        return not self.alarms

    def _tables(self) -> dict[str, pd.DataFrame]:
        found = {"Alarms": pd.DataFrame({"alarm": self.alarms}), "Compared": self.watch}
        return {title: table for title, table in found.items() if len(table)}

    def __repr__(self) -> str:
        n = len(self.alarms)
        found = f"{n or 'no'} alarm{'' if n == 1 else 's'}"
        nights = f"{short(self.as_of)}, model of {short(self.fitted_as_of)}"
        return f"<DailyResult of {nights}: {found}>"

    def __str__(self) -> str:
        lines = [f"{short(self.as_of)}, model of {short(self.fitted_as_of)}"]
        lines += [f"  {each}" for each in self.done]
        return "\n".join([*lines, *(f"! {each}" for each in self.alarms)])


def short(instant: str) -> str:
    """An instant without a midnight."""
    day, _, time = instant.partition("T")
    return day if time.startswith("00:00:00") else instant
