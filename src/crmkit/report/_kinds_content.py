"""What the kinds of customers in a report rest on: stages, tiers, segments of behaviour."""

from dataclasses import dataclass, field
from typing import Any, Self

from sklearn.utils.validation import check_is_fitted

from crmkit.pipelines import CustomerValuePipeline
from crmkit.segment import BehaviourSegmenter, LifecycleStager, ValueTiers


@dataclass(frozen=True, eq=False)
class KindsContent:
    """What a report tells of kinds of customers: fitted parts of a pipeline in, a section out.

    Parameters
    ----------
    stager : LifecycleStager, default=None
        Fitted: the rules behind `stage` of the customers; None tells no stages.
    stager_note : str, default=""
        Why stages could not be learnt.
    tiers : ValueTiers, default=None
        Fitted: the edges behind `tier` of the customers; None tells no tiers.
    behaviour : BehaviourSegmenter, default=None
        Fitted: what `behaviour` of the customers was found by; None tells none.

    Examples
    --------
    >>> from crmkit.report import KindsContent
    >>> KindsContent(stager_note="Nobody bought on two days.").tiers is None
    True
    """

    stager: LifecycleStager | None = field(default=None, repr=False)
    stager_note: str = ""
    tiers: ValueTiers | None = field(default=None, repr=False)
    behaviour: BehaviourSegmenter | None = field(default=None, repr=False)

    @classmethod
    def from_pipeline(cls, pipeline: CustomerValuePipeline, **more: Any) -> Self:
        """Gather what a fitted pipeline knows of kinds: the pipeline in, content out.

        Parameters
        ----------
        pipeline : CustomerValuePipeline
            Fitted.
        **more : object
            Parameters of `KindsContent` to use instead.

        Returns
        -------
        KindsContent
            For ``ReportContent.from_pipeline(..., kinds=...)``.

        Raises
        ------
        NotFittedError
            If the pipeline is not fitted.
        """
        check_is_fitted(pipeline)
        made = {
            "stager": pipeline.stager_,
            "stager_note": pipeline.stager_note_,
            "tiers": pipeline.tiers_,
            "behaviour": pipeline.behaviour_,
        }
        return cls(**(made | more))
