"""Commands on the pages print what the pages show, after the code above them has run."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BLOCK = re.compile(r"^\.\. code-block:: console\n\n((?:   .*\n|\n)+)", re.MULTILINE)
PAGES = [p for p in sorted(HERE.rglob("*.rst")) if BLOCK.search(p.read_text("utf-8"))]


def commands(block):
    """Command and expected output of each line that begins with a dollar."""
    lines = [line[3:] for line in block.replace("\\\n", "").splitlines()]
    starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start][2:], "\n".join(lines[start + 1 : end])


def words(text):
    """Output without what the width of a table decides."""
    return text.split()


def test_there_are_pages_with_commands():
    assert HERE / "ten-minutes.rst" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_commands_of(page):
    text = page.read_text("utf-8")
    names = {}
    scripts = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    ran, at = 0, 0
    for block in BLOCK.finditer(text):
        for example in doctest.DocTestParser().get_examples(text[at : block.start()]):
            exec(compile(example.source, str(page), "single"), names)
        at = block.end()
        for command, expected in commands(block[1]):
            done = subprocess.run(
                command, shell=True, env=scripts, capture_output=True, encoding="utf-8", check=True
            )
            assert words(done.stdout) == words(expected), command
            ran += 1
    assert ran
