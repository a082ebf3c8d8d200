"""Ranking scores customer by customer from dicts of lists: no arrays, no shared code."""

from math import log2


def scores(lists, relevant, k):
    """Scores of each customer with relevant items: {customer: [ranked items]}, {customer: set}."""
    return {who: of_one(lists.get(who, []), wanted, k) for who, wanted in relevant.items()}


def of_one(ranked, wanted, k):
    top = ranked[:k]
    gain = best = precisions = 0.0
    n_hits, first = 0, 0.0
    for place, item in enumerate(top, start=1):
        if item in wanted:
            n_hits += 1
            gain += 1.0 / log2(1 + place)
            precisions += n_hits / place
            first = first or 1.0 / place
    attainable = min(len(wanted), k)
    for place in range(1, attainable + 1):
        best += 1.0 / log2(1 + place)
    return {
        "ndcg": gain / best,
        "recall": n_hits / len(wanted),
        "precision": n_hits / k,
        "map": precisions / attainable,
        "mrr": first,
        "hit_rate": float(n_hits > 0),
    }
