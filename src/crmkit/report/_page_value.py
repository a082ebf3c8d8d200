"""The section on what customers are worth: the total, single customers, concentration."""

from crmkit.report import _figures, _value
from crmkit.report._about import ahead, everybody
from crmkit.report._content import ReportContent
from crmkit.report._document import About, Block, Heading, Pair, Section, Text, listed
from crmkit.report._findings import unvalued_text
from crmkit.report._numbers import span

NO_VALUE = "No customer is expected to bring value in this time."


def value_section(content: ReportContent, n_top: int) -> Section:
    """The total with its interval, how sure single customers are, and on how few it hangs."""
    if not content.valued:
        said: list[Block] = [Text(unvalued_text(content))]
        return Section("value", "What are they worth?", "Expected value", ahead(content), said)
    future = span(content.horizon, content.unit)
    title = f"What they are worth: expected value in the next {future}"
    blocks = listed(value_blocks(content) if content.value.any() else Text([NO_VALUE]))
    return Section("value", title, "Expected value", ahead(content), blocks)


def value_blocks(content: ReportContent) -> list[Block]:
    """What is told where there is value."""
    pictures = _figures.value_picture(content), _figures.concentration_picture(content)
    totals, best = _value.total_table(content), _value.concentration_table(content)
    population = everybody(content).population
    about = About(f"{population}, ranked by each measure for itself", content.as_of)
    return listed(
        Text(_value.introduction(content)),
        None if totals is None else totals.measured("value_totals"),
        Text(_value.skewed_text(content), "note"),
        Text(_value.single_text(content)),
        Pair([picture for picture in pictures if picture is not None]),
        _figures.range_picture(content),
        []
        if best is None
        else [
            Heading("On how few does it hang?"),
            Text(_value.concentration_text(content)),
            best.measured("concentration", about),
        ],
    )
