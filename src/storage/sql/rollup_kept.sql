SELECT * FROM read_parquet($old, hive_partitioning = false, union_by_name = true)
WHERE period_s = $period_s AND NOT list_contains($hours, epoch_ns(time) // 3600000000000)
