"""What a report tells of the data is held as it was given."""

import numpy as np

from crmkit.report import Merged, QualityContent, render_report
from tests.report._made import content


def test_nothing_is_told_unless_given():
    empty = QualityContent()
    assert (empty.log, empty.records, empty.merged, empty.note) == (None, None, None, "")
    assert np.isnan(Merged(3, 2, 3, 2).precision)


def test_a_note_and_people_joined_are_on_the_page():
    quality = QualityContent(merged=Merged(120, 100, 110, 95), note="Not told: why.")
    page = render_report(content(quality=quality))
    for said in ("Not told: why.", "Who is in the list twice?", "95 customers", "100 people"):
        assert said in page, said
    assert "Who is in the list twice?" not in render_report(content())


def test_it_is_told_without_a_log_too():
    page = render_report(content(events=None, quality=QualityContent(note="Only records.")))
    assert "Only records." in page
    assert 'href="#data"' in page
