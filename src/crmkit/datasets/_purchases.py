"""When customers buy and what they spend: the processes of the purchase models, simulated exactly.

Rate: lambda ~ gamma(r, alpha). A customer alive buys at every k-th arrival of a Poisson process
with rate lambda; k is the regularity, 1 for a plain Poisson process. Dropout:

* pareto_nbd: after an exponential time with rate mu ~ gamma(s, beta);
* bg_nbd: after every repeat purchase with probability p ~ beta(a, b);
* mbg_nbd: after every purchase, the first one too, with probability p ~ beta(a, b).

Spend of an order: gamma(p, nu) with nu ~ gamma(q, v), apart from rate and dropout. All second
parameters of gamma distributions are rates; times are in days.

Given their number, the arrivals of a Poisson process are uniform: one Poisson number a customer
and one sort make all times at once. A season runs the process on a clock of changing speed.

Sources: Schmittlein, Morrison and Colombo (1987), Management Science 33, 1-24; Fader, Hardie and
Lee (2005), Marketing Science 24, 275-284; Batislam, Denizel and Filiztekin (2007), International
Journal of Research in Marketing 24, 201-209; Platzer and Reutterer (2016), Marketing Science 35,
779-799; spend: Fader, Hardie and Lee (2005), Journal of Marketing Research 42, 415-430.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.datasets._parameters import OWNER
from crmkit.exceptions import DataError

Ints = npt.NDArray[np.int64]
YEAR = 365.25
MOST_ARRIVALS = 1e8


@dataclass(frozen=True)
class Population:
    """What each customer is: one array element a customer, in the order of joining."""

    joined: Floats
    rate: Floats
    dropout: Floats
    regularity: Ints
    mean_spend: Floats
    spend_rate: Floats


@dataclass(frozen=True)
class Orders:
    """What happened: orders by customer and time, and when each customer dropped out."""

    customer: Ints
    day: Floats
    dropout_day: Floats


@dataclass(frozen=True)
class Clock:
    """Time in which purchases are evenly spread: speed 1 + strength cos(2 pi (t - peak) / year)."""

    strength: float
    peak: float

    def read(self, day: Floats) -> Floats:
        """Clock time at a day since the start."""
        if self.strength == 0:
            return day
        turn = 2 * np.pi / YEAR
        swing = np.sin(turn * (day - self.peak)) + np.sin(turn * self.peak)
        return np.asarray(day + self.strength / turn * swing)

    def day(self, reading: Floats, days: float) -> Floats:
        """Day since the start at a clock time: the inverse of `read`, on a grid of hours."""
        if self.strength == 0:
            return reading
        grid = np.linspace(0, days, int(np.ceil(days * 24)) + 1)
        return np.interp(reading, self.read(grid), grid)


def draw_population(
    rng: np.random.Generator,
    n: int,
    parameters: dict[str, float],
    shares: dict[int, float],
) -> Population:
    """Draw rate, dropout, regularity and spend of n customers, independent of one another."""
    joined = np.sort(rng.random(n)) * parameters["acquisition_days"]
    rate = rng.gamma(parameters["r"], 1 / parameters["alpha"], n)
    if "beta" in parameters:
        dropout = rng.gamma(parameters["s"], 1 / parameters["beta"], n)
    else:
        dropout = rng.beta(parameters["a"], parameters["b"], n)
    regularity = rng.choice(np.array(list(shares), np.int64), n, p=list(shares.values()))
    spend_rate = rng.gamma(parameters["q"], 1 / parameters["v"], n)
    return Population(joined, rate, dropout, regularity, parameters["p"] / spend_rate, spend_rate)


def draw_orders(
    rng: np.random.Generator, people: Population, process: str, clock: Clock, days: float
) -> Orders:
    """Draw the days of all orders of all customers; the first is the day of joining."""
    end = np.full(len(people.joined), float(days))
    if process == "pareto_nbd":
        lifetime = rng.exponential(1.0, len(end)) / np.maximum(people.dropout, 1e-300)
        end = np.minimum(end, people.joined + lifetime)
        last = np.full(len(end), np.iinfo(np.int64).max)
    else:
        last = rng.geometric(np.maximum(people.dropout, 1e-15)) - (process == "mbg_nbd")
    begin, close = clock.read(people.joined), clock.read(end)
    customer, nth, reading = _arrivals(rng, people.rate, begin, close)
    k = people.regularity[customer]
    kept = (nth % k == 0) & (nth // k <= last[customer])
    customer, nth = customer[kept], (nth // k)[kept]
    day = np.clip(clock.day(reading[kept], days), people.joined[customer], np.nextafter(days, 0))
    dropout_day = np.where(end < days, end, np.nan)
    if process != "pareto_nbd":
        dropout_day[last == 0] = people.joined[last == 0]
        final = nth == last[customer]
        dropout_day[customer[final]] = day[final]
    return _with_first(customer, day, people.joined, dropout_day)


def draw_spend(
    rng: np.random.Generator, people: Population, customer: Ints, shape: float
) -> Floats:
    """Draw the value of each order from its customer's gamma distribution."""
    return np.asarray(rng.gamma(shape, 1.0, len(customer)) / people.spend_rate[customer])


def _arrivals(
    rng: np.random.Generator, rate: Floats, begin: Floats, close: Floats
) -> tuple[Ints, Ints, Floats]:
    """Poisson arrivals in (begin, close] of each customer: customer, number from 1, time."""
    expected = rate * (close - begin)
    if expected.sum() > MOST_ARRIVALS:
        raise DataError(
            f"{OWNER}: these parameters ask for about {expected.sum():,.0f} purchases, more than "
            f"{MOST_ARRIVALS:,.0f}. Take fewer customers or days, or a larger alpha."
        )
    count = rng.poisson(expected)
    customer = np.repeat(np.arange(len(rate)), count)
    start = np.cumsum(count) - count
    nth = np.arange(len(customer)) - start[customer] + 1
    share = rng.random(len(customer))
    share = share[np.lexsort((share, customer))]
    return customer, nth, begin[customer] + share * (close - begin)[customer]


def _with_first(customer: Ints, day: Floats, joined: Floats, dropout_day: Floats) -> Orders:
    """Put each customer's first order in front of the others."""
    count = np.bincount(customer, minlength=len(joined))
    first = np.cumsum(count) - count
    return Orders(
        customer=np.insert(customer, first, np.arange(len(joined))),
        day=np.insert(day, first, joined),
        dropout_day=dropout_day,
    )
