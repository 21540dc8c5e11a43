"""The slowest routes of the last hour, and the logs of the slowest request.

.venv/bin/python docs/examples/slow_routes.py data
"""

import sys

import goldeneye

with goldeneye.connect(sys.argv[1], start="now-1h") as connection:
    print("Routes, slowest first:")
    connection.sql("""
        SELECT service_name, "attributes.http.route" AS route, count(*) AS requests,
            quantile_cont(duration_ns, 0.95) / 1e6 AS p95_ms
        FROM spans
        WHERE kind = 'server'
        GROUP BY ALL
        ORDER BY p95_ms DESC
        LIMIT 10
    """).show()

    print("What the slowest trace logged:")
    connection.sql("""
        SELECT time, service_name, severity_text, body_text
        FROM logs
        WHERE trace_id = (SELECT trace_id FROM traces ORDER BY duration_ns DESC LIMIT 1)
        ORDER BY time
    """).show()
