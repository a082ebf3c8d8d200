"""What a report tells of single customers: their tags, and who behaves unlike the others."""

from dataclasses import dataclass, field
from typing import Any, Self

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.report._quiet import silence_is_told
from crmkit.segment import CustomerProfile, UnusualBehaviour

OWNER = "ProfileContent"


@dataclass(frozen=True, eq=False)
class ProfileContent:
    """What a report tells of tags: a fitted profile in, a section out.

    Parameters
    ----------
    profile : CustomerProfile, default=None
        Fitted; None where tags could not be made.
    note : str, default=""
        Why they could not be made.

    Examples
    --------
    >>> from crmkit.report import ProfileContent
    >>> ProfileContent(note="Nobody bought.").profile is None
    True
    """

    profile: CustomerProfile | None = field(default=None, repr=False)
    note: str = ""

    @classmethod
    def from_log(cls, profile: CustomerProfile, log: EventLog, *, as_of: Any = None) -> Self:
        """Tag the customers of a log: a profile and the log in, content out.

        Parameters
        ----------
        profile : CustomerProfile
            Which tags; it is fitted here.
        log : EventLog
            The events.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; tags are of the midnight at or before it. None is midnight after the
            last event.

        Returns
        -------
        ProfileContent
            For ``ReportContent.from_pipeline(..., profile=...)``. A log that cannot be tagged gives
            a note, a column that is not there an error.

        Raises
        ------
        DataError
            If a column of the profile is not there.
        """
        try:
            return cls(profile.fit(log, as_of=log.cutoff(as_of, OWNER).date()))
        except DataError as error:
            if any((profile.category, profile.channel, profile.promotion)):
                raise
            return cls(note=str(error))


@dataclass(frozen=True, eq=False)
class UnusualContent:
    """What a report tells of unusual behaviour: a fitted detector and its answer in, a section out.

    Parameters
    ----------
    detector : UnusualBehaviour, default=None
        Fitted; None where nobody could be judged.
    judged : frame, default=None
        From ``detector.predict_frame(log)``, collected.
    note : str, default=""
        Why nobody could be judged.

    Examples
    --------
    >>> from crmkit.report import UnusualContent
    >>> UnusualContent(note="Nobody bought of late.").detector is None
    True
    """

    detector: UnusualBehaviour | None = field(default=None, repr=False)
    judged: Any = field(default=None, repr=False)
    note: str = ""

    @classmethod
    def from_log(
        cls, log: EventLog, detector: UnusualBehaviour | None = None, *, as_of: Any = None
    ) -> Self:
        """Judge the customers of a log: the log in, content out.

        Parameters
        ----------
        log : EventLog
            The events.
        detector : UnusualBehaviour, default=None
            What is asked; it is fitted here. None is ``UnusualBehaviour()``: one false alarm in a
            thousand.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; judged is at the midnight at or before it. None is midnight after
            the last event.

        Returns
        -------
        UnusualContent
            For ``ReportContent.from_pipeline(..., unusual=...)``. A log of which nobody can be
            judged gives a note.
        """
        detector = UnusualBehaviour() if detector is None else detector
        try:
            day = log.cutoff(as_of, OWNER).date()
            with silence_is_told():
                found = detector.fit(log, as_of=day).predict_frame(log, as_of=day)
        except DataError as error:
            return cls(note=str(error))
        return cls(detector, _frames.to_eager(found))
