"""What the churn columns of a report rest on: the recipe, the offer, the test."""

from dataclasses import dataclass, field
from typing import Any, Self

from sklearn.utils.validation import check_is_fitted

from crmkit.churn import ChurnReport, RetentionValue
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline


@dataclass(frozen=True, eq=False)
class ChurnContent:
    """What a report tells of churn: a fitted recipe, an offer and a test in, a section out.

    Parameters
    ----------
    horizon : int
        Days without a purchase that are called churn; 0 where there is no risk at all.
    recipe : ChurnPipeline, default=None
        Fitted; None where churn could not be learnt and the risk is that of the purchase model.
    note : str, default=""
        Why it could not be learnt.
    offer : RetentionValue, default=None
        What a contact and an offer cost, and how often it is accepted; None tells no profit.
    check : ChurnReport, default=None
        The test of the recipe, from `crmkit.pipelines.churn_holdout`; None leaves it out, and the
        report says so.
    check_note : str, default="this report was made without a test of the risk"
        Why there is none.

    Examples
    --------
    >>> from crmkit.report import ChurnContent
    >>> ChurnContent(horizon=90, note="The log is too short.").check_note
    'this report was made without a test of the risk'
    """

    horizon: int
    recipe: ChurnPipeline | None = None
    note: str = ""
    offer: RetentionValue | None = None
    check: ChurnReport | None = field(default=None, repr=False)
    check_note: str = "this report was made without a test of the risk"

    @classmethod
    def from_pipeline(cls, pipeline: CustomerValuePipeline, **more: Any) -> Self:
        """Gather what a fitted pipeline knows of churn: the pipeline in, content out.

        Parameters
        ----------
        pipeline : CustomerValuePipeline
            Fitted, with churn.
        **more : object
            Further parameters of `ChurnContent`: `check` and so on.

        Returns
        -------
        ChurnContent
            For ``ReportContent.from_pipeline(..., churn=...)``.

        Raises
        ------
        NotFittedError
            If the pipeline is not fitted.
        """
        check_is_fitted(pipeline)
        return cls(
            horizon=pipeline.churn_horizon_ or 0,
            recipe=pipeline.churn_,
            note=pipeline.churn_note_,
            offer=pipeline.offer,
            **more,
        )
