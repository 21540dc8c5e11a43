-- How many spans are on each side. A span that is selected is not in the baseline.
SELECT
    count(*) FILTER (is_selected) AS selection_count,
    count(*) FILTER (NOT is_selected) AS baseline_count
FROM (
    SELECT coalesce({{is_selected}}, false) AS is_selected, coalesce({{is_baseline}}, false) AS is_baseline
    FROM spans
    WHERE {{common}}
)
WHERE is_selected OR is_baseline
