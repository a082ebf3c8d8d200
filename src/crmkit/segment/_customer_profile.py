"""CustomerProfile: a table of tags for every customer, each with evidence, kept up to date.

What is kept of a customer are counts, sums and a few days (see `_profile_state`), so that new
events are added without reading the old ones again. What a tag means is frozen in `fit`.
"""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_choice
from crmkit.events import EventLog
from crmkit.events._customers_at import longest_silence, warn_of_silence
from crmkit.events._event_log import check_log
from crmkit.events._ledger import day_of
from crmkit.exceptions import DataError
from crmkit.segment._by_id import check_kinds
from crmkit.segment._profile_answers import ProfileAnswers
from crmkit.segment._profile_checks import (
    NAMED,
    check_alike,
    check_columns,
    checked_quantiles,
    day_number,
    has_events_before,
    new_day,
    ready_stager,
    silences,
    tell_late,
    tell_silence,
)
from crmkit.segment._profile_events import Asked, Seen, read_state
from crmkit.segment._profile_people import add_people, check_people, read_people
from crmkit.segment._profile_rules import learn_rules
from crmkit.segment._profile_state import ProfileState, add_states, from_dict, pruned
from crmkit.segment._tags import tag_names


class CustomerProfile(ProfileAnswers):
    """Tag customers all around: an event log in, one row of tags per customer out.

    Use it for the card of a customer, for picking people by tags, and as the table that other
    tools read; new events are added by `update` without the history. Do not use tags where a model
    can use the numbers behind them: a churn or value model does better with `summarize`.

    ================= ==========================================================================
    tag               what it tells
    ================= ==========================================================================
    columns told      what `customers` tells, "(missing)" where it does not
    spending_power    low, medium, high: mean spend of a purchase day, between frozen quantiles
    preference_1 ...  categories that a customer surely buys more of than others do
    channel           the one that holds half or more, else several
    price_sensitivity low, usual, high: the share of lines bought on promotion
    time_of_day       morning, midday, afternoon, evening, night, where more than usual
    week              weekend, weekday or any day
    season            Dec-Feb and so on, where more than expected while the customer was there
    engagement        shallow, medium, deep: purchase days a month and different categories
    life_cycle        the stage of a `LifecycleStager`
    ================= ==========================================================================

    A tag that has no column to read is not made: no times of day where all are midnight, no season
    before a customer has lived through all four. "(unknown)" says that there is too little
    evidence, "(none)" that there is enough and nothing stands out.

    Parameters
    ----------
    category : str, default=None
        Column of the log with the category of what was bought; None makes no preferences.
    channel : str, default=None
        Column of the log with the channel.
    promotion : str, default=None
        Column of the log with flags, or amounts of discount of which any but 0 is a promotion. A
        missing one is none.
    top : int, default=3
        Number of preferences, at least 1.
    min_evidence : int, default=3
        Purchase days (for `price_sensitivity` lines) below which nothing is said, at least 1.
    min_lift : float, default=1.2
        How many times the usual share a share must be to stand out, at least 1.
    confidence : float, default=0.95
        Chance that a share is above the usual one from which on this is said, between 0 and 1.
    quantiles : sequence of 2 float, default=(0.25, 0.75)
        Shares of the customers of `fit` below the two edges of `spending_power` and `engagement`.
    stager : LifecycleStager, default=None
        Whose stages are told. A fitted one is used as it is, any other is cloned and fitted to the
        log of `fit`; None takes the default one.

    Attributes
    ----------
    as_of_ : str
        Day that the profile is of; events at or after it are unknown.
    fitted_as_of_ : str
        Day at which the rules were frozen.
    rules_ : dict
        What is frozen: usual shares, strengths and edges.
    state_ : dict
        What is remembered of customers, as plain arrays and sparse matrices.
    people_ : dict or None
        What `customers` told.
    stager_ : LifecycleStager or None
        The fitted stager; None where nobody had bought on two days.
    log_ : dict
        Names and rules of the log of `fit`.
    n_late_ : int
        Events that came late and were dropped.
    longest_silence_ : int
        Most days in a row on which nobody bought.

    See Also
    --------
    LifecycleStager : The stages alone.
    BehaviourSegmenter : Groups instead of tags.

    Notes
    -----
    Days with a purchase are counted, not lines: several orders of a day are one occasion. Money is
    added up in whole millionths. Both make the sums exact, so that updates give what a reading of
    all events would have given.

    Shares are drawn to those of all customers, the more the fewer purchases there are, by a
    Dirichlet prior whose strength is found from the data of `fit`: 2 of 3 is no preference, 20 of
    30 is. With hundreds of categories some customers stand out by chance; raise `confidence` where
    that matters.

    References
    ----------
    .. [1] Mosimann, J. E. (1962). On the compound multinomial distribution. Biometrika 49, 65-82.
    .. [2] Weir, B. S., Hill, W. G. (2002). Estimating F-statistics. Annual Review of Genetics 36,
       721-750.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.segment import CustomerProfile
    >>> events = pd.DataFrame({
    ...     "customer_id": ["a"] * 12 + ["b"] * 12,
    ...     "timestamp": pd.date_range("2024-01-01", periods=12, freq="7D").tolist() * 2,
    ...     "amount": [10.0] * 12 + [50.0] * 12,
    ...     "kind": ["tea"] * 11 + ["coffee"] * 13,
    ... })
    >>> profile = CustomerProfile(category="kind", top=1).fit(ck.EventLog(events))
    >>> profile.profile_frame()[["customer_id", "spending_power", "preference_1"]]
      customer_id spending_power preference_1
    0           a            low          tea
    1           b         medium       coffee
    >>> print(profile.tags(["a"])["evidence"][1])
    on 11 of 12 purchase days; a share of 91.3%, 45.3% is usual
    >>> new = events.tail(1).assign(timestamp=pd.Timestamp("2024-04-01"), customer_id="c")
    >>> profile.update(ck.EventLog(new)).profile_frame()["customer_id"].tolist()
    ['a', 'b', 'c']
    """

    _customer_data: ClassVar[tuple[str, ...]] = ("state_",)

    def __init__(
        self,
        category: str | None = None,
        channel: str | None = None,
        promotion: str | None = None,
        *,
        top: int = 3,
        min_evidence: int = 3,
        min_lift: float = 1.2,
        confidence: float = 0.95,
        quantiles: Any = (0.25, 0.75),
        stager: Any = None,
    ) -> None:
        self.category = category
        self.channel = channel
        self.promotion = promotion
        self.top = top
        self.min_evidence = min_evidence
        self.min_lift = min_lift
        self.confidence = confidence
        self.quantiles = quantiles
        self.stager = stager

    def fit(self, log: EventLog, customers: Any = None, *, as_of: Any = None) -> Self:
        """Freeze what tags mean and remember everybody: events in, the fitted profile out.

        Parameters
        ----------
        log : EventLog
            The events.
        customers : dataframe, default=None
            What customers told of themselves, one row each: the id (the column called as in the
            log, else the first) and columns of numbers or words.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the beginning of a day; None is midnight after the last event.

        Returns
        -------
        CustomerProfile
            The fitted profile itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, a column is missing, or nobody bought before the cut-off.

        Warns
        -----
        DataWarning
            If nobody bought on two days, so that there is no life cycle to tell, nobody whom
            `customers` tells of has bought, or the date lies further behind the end of the log than
            it was ever silent.
        """
        owner = type(self).__name__
        check_log(log, owner)
        quantiles = checked_quantiles(self, owner)
        check_columns(log, self, owner)
        people = None if customers is None else read_people(customers, log.customer, owner)
        cutoff = log.cutoff(as_of, owner)
        day = day_of(cutoff, owner, "as_of")
        seen = self._seen(log, None, day, owner)
        buyers = seen.state.buyers()
        rules = learn_rules(buyers, day, quantiles, seen.has_times)
        staged = bool((buyers.n_days > 1).any() or self.stager is not None)
        if people is not None:
            check_people(people, buyers.ids, tag_names(rules, self.top, staged), owner)
        stager = ready_stager(self.stager, log, cutoff, seen, owner)
        self.rules_ = rules
        self.stager_, self.people_, self.n_late_ = stager, people, 0
        self.log_ = {
            **{name: getattr(log, name) for name in NAMED},
            "ids": _frames.id_types(log.data, [log.customer], owner),
        }
        self.longest_silence_ = longest_silence(seen.days)
        self._keep(seen.state, day)
        self.fitted_as_of_ = self.as_of_
        return self

    def update(
        self, log: EventLog | None, customers: Any = None, *, as_of: Any = None, late: str = "raise"
    ) -> Self:
        """Add new events and move the date: only new events in, the profile itself out.

        What tags mean stays as it was in `fit`. The result is that of all events read at once
        under these rules.

        Parameters
        ----------
        log : EventLog or None
            Events at or after `as_of_` and no others, with the columns of the log of `fit`; None
            where nothing was bought.
        customers : dataframe, default=None
            More of what customers told, as in `fit`; who is told again is told anew.
        as_of : str, date, datetime or None, default=None
            The new exclusive cut-off, the beginning of a day, not before `as_of_`; None is midnight
            after the last event. Events at or after it are left out: give them again later.
        late : {"raise", "drop"}, default="raise"
            What happens to events before `as_of_`. They may be known already, and cannot be told
            from those that are not: "raise" refuses all, "drop" leaves the late ones out with a
            warning and counts them in `n_late_`. To take them in, fit again.

        Returns
        -------
        CustomerProfile
            The profile itself; as it was where an error is raised.

        Raises
        ------
        DataError
            If events are late, the date goes backwards, or the log is read by other rules.

        Warns
        -----
        DataWarning
            If late events were dropped, nobody whom `customers` tells of has bought, or the new
            date lies further behind the last purchase than there ever was a silence: a wrong date
            cannot be taken back.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        check_choice(late, "late", ["raise", "drop"], owner)
        state, before = from_dict(self.state_), day_number(self.as_of_)
        if log is not None:
            check_log(log, owner)
            check_alike(log, self.log_, self.rules_, owner, "tz")
            check_columns(log, self, owner)
        day, n_late = new_day(log, as_of, self.as_of_, self.log_["tz"], owner), 0
        longest = self.longest_silence_
        if log is not None and has_events_before(log, day):
            seen = self._seen(log, before, day, owner)
            n_late = seen.n_late
            tell_late(seen, self.as_of_, late, owner)
            longest = max(longest, *silences(seen.days, int(state.buyers().last_day.max())))
            state = add_states(state, seen.state, repr(log.customer), owner)
        buyers, people = state.buyers(), self.people_
        if customers is not None:
            people = add_people(people, read_people(customers, self.log_["customer"], owner), owner)
            taken = tag_names(self.rules_, self.top, self.stager_ is not None)
            check_people(people, buyers.ids, taken, owner)
        tell_silence(int(buyers.last_day.max()), day, longest, owner)
        self._keep(state, day)
        self.people_, self.n_late_ = people, self.n_late_ + n_late
        self.longest_silence_ = longest
        return self

    def partial_fit(self, log: EventLog, customers: Any = None, *, as_of: Any = None) -> Self:
        """`fit` the first time, `update` from then on: events in, the profile itself out.

        Parameters
        ----------
        log : EventLog
            All events so far the first time, later only new ones.
        customers : dataframe, default=None
            What customers told of themselves.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the beginning of a day; None is midnight after the last event.

        Returns
        -------
        CustomerProfile
            The profile itself.
        """
        known = hasattr(self, "state_")
        return (self.update if known else self.fit)(log, customers, as_of=as_of)

    def predict_frame(self, log: EventLog, as_of: Any = None) -> Any:
        """Tags of the customers of any log under the frozen rules: events in, one row each out.

        What is remembered plays no part, and is not changed.

        Parameters
        ----------
        log : EventLog
            All events of these customers.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the beginning of a day; None is midnight after the last event.

        Returns
        -------
        dataframe
            As from `profile_frame`, in the library of `log`.

        Raises
        ------
        DataError
            If the log or the date cannot be used, or nobody bought before it.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        check_log(log, owner)
        check_alike(log, self.log_, self.rules_, owner)
        cutoff = log.cutoff(as_of, owner)
        day = day_of(cutoff, owner, "as_of")
        seen = self._seen(log, None, day, owner)
        warn_of_silence(log, cutoff, seen.days, owner)
        buyers = seen.state.buyers()
        if self.people_ is not None:
            check_kinds(self.people_["ids"], buyers.ids, "customers", "those of the events", owner)
        return self._profile(buyers, day, log)

    def _seen(self, log: EventLog, since: int | None, until: int, owner: str) -> Seen:
        asked = Asked(self.category, self.channel, self.promotion)
        seen = read_state(log, asked, since, until, owner)
        if since is None and not seen.state.n_days.any():
            raise DataError(
                f"{owner}: nobody bought before {np.datetime64(until, 'D')}. There are only "
                "returns or amounts that are too small: choose a later as_of."
            )
        return seen

    def _keep(self, state: ProfileState, day: int) -> None:
        """Remember what is needed of a state at a day."""
        since, few = day, 1
        if self.stager_ is not None:
            since, few = day - 2 * self.stager_.period_, self.stager_.loyal_from
        self.state_ = pruned(state, since, few).to_dict()
        self.as_of_ = str(np.datetime64(day, "D"))
