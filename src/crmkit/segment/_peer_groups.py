"""Who is alike: groups of peers by orders and value, by a column of the log, or by segments."""

from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.events._customers_at import CustomersAt
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.segment._deeds import Deeds
from crmkit.segment._peer_rules import group_edges, groups_by_edges
from crmkit.segment._segments_at import (
    fitted_at_first,
    positions_by_customers,
    positions_by_log,
    reads_logs,
    segment_names,
)

Whole = npt.NDArray[Any]


@dataclass(eq=False)
class PeerGroups:
    """Groups of peers, learnt once; the last group is that of everybody.

    `kind` is "quantiles", "column" or "segmenter". What is learnt is `edges` of orders and value,
    or the `names` of groups, and the fitted `segmenter`.
    """

    kind: str
    owner: str
    n_parts: int = 0
    column: str | None = None
    segmenter: Any = None
    edges: list[Any] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, peers: Any, owner: str) -> "PeerGroups":
        """Groups that a parameter asks for, not yet learnt."""
        if isinstance(peers, str):
            return cls("column", owner, column=peers)
        if isinstance(peers, Integral):
            check_whole(peers, "peers", owner, low=1)
            return cls("quantiles", owner, n_parts=int(peers))
        if isinstance(peers, type) or not hasattr(peers, "predict_frame"):
            raise DataError(
                f"{owner}: peers must be a number of groups, the name of a column of the log or a "
                f"segmenter such as RFMSegmenter(), got {peers!r}."
            )
        return cls("segmenter", owner, segmenter=peers)

    @classmethod
    def fitted(cls, told: dict[str, Any], segmenter: Any, owner: str) -> "PeerGroups":
        """Groups as `told` told them."""
        return cls(owner=owner, segmenter=segmenter, **told)

    def told(self) -> dict[str, Any]:
        """What was learnt, as plain values but the segmenter."""
        kept = ("kind", "n_parts", "column", "edges", "names")
        return {name: getattr(self, name) for name in kept}

    def learn(
        self,
        at: CustomersAt,
        deeds: Deeds,
        active: npt.NDArray[np.bool_],
        codes: Whole | None,
        values: list[Any],
    ) -> None:
        """Learn edges or names of those who did anything."""
        if self.kind == "quantiles":
            self.edges = list(group_edges(deeds.some(active), self.n_parts))
        elif codes is not None:
            self.names = [str(values[code]) for code in np.unique(codes[codes >= 0])]
        else:
            self.segmenter = fitted_at_first(
                self.segmenter, at, reads_logs(self.segmenter, self.owner)
            )
            self.names = list(segment_names(self.segmenter, self.owner))

    @property
    def n_groups(self) -> int:
        """Groups beside everybody."""
        if self.kind == "quantiles":
            return (len(self.edges[0]) + 1) * (len(self.edges[1]) + 1)
        return len(self.names)

    def warn_of_small(self, group: Whole, least: int) -> None:
        """Warn of a column whose values have too few customers each to be peers."""
        if self.kind != "column" or len(group) < least:
            return
        if np.bincount(group, minlength=self.n_groups)[: self.n_groups].max(initial=0) < least:
            warn_user(
                f"{self.owner}: none of the {self.n_groups:,} values of {self.column!r} has "
                f"{least} customers: everybody is judged by everybody. Choose a column of fewer "
                "values.",
                DataWarning,
            )

    def groups(
        self, at: CustomersAt, who: Whole, deeds: Deeds, codes: Whole | None, values: list[Any]
    ) -> Whole:
        """Group of each customer in places `who`; the last one for what was never seen."""
        if self.kind == "quantiles":
            return groups_by_edges(deeds, (self.edges[0], self.edges[1]))
        if codes is not None:
            known = {name: g for g, name in enumerate(self.names)}
            own = [known.get(str(value), self.n_groups) for value in values]
            return np.array([*own, self.n_groups], dtype=np.int64)[codes]
        read = (
            positions_by_log if reads_logs(self.segmenter, self.owner) else positions_by_customers
        )
        ids = _frames.id_values(at.ledger.ids, "the ids", self.owner)
        found = np.full(len(who), self.n_groups, dtype=np.int64)
        bought = np.searchsorted(who, at.moment(0).places)
        found[bought] = read(self.segmenter, at, 0, ids, tuple(self.names), self.owner)
        return found
