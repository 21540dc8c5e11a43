-- Points of these hours that are there, and those of them received by then.
SELECT count(*), count(*) FILTER (received_time <= make_timestamp_ns($until_ns))
FROM read_parquet($points, hive_partitioning = false, union_by_name = true)
WHERE list_contains($hours, epoch_ns(coalesce(time, received_time)) // 3600000000000)
