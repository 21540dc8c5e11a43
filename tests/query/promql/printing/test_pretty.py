"""Long queries on several lines, as Prometheus 3.14 lays them out."""

from query.promql.parsing.parse import parse
from query.promql.printing.pretty import pretty

LONG = (
    "sum by (service_name, http_route, code) "
    '(rate(http_server_request_duration_seconds_count{job="shop"}[5m]))'
)


def test_what_fits_a_line_stays_on_it() -> None:
    assert pretty(parse("sum( rate(up[5m]) )   by (a)")) == "sum by (a) (rate(up[5m]))"


def test_calls_aggregations_and_parentheses() -> None:
    assert (
        pretty(parse(f'topk(5, (label_replace({LONG}, "a", "b", "c", "d")))'))
        == """topk(
  5,
  (
    label_replace(
      sum by (service_name, http_route, code) (
        rate(http_server_request_duration_seconds_count{job="shop"}[5m])
      ),
      "a",
      "b",
      "c",
      "d"
    )
  )
)"""
    )


def test_operators_stand_on_lines_of_their_own() -> None:
    assert (
        pretty(parse(f"-{LONG} / on (code) group_left () a > bool 2"))
        == """    -sum by (service_name, http_route, code) (
      rate(http_server_request_duration_seconds_count{job="shop"}[5m])
    )
  / on (code) group_left ()
    a
> bool
  2"""
    )


def test_subqueries_keep_their_window_behind_them() -> None:
    assert (
        pretty(parse(f"max_over_time({LONG}[1h:5m] offset 2m)"))
        == """max_over_time(
  sum by (service_name, http_route, code) (
    rate(http_server_request_duration_seconds_count{job="shop"}[5m])
  )[1h:5m] offset 2m
)"""
    )


def test_a_chain_may_be_longer_than_the_stack() -> None:
    lines = pretty(parse(" + ".join(["1"] * 990))).splitlines()
    assert lines[-2:] == ["+", "  1"]
    # Of the first operators 26 numbers fit a line.
    assert len(lines) == 1 + 2 * (990 - 25)
