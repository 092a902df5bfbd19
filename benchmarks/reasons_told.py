"""How much of the log-odds do the prior and the named reasons tell, by persona?

Of each customer with a persona: the absolute contributions of the prior and the named features,
as a share of those and the absolute rest; the median and the least over the customers of a
persona. Once for the rows of `customer_reasons` (ten features), once for the five reasons of
`customer_personas`.

    python benchmarks/reasons_told.py
    python benchmarks/reasons_told.py --serve data/serve
"""

from __future__ import annotations

from pathlib import Path

import click
import duckdb

TOLD = """
with rows as (
    select customer_id, contribution, term from '{serve}/customer_reasons.parquet'
),
long as (
    select
        customer_id,
        sum(abs(contribution)) filter (term != 'rest') as named,
        sum(abs(contribution)) filter (term = 'rest') as rest
    from rows group by 1
),
short as (
    select
        customer_id,
        abs(reason_prior) + {five} as named,
        abs(reason_rest) as rest
    from '{serve}/customer_personas.parquet'
)
select
    persona_name,
    count(*),
    median(long.named / (long.named + long.rest)),
    min(long.named / (long.named + long.rest)),
    median(short.named / (short.named + short.rest)),
    min(short.named / (short.named + short.rest)),
    avg(cast(short.rest > short.named as integer))
from '{serve}/customer_personas.parquet'
inner join long using (customer_id)
inner join short using (customer_id)
where persona_id is not null
group by 1 order by 2 desc
"""


@click.command()
@click.option("--serve", type=click.Path(exists=True, path_type=Path), default=Path("data/serve"))
def main(serve: Path) -> None:
    """Print the share that is told, by persona."""
    five = " + ".join(f"abs(coalesce(reason_{number}_value, 0))" for number in range(1, 6))
    rows = duckdb.sql(TOLD.format(serve=serve, five=five)).fetchall()
    click.echo(
        f"{'':24} customers | twelve rows: median, least | five reasons: median, least, rest larger"
    )
    for name, count, *shares in rows:
        middle, least, short_middle, short_least, larger = shares
        click.echo(
            f"{name:24} {count:9,} | {middle:.3f} {least:.3f}"
            f" | {short_middle:.3f} {short_least:.3f} {larger:.1%}"
        )


if __name__ == "__main__":
    main()
