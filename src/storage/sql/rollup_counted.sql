-- How many points the former rows of these hours count, and when the last of them was received.
SELECT
    coalesce(sum(point_count + stale_count + duplicate_count), 0),
    coalesce(epoch_ns(max(received_time)), -1)
FROM read_parquet($old, hive_partitioning = false, union_by_name = true)
WHERE period_s = 3600 AND list_contains($hours, epoch_ns(time) // 3600000000000)
