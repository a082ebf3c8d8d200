"""What a fitted `CustomerProfile` tells: tags by customer, their evidence, shares, definitions."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_choice
from crmkit.base import Estimator
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.segment._lifecycle import LifecycleStager
from crmkit.segment._profile_checks import day_number
from crmkit.segment._profile_frames import (
    definition_rows,
    life_cycle_tag,
    long_columns,
    share_columns,
    sizes_of,
    tag_columns,
    told_tag,
)
from crmkit.segment._profile_people import people_of
from crmkit.segment._profile_state import ProfileState, from_dict
from crmkit.segment._tags import Tag, tags_of

if TYPE_CHECKING:
    import pandas as pd

Ids = npt.NDArray[Any]

LIMITS = ("top", "min_evidence", "min_lift", "confidence")


class ProfileAnswers(Estimator):
    """Base of `CustomerProfile`: all that is asked of it once it is fitted."""

    as_of_: str
    fitted_as_of_: str
    rules_: dict[str, Any]
    state_: dict[str, Any]
    people_: dict[str, Any] | None
    stager_: LifecycleStager | None
    log_: dict[str, Any]

    def profile_frame(self) -> Any:
        """Tags of everybody known: nothing in, a frame of one row per customer out.

        Returns
        -------
        dataframe
            In the library of the log of `fit`, sorted by id, one row for everybody who has bought:
            the id, the columns that `customers` told, and one column of words for each tag.
        """
        check_is_fitted(self)
        return self._profile(from_dict(self.state_).buyers(), day_number(self.as_of_), None)

    def tags(self, customers: Any = None) -> Any:
        """Tags with their evidence: nothing or some ids in, a frame of one row per tag out.

        Parameters
        ----------
        customers : sequence of ids, default=None
            Customers to tell; None tells all.

        Returns
        -------
        dataframe
            In the library of the log of `fit`, by id and in the order of the tags: the id, `tag`,
            `value`, `evidence` (in words), `score` (the number behind it, NaN for what was told)
            and `date` (last day that speaks for it, missing for what was told). What is missing,
            "(none)" or "(unknown)" has no row.

        Raises
        ------
        DataError
            If one of the ids is not known.
        """
        check_is_fitted(self)
        buyers = from_dict(self.state_).buyers()
        some = self._places(customers, buyers.ids)
        made = long_columns(self._tags(buyers, day_number(self.as_of_)), buyers.ids, some)
        return self._framed(made, None)

    def shares(self, part: str = "category", customers: Any = None) -> Any:
        """Counts and shares behind a tag: a part and perhaps ids in, a row per word out.

        Parameters
        ----------
        part : {"category", "channel", "promotion", "time", "week"}, default="category"
            What is counted. Days with a purchase; for "promotion" lines.
        customers : sequence of ids, default=None
            Customers to tell; None tells all.

        Returns
        -------
        dataframe
            In the library of the log of `fit`, by id and word: the id, `word`, `count`, `share`
            (drawn to that of all, 0 to 1), `usual` (share of all at `fit`), `lift` (their ratio)
            and `date` (of the last one). Words that a customer never met have no row.

        Raises
        ------
        DataError
            If the part was not asked for in `fit`, or one of the ids is not known.
        """
        check_is_fitted(self)
        parts = [name for name in self.state_["tables"] if name in self.rules_ and name != "season"]
        check_choice(part, "part", parts, type(self).__name__)
        buyers = from_dict(self.state_).buyers()
        some = self._places(customers, buyers.ids)
        made = share_columns(buyers.tables[part], self.rules_[part], buyers.ids, some)
        return self._framed(made, None)

    def definitions(self) -> "pd.DataFrame":
        """What every tag means: nothing in, a pandas frame of one row per tag out.

        Returns
        -------
        DataFrame
            The columns tag, definition, columns (that are read), thresholds (as frozen) and
            frozen_at (the day of `fit`).
        """
        import pandas as pd  # here, so that segment loads without it

        check_is_fitted(self)
        rows = definition_rows(self)
        made = pd.DataFrame(rows, columns=["tag", "definition", "columns", "thresholds"])
        return made.assign(frozen_at=self.fitted_as_of_)

    def describe(self) -> "pd.DataFrame":
        """How many customers have which tag: nothing in, a pandas frame of one row per value out.

        Returns
        -------
        DataFrame
            The columns tag, value, n_customers and share_of_customers (0 to 1), values by size;
            of what customers told only words.
        """
        import pandas as pd  # here, so that segment loads without it

        check_is_fitted(self)
        buyers = from_dict(self.state_).buyers()
        return pd.DataFrame(
            sizes_of(self._columns(buyers, day_number(self.as_of_)), len(buyers.ids))
        )

    def _tags(self, buyers: ProfileState, day: int) -> list[Tag]:
        """All tags of buyers, what they told first."""
        limits = {name: getattr(self, name) for name in LIMITS}
        return [
            *(told_tag(name, values) for name, values in self._people(buyers.ids).items()),
            *tags_of(buyers, self.rules_, day, limits),
            *([] if self.stager_ is None else [life_cycle_tag(self.stager_, buyers, day)]),
        ]

    def _people(self, ids: Ids) -> dict[str, Ids]:
        return {} if self.people_ is None else people_of(self.people_, ids)

    def _columns(self, buyers: ProfileState, day: int) -> dict[str, Ids]:
        """Columns of the profile but the id."""
        people = self._people(buyers.ids)
        return {**people, **tag_columns(self._tags(buyers, day)[len(people) :])}

    def _profile(self, buyers: ProfileState, day: int, log: EventLog | None) -> Any:
        columns = self._columns(buyers, day)
        return self._framed({"": buyers.ids, **columns}, log)

    def _framed(self, columns: dict[str, Ids], log: EventLog | None) -> Any:
        """Frame of columns, the ids first, in the library of the log or that of `fit`."""
        owner = type(self).__name__
        name = self.log_["customer"] if log is None else log.customer
        if name in columns:
            raise DataError(
                f"{owner}: the customer id is called {name!r}, as is a new column "
                f"({', '.join(k for k in columns if k)}). Rename it first."
            )
        told = self.log_["ids"] if log is None else _frames.id_types(log.data, [name], owner)
        made = {name if k == "" else k: v for k, v in columns.items()}
        return _frames.id_frame(made, told, like=None if log is None else log.data)

    def _places(self, customers: Any, ids: Ids) -> npt.NDArray[np.int64]:
        """Places of customers among the ids; all where none are named."""
        if customers is None:
            return np.arange(len(ids))
        owner = type(self).__name__
        wanted = _frames.id_values(customers, "customers", owner)
        place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        unknown = ids[place] != wanted
        if unknown.any():
            raise DataError(
                f"{owner}: the customer {wanted[unknown][0].item()!r} has not bought before "
                f"{self.as_of_}."
            )
        return np.unique(place)
