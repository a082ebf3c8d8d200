"""The service as a process of its own: one command, a free port, requests, a new model, an end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

import crmkit as ck
from tests.service.conftest import FOLDER, MARK

PATIENCE = 120  # seconds until something must have happened


def ask(port, path, body=None):
    """Status and answer of one request."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def until(condition):
    """Wait for what a process does by itself."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("nothing happened")


class Process:
    """A running service, and what it wrote."""

    def __init__(self, model, log, *more):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = log
        command = [sys.executable, str(FOLDER / "service.py"), "--model", str(model)]
        command += ["--port", str(self.port), "--watch", "0.2", *more]
        with log.open("wb") as file:
            self.running = subprocess.Popen(command, stdout=file, stderr=file)
        try:
            until(self.answers)
        except BaseException:
            self.stop()  # and with it the processes that it started
            raise

    def answers(self):
        assert self.running.poll() is None, self.log.read_text()
        try:
            return ask(self.port, "/health")[0] == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(PATIENCE)


@pytest.fixture
def process(model, tmp_path):
    made = Process(model, tmp_path / "log")
    yield made
    if made.running.poll() is None:
        made.running.kill()
        made.running.wait()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to end a process gently")
def test_it_serves_takes_up_a_model_and_ends(process, model, shop, bodies, load_test, capsys):
    def scores(body):
        status, answer = ask(process.port, "/score", body)
        assert status == 200, answer
        return answer["scores"]

    first = [scores(body) for body in bodies[:8]]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.map(scores, bodies[:8]) for _ in range(8)]
        assert all(list(each) == first for each in asked)
    assert ask(process.port, "/score", {"events": []})[0] == 422

    old = ask(process.port, "/health")[1]["model"]
    content = model.read_bytes()
    model.write_bytes(content[:-100])
    until(lambda: ask(process.port, "/health")[1]["trouble"])
    assert scores(bodies[0]) == first[0]
    later = shop.pipeline.without_customers()
    later.n_customers_ += 1
    ck.io.save(later, model)
    until(lambda: ask(process.port, "/health")[1]["model"] != old)
    assert ask(process.port, "/health")[1]["trouble"] is None
    assert scores(bodies[0]) == first[0]

    asked = ["--port", str(process.port), "--requests", "24", "--customers", "6", "--threads", "4"]
    load_test.main(asked)
    told = capsys.readouterr().out
    number = r"[\d.]+ ms"
    figures = rf"median {number}, p95 {number}, p99 {number}; \d+ requests/s \(24 requests\)"
    assert re.search(rf"1 thread: {figures}\n4 threads: {figures}\nEqual answers to all 6", told)

    assert process.stop() in (0, -signal.SIGTERM)
    log = process.log.read_text()
    assert "took up a new model" in log
    assert "POST /score 200" in log
    assert "The new file is not served" in log
    assert MARK not in log
    assert '"c0"' not in log
    assert "Traceback" not in log


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to end a process gently")
def test_several_processes_give_equal_answers(model, bodies, tmp_path):
    several = Process(model, tmp_path / "log", "--workers", "2")
    try:
        first = [ask(several.port, "/score", body) for body in bodies[:4]]
        assert {status for status, _ in first} == {200}
        for _ in range(4):
            assert [ask(several.port, "/score", body) for body in bodies[:4]] == first
        several.stop()
    finally:
        several.running.kill()
        several.running.wait()
    log = several.log.read_text()
    assert "POST /score 200" in log
    assert MARK not in log
    assert "Traceback" not in log


def test_a_malicious_file_does_not_start(tmp_path):
    import skops.io as sio

    from crmkit._model_file import write_model_file

    planted = tmp_path / "planted"
    script = f"open({str(planted)!r}, 'w')"

    class Attack:
        def __reduce__(self):
            return exec, (script,)

    path = tmp_path / "m.crmkit"
    write_model_file(path, {"versions": {}, "customers": []}, sio.dumps(Attack()))
    command = [sys.executable, str(FOLDER / "service.py"), "--model", str(path), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2, done.stderr
    assert "The service does not start." in done.stderr
    assert "does not vouch for" in done.stderr
    assert "Traceback" not in done.stderr
    assert not planted.exists()
