"""SQL of rules is refused when it is written, not when it runs."""

import pytest

from goldeneye.errors import QueryFailed, QueryRefused
from query.analysis.standing import check_standing


def test_a_question() -> None:
    check_standing("SELECT service_name, count(*) AS value FROM spans GROUP BY ALL")


@pytest.mark.parametrize("sql", ["DROP TABLE spans", "SELECT * FROM 'x.parquet'", "LOAD httpfs"])
def test_what_may_not_run(sql: str) -> None:
    with pytest.raises(QueryRefused):
        check_standing(sql)


def test_what_is_no_sql() -> None:
    with pytest.raises(QueryFailed):
        check_standing("SELECT FROM WHERE")
