"""The answers of other recommenders beside those of crmkit, on one log: what the pages
"Coming from implicit" and "Coming from RecTools" say of equal answers and of those that differ.

    python benchmarks/peer_answers.py

Each library is left out where it is not installed. RecTools 0.19 asks for pandas below 3.
"""

import importlib.util
from importlib import metadata

import numpy as np
import pandas as pd
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

import crmkit as ck
from crmkit.recommend import ALS, EASE, ItemKNN

CUT = "2017-12-01"
NAMES = {"customer": "household_id", "when": "transaction_timestamp", "amount": "sales_value"}


def main() -> None:
    lines = read_lines()
    log = ck.EventLog(lines, **NAMES, item="product")
    row, customers = pd.factorize(lines["household_id"], sort=True)
    matrix = sp.csr_matrix((np.ones(len(lines), "float32"), (row, lines["product"])))
    matrix.data[:] = 1.0
    print(f"{matrix.shape[0]} households, {matrix.shape[1]} types of products")
    for library, asked in (("implicit", ask_implicit), ("rectools", ask_rectools)):
        if importlib.util.find_spec(library) is None:
            print(f"\n{library} is not installed")
        else:
            print(f"\n{library} {metadata.version(library)}\n")
            asked(lines, log, matrix, np.asarray(customers))


def read_lines() -> pd.DataFrame:
    """Groceries of every tenth household; products as numbers, which both libraries take."""
    journey = ck.datasets.load_complete_journey()
    lines = journey.transactions.merge(journey.products, on="product_id")
    tenth = lines["household_id"].mod(10).eq(0) & lines["department"].eq("GROCERY")
    lines = lines[tenth].dropna(subset="product_type")
    return lines.assign(product=pd.factorize(lines["product_type"], sort=True)[0])


def lists_of(model, log):
    """Items and scores of the best ten for every customer, as two arrays."""
    found = model.fit(log).recommend(n=10, exclude_seen=True)
    return (found[name].to_numpy().reshape(-1, 10) for name in ("product", "score"))


def compare(name, theirs, scores, ours, mine) -> None:
    """Share of equal places and the largest difference of scores."""
    same, apart = (theirs == ours).mean(), np.abs(scores - mine).max()
    print(f"{name}: same item at same rank {same:.4f}, largest difference of scores {apart:.1e}")


def ask_implicit(lines, log, matrix, customers) -> None:
    from implicit.cpu.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import CosineRecommender

    rows, n_items = np.arange(matrix.shape[0]), matrix.shape[1]
    seed = int(np.random.default_rng(0).integers(2**31 - 1))
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(32, 10.0, 5.0, num_threads=1, random_state=seed)
        model.fit(matrix, show_progress=False)
        ours = tuple(lists_of(ALS(32, 10.0, 5.0, popularity=0.0), log))
        for name, asked in (("history at hand", True), ("last turn of the fit", False)):
            theirs = model.recommend(rows, matrix, N=10, recalculate_user=asked)
            compare(f"ALS, factors of the {name}", *theirs, *ours)
    for k, mine in ((n_items, n_items), (20, 19)):
        model = CosineRecommender(K=k)
        model.fit(matrix, show_progress=False)
        theirs = model.recommend(rows, matrix, N=10)
        compare(f"CosineRecommender, K={k}", *theirs, *lists_of(ItemKNN(k=mine, shrinkage=0), log))


def ask_rectools(lines, log, matrix, customers) -> None:
    from rectools.dataset import Dataset
    from rectools.metrics import MAP, MRR, NDCG, HitRate, Precision, Recall, calc_metrics
    from rectools.models import EASEModel

    columns = {"household_id": "user_id", "product": "item_id", NAMES["when"]: "datetime"}
    pairs = lines.rename(columns=columns)[list(columns.values())]
    pairs = pairs.drop_duplicates(["user_id", "item_id"]).assign(weight=1.0)
    dataset = Dataset.construct(pairs)
    found = EASEModel(500.0).fit(dataset).recommend(customers, dataset, 10, filter_viewed=True)
    found = found.sort_values(["user_id", "rank"])
    theirs = [found[name].to_numpy().reshape(-1, 10) for name in ("item_id", "score")]
    compare("EASE", *theirs, *lists_of(EASE(500.0, popularity=0.0), log))
    compare("EASE, weights transposed", *theirs, *transposed(matrix, 500.0))

    model = EASE(500.0, popularity=0.0).fit(log, as_of=CUT)
    splitter = ck.model_selection.RollingTimeSplit(cutoffs=[CUT])
    split = next(iter(splitter.split(log)))
    lists = model.recommend(split.customers, n=10, exclude_seen=True)
    ours = ck.metrics.ranking_scores(lists, split.relevant, k=10).iloc[0]
    metrics = {
        "ndcg": NDCG(k=10, divide_by_achievable=True),
        "NDCG as it comes": NDCG(k=10),
        "recall": Recall(k=10),
        "precision": Precision(k=10),
        "map": MAP(k=10),
        "mrr": MRR(k=10),
        "hit_rate": HitRate(k=10),
    }
    names = {"household_id": "user_id", "product": "item_id"}
    told = calc_metrics(metrics, lists.rename(columns=names), split.relevant.rename(columns=names))
    print("\nscore: rectools, crmkit")
    for name in metrics:
        print(f"{name}: {told[name]:.4f}, {ours.get(name, ours['ndcg']):.4f}")


def transposed(matrix, regularization: float):
    """Lists by EASE with rows and columns of its weights exchanged."""
    bought = matrix.toarray().astype(float)
    inverse = np.linalg.inv(bought.T @ bought + regularization * np.eye(bought.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    scores = bought @ weights.T
    scores[bought > 0] = -np.inf
    best = np.argsort(-scores, axis=1)[:, :10]
    return best, np.take_along_axis(scores, best, axis=1)


if __name__ == "__main__":
    main()
