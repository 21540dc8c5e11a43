SELECT series.file, ids, checks
FROM series
JOIN files ON files.id = series.file
WHERE series.tenant = ? AND series.day = ? AND removed_ns IS NULL
