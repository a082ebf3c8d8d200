"""How fast does the service answer, and do eight threads get equal answers?

Run: python examples/service/load_test.py

Starts nothing: run service.py first. It sends made-up customers over connections that stay open,
first one request at a time, then from many threads, and compares every answer with the first one
for the same customer. The client works on the same machine and is part of every figure.
"""

import argparse
import http.client
import json
import random
import statistics
import sys
import threading
import time
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any


class Client(AbstractContextManager["Client"]):
    """One connection that stays open, and how long each answer took."""

    def __init__(self, host: str, port: int) -> None:
        self.connection = http.client.HTTPConnection(host, port, timeout=60)
        self.seconds: list[float] = []
        self.refused = ""

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        """Send a request and read the answer; keeps what was refused."""
        began = time.perf_counter()
        kind = {"Content-Type": "application/json"}
        self.connection.request("GET" if body is None else "POST", path, body, kind)
        response = self.connection.getresponse()
        answer = response.read()
        self.seconds.append(time.perf_counter() - began)
        if response.status != 200:
            self.refused = f"{path} answered {response.status}: {answer.decode()}"
        return answer


def items_of(client: Client, as_of: datetime) -> list[Any]:
    """Items that the model knows: what it offers to somebody new; none where it offers nothing."""
    event = {"when": (as_of - timedelta(days=30)).isoformat(), "amount": 12.5}
    asked = {"as_of": as_of.isoformat(), "events": [event], "n": 100}
    offers = json.loads(client.ask("/offers", json.dumps(asked).encode())).get("offers", [])
    return [offer["item"] for offer in offers]


def made_up(n: int, items: list[Any], as_of: datetime, seed: int = 0) -> list[bytes]:
    """Requests for customers with 1 to 60 lines in the year before."""
    draw = random.Random(seed)
    bodies = []
    for number in range(n):
        events = []
        for line in range(draw.randint(1, 60)):
            when = as_of - timedelta(minutes=draw.randint(1, 365 * 24 * 60))
            event = {"when": when.isoformat(), "amount": round(draw.uniform(1, 80), 2)}
            event |= {"order": line // 3, "item": draw.choice(items)} if items else {}
            events.append(event)
        asked = {"customer_id": f"c{number}", "as_of": as_of.isoformat(), "events": events}
        bodies.append(json.dumps(asked).encode())
    return bodies


def run(host: str, port: int, bodies: list[bytes], n: int, threads: int) -> tuple[list[Any], float]:
    """Send n requests from some threads: the clients with their answers' times, and seconds."""
    clients = [Client(host, port) for _ in range(threads)]
    first: dict[int, bytes] = {}
    different: list[int] = []

    def work(client: Client, begin: int) -> None:
        for place in range(begin, n, threads):
            which = place % len(bodies)
            answer = client.ask("/score", bodies[which])
            if first.setdefault(which, answer) != answer:
                different.append(which)

    workers = [
        threading.Thread(target=work, args=pair)
        for pair in zip(clients, range(threads), strict=True)
    ]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    elapsed = time.perf_counter() - began
    for client in clients:
        client.connection.close()
    done = sum(len(client.seconds) for client in clients)
    for client in clients:
        if client.refused:
            raise SystemExit(client.refused)
    if different or done != n:
        raise SystemExit(f"{len(different)} of {done} answers differ between requests; {n} sent.")
    return [first, clients], elapsed


def told(clients: list[Client], elapsed: float) -> str:
    """Median, tails and rate in words."""
    times = sorted(1000 * second for client in clients for second in client.seconds)
    parts = {"median": 0.5, "p95": 0.95, "p99": 0.99}
    at = {
        name: times[min(int(share * len(times)), len(times) - 1)] for name, share in parts.items()
    }
    at["median"] = statistics.median(times)
    words = ", ".join(f"{name} {value:.1f} ms" for name, value in at.items())
    return f"{words}; {len(times) / elapsed:.0f} requests/s ({len(times):,} requests)"


def main(arguments: list[str] | None = None) -> None:
    """Measure, and compare the answers."""
    parser = argparse.ArgumentParser(description="Load test of the service.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--customers", type=int, default=64)
    given = parser.parse_args(arguments)
    where = given.host, given.port
    with Client(*where) as client:
        as_of = datetime.fromisoformat(json.loads(client.ask("/model"))["learnt"]["as_of"])
        bodies = made_up(given.customers, items_of(client, as_of), as_of)
    run(*where, bodies, given.customers, 1)  # nobody is asked for the first time below
    (alone, clients), elapsed = run(*where, bodies, given.requests, 1)
    print(f"1 thread: {told(clients, elapsed)}")
    (together, clients), elapsed = run(*where, bodies, given.requests, given.threads)
    print(f"{given.threads} threads: {told(clients, elapsed)}")
    if alone != together:
        raise SystemExit("Answers to one thread and to several differ.")
    print(f"Equal answers to all {len(alone)} customers, whoever asked.")


if __name__ == "__main__":
    sys.exit(main())
