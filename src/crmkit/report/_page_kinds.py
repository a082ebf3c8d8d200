"""The sections on kinds of customers, on who moved, and on where they stand."""

from crmkit.report import _figures, _kinds, _movement, _segment_figures, _segment_tables, _tables
from crmkit.report._about import everybody
from crmkit.report._content import ReportContent
from crmkit.report._document import About, Block, Heading, Section, Text, listed
from crmkit.report._kinds_content import KindsContent
from crmkit.report._movement_content import MovementContent


def kinds_section(content: ReportContent, n_top: int) -> Section:
    """Segments, stages, tiers, segments found in behaviour, and concentration."""
    blocks = listed(
        _figures.segment_picture(content),
        _tables.segment_table(content).measured("segments"),
        Text(_kinds.segment_text(content), "note"),
        [] if content.kinds is None else kind_blocks(content, content.kinds),
        Heading("How much hangs on how few?"),
        Text(_kinds.concentration(content)),
        _segment_figures.lorenz_picture(content),
    )
    title = "What kinds of customers do we have?"
    return Section("segments", title, "Kinds of customers", everybody(content), blocks)


def kind_blocks(content: ReportContent, kinds: KindsContent) -> list[Block]:
    """Stages of life, tiers of value, segments of behaviour: those that there are."""
    made: list[Block] = []
    if said := _kinds.stage_text(content, kinds):
        made += [Heading("Where are they in their life as customers?"), Text(said)]
        stages = _segment_tables.stage_table(content, kinds)
        made += listed(
            _segment_figures.stage_picture(kinds),
            None if stages is None else stages.measured("stages"),
        )
    tiers = _segment_tables.value_tier_table(content, kinds)
    if tiers is not None:
        made += [Heading("Which tier of value are they in?")]
        made += listed(Text(_kinds.tier_text(content, kinds)), tiers.measured("value_tiers"))
    behaviour = _segment_tables.behaviour_table(content, kinds)
    if behaviour is not None and kinds.behaviour is not None:
        reason = f"Number of segments: {kinds.behaviour.reason_}"
        made += [Heading("Which kinds do the data themselves show?"), Text([reason])]
        made += [behaviour.measured("behaviour")]
    return made


def movement_section(content: ReportContent, n_top: int) -> Section | None:
    """Who moved between the stages, the sizes ahead, and cohorts."""
    movement = content.movement
    if movement is None:
        return None
    blocks = listed(
        Text(_movement.introduction(movement)),
        size_blocks(movement),
        Heading("Do later customers stay as well as earlier ones?"),
        Text(_movement.cohort_text(movement)),
        _segment_figures.cohort_picture(movement),
    )
    cohorts = _segment_tables.cohort_numbers(movement)
    blocks += [] if cohorts is None else [cohorts]
    about = About(everybody(content).population, content.as_of, content.as_of)
    return Section("movement", "Who moved?", "Who moved", about, blocks)


def size_blocks(movement: MovementContent) -> list[Block]:
    """The largest moves, and sizes with their forecast."""
    sizes = _segment_tables.size_table(movement)
    if movement.moves is None or sizes is None:
        return []
    found = movement.forecast
    largest = _movement.largest_moves(movement.moves)
    return listed(
        [Text(["The largest moves:"]), Text(largest, "bullets")] if largest else [],
        _segment_figures.moves_picture(movement),
        Heading("How large will the stages be?"),
        Text([] if found is None else _movement.forecast_text(found)),
        _segment_figures.sizes_picture(movement),
        sizes.measured("stage_sizes", _movement.sizes_about(movement)),
    )


def map_section(content: ReportContent, n_top: int) -> Section:
    """Customers by recency and frequency."""
    title = "Where they stand: recency and frequency"
    blocks: list[Block] = [_figures.map_picture(content)]
    return Section("map", title, "Recency and frequency", everybody(content), blocks)
