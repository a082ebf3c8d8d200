"""One list of records through Splink on DuckDB, in an environment that has both; see bench_clean.

    python _clean_peer.py records.parquet labels.parquet 1e6

Values are standardised in SQL first, as Splink's documentation asks for: small letters, no blanks
around, digits of phones, one form of dates, short words of streets. Settings follow its advice
for people: comparisons made for names, dates of birth and e-mail addresses, term frequencies,
blocking by eight keys, u from random pairs, m by EM on three rules (the best of four sets of rules
that were tried on another list; they hardly differed), the prior from rules that are nearly always
right. The last argument is the number of random pairs. Writes one column of clusters for each
threshold.
"""

import sys

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.5, 0.9, 0.95, 0.99)
SHORT = {
    "street": "st", "road": "rd", "avenue": "ave", "lane": "ln", "drive": "dr",
}  # fmt: skip
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%Y.%m.%d", "%d-%m-%Y")


def main(source: str, target: str, n_pairs: str) -> None:
    connection = duckdb.connect()
    connection.execute(f"create table records as {standardised(source)}")
    linker = trained(connection, float(n_pairs))
    predictions = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    tables = []
    for threshold in THRESHOLDS:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predictions, threshold_match_probability=threshold
        )
        tables.append((threshold, found.physical_name))
    columns = ", ".join(
        f't{place}.cluster_id as "{threshold}"' for place, (threshold, _) in enumerate(tables)
    )
    joins = " ".join(
        f"join {name} t{place} using (unique_id)" for place, (_, name) in enumerate(tables)
    )
    connection.execute(
        f"copy (select records.unique_id, {columns} from records {joins} order by 1) "
        f"to '{target}' (format parquet)"
    )


def standardised(source: str) -> str:
    """Query of the list in one way of writing."""
    street = "lower(trim(street))"
    for word, short in SHORT.items():
        street = f"regexp_replace({street}, '\\b{word}\\b\\.?', '{short}', 'g')"
    street = f"replace({street}, '.', '')"
    formats = ", ".join(f"'{form}'" for form in DATE_FORMATS)
    return f"""
        select row_number() over () as unique_id,
               lower(trim(first_name)) as first_name, lower(trim(last_name)) as last_name,
               lower(trim(email)) as email,
               right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) as phone,
               {street} as street, lower(trim(city)) as city, trim(postcode) as postcode,
               strftime(try_strptime(birth_date, [{formats}]), '%Y-%m-%d') as birth_date
        from read_parquet('{source}')
    """


def trained(connection: duckdb.DuckDBPyConnection, n_pairs: float) -> Linker:
    """A linker whose parameters are learnt."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "last_name").configure(
                term_frequency_adjustments=True
            ),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.EmailComparison("email").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
            cl.JaroWinklerAtThresholds("street", [0.94, 0.85]).configure(
                term_frequency_adjustments=True
            ),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("email"),
            block_on("phone"),
            block_on("first_name", "last_name", "postcode"),
            block_on("last_name", "birth_date"),
            block_on("first_name", "birth_date"),
            block_on("street", "first_name"),
            block_on("birth_date", "postcode"),
            block_on("substr(first_name, 1, 3)", "substr(last_name, 1, 3)", "street"),
        ],
        retain_matching_columns=False,
    )
    table = DuckDBAPI(connection).register("records")
    linker = Linker(table, settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("email", "birth_date"), block_on("phone", "first_name")], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=n_pairs, seed=1)
    for rule in (
        block_on("first_name", "last_name", "birth_date"),
        block_on("email"),
        block_on("phone", "birth_date"),
    ):
        training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


if __name__ == "__main__":
    main(*sys.argv[1:])
