"""Everything that the page tells of kinds of customers, movement, tags and unusual behaviour."""

from typing import Any

from crmkit.report import _kinds, _movement, _profile, _segment_figures, _segment_tables
from crmkit.report._content import ReportContent


def kind_parts(content: ReportContent) -> dict[str, Any]:
    """Everything the template names in the section on kinds, beside the segments."""
    made: dict[str, Any] = {
        "concentration": _kinds.concentration(content),
        "lorenz": _segment_figures.lorenz_picture(content),
        "told": content.kinds is not None,
    }
    kinds = content.kinds
    if kinds is None:
        return made
    return made | {
        "stage_text": _kinds.stage_text(content, kinds),
        "stage_picture": _segment_figures.stage_picture(kinds),
        "stage_caption": _kinds.stage_caption(kinds),
        "stages": _segment_tables.stage_table(content, kinds),
        "tier_text": _kinds.tier_text(content, kinds),
        "tiers": _segment_tables.value_tier_table(content, kinds),
        "behaviour": _segment_tables.behaviour_table(content, kinds),
        "behaviour_reason": kinds.behaviour.reason_ if kinds.behaviour is not None else "",
    }


def movement_parts(content: ReportContent) -> dict[str, Any] | None:
    """Everything the template names in the section on movement; None without one."""
    movement = content.movement
    if movement is None:
        return None
    moves, forecast = movement.moves, movement.forecast
    return {
        "introduction": _movement.introduction(movement),
        "largest": [] if moves is None else _movement.largest_moves(moves),
        "picture": _segment_figures.moves_picture(movement),
        "sizes": _segment_tables.size_table(movement),
        "sizes_picture": _segment_figures.sizes_picture(movement),
        "forecast": [] if forecast is None else _movement.forecast_text(forecast),
        "cohorts": _movement.cohort_text(movement),
        "cohort_picture": _segment_figures.cohort_picture(movement),
    }


def profile_parts(content: ReportContent) -> dict[str, Any] | None:
    """Everything the template names in the section on tags; None without one."""
    told = content.profile
    if told is None:
        return None
    return {
        "introduction": _profile.introduction(told),
        "tags": _segment_tables.tag_table(told),
        "cards": _segment_tables.card_table(content, told),
    }


def unusual_parts(content: ReportContent, n_top: int) -> dict[str, Any] | None:
    """Everything the template names in the section on unusual behaviour; None without one."""
    unusual = content.unusual
    if unusual is None:
        return None
    return {
        "introduction": _profile.unusual_text(unusual),
        "reasons": _segment_tables.reason_table(unusual),
        "customers": _segment_tables.unusual_table(unusual, n_top),
    }
