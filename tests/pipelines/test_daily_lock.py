"""One process at a time: who comes second is told, and a lock ends with its holder."""

import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from crmkit.exceptions import DataError
from crmkit.pipelines import _daily_lock as locks
from crmkit.pipelines._daily_lock import held

WAITS = """
    import sys
    from pathlib import Path
    from crmkit.pipelines._daily_lock import held
    with held(Path({folder!r})):
        print("holds", flush=True)
        sys.stdin.read()
"""


def other_process(folder):
    code = textwrap.dedent(WAITS.format(folder=str(folder)))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", code], **pipes)
    assert process.stdout.readline() == "holds\n"
    return process


def test_a_second_process_is_told_who_is_there(tmp_path):
    with other_process(tmp_path) as process:
        with pytest.raises(DataError, match=rf"another run is at work .*process {process.pid} on"):
            held(tmp_path).__enter__()
        process.communicate("")
    with held(tmp_path):
        assert os.listdir(tmp_path) == [".lock"]
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no kill -9")
def test_a_killed_holder_holds_nothing(tmp_path):
    with other_process(tmp_path) as process:
        process.kill()
    assert (tmp_path / ".lock").exists(), "it had no time to tidy up"
    with held(tmp_path):
        assert f"process {os.getpid()} on" in (tmp_path / ".lock").read_text()
    assert os.listdir(tmp_path) == []


def test_the_lock_goes_with_an_error(tmp_path):
    with pytest.raises(KeyboardInterrupt), held(tmp_path):
        raise KeyboardInterrupt
    with held(tmp_path), pytest.raises(DataError, match="another run"), held(tmp_path):
        pass
    assert os.listdir(tmp_path) == []


def test_a_lock_that_its_holder_just_removed_is_no_lock(tmp_path, monkeypatch):
    """Between open and lock the file may go: a lock on what has no name keeps nobody out."""
    path = tmp_path / ".lock"
    real, seen = locks.lock, []

    def late(handle):
        if not seen:
            path.unlink()
        seen.append(handle)
        real(handle)

    monkeypatch.setattr(locks, "lock", late)
    with held(tmp_path):
        assert len(seen) == 2
        assert path.exists()


def test_of_many_at_once_one_is_there(tmp_path):
    inside, most = [], []

    def work(_):
        try:
            with held(tmp_path):
                inside.append(1)
                most.append(len(inside))
                inside.pop()
                return True
        except DataError:
            return False

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, range(400)))
    assert any(done)
    assert max(most) == 1


def test_without_a_folder_there_is_nothing_to_hold():
    with held(None):
        pass
