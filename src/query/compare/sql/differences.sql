-- Attributes and values of the spans of both sides, or of every n-th of them by the hash of its id,
-- with the share of each side that has it: how many spans there were, as sampling tells.
-- Read once: what is not materialised is read again wherever it is named.
WITH sides AS MATERIALIZED (
    SELECT
        coalesce({{is_selected}}, false) AS is_selected,
        {{adjusted_count}} AS weight,
        service_name AS "service.name",
        name AS "span.name",
        kind AS "span.kind",
        status_code AS "span.status_code",
        status_message AS "span.status_message",
        attributes_other,
        resource_attributes_other,
        COLUMNS('^(resource_)?attributes\..')
    FROM spans
    WHERE {{common}}
        AND ({{is_selected}} OR {{is_baseline}})
        AND hash(span_id)
            -- Signed, it would be reckoned in 128 bits.
            % CAST(
                CASE WHEN coalesce({{is_selected}}, false) THEN $selection_step ELSE $baseline_step END AS UBIGINT
            )
            = 0
),

totals AS (
    SELECT
        sum(weight) FILTER (is_selected) AS selection_weight,
        sum(weight) FILTER (NOT is_selected) AS baseline_weight
    FROM sides
),

columns AS (
    SELECT attribute, value, is_selected, weight
    FROM (
        UNPIVOT (
            SELECT
                is_selected,
                weight,
                CAST(COLUMNS(* EXCLUDE (is_selected, weight, attributes_other, resource_attributes_other)) AS VARCHAR)
            FROM sides
        )
        ON COLUMNS(* EXCLUDE (is_selected, weight))
        INTO NAME attribute VALUE value
    )
),

others AS (
    SELECT 'attributes.' || key AS attribute, value ->> '$' AS value, is_selected, weight
    FROM sides, json_each(attributes_other)
    UNION ALL
    SELECT 'resource_attributes.' || key, value ->> '$', is_selected, weight
    FROM sides, json_each(resource_attributes_other)
),

counted AS (
    SELECT
        attribute,
        value,
        count(*) FILTER (is_selected) AS selection_count,
        count(*) FILTER (NOT is_selected) AS baseline_count,
        coalesce(sum(weight) FILTER (is_selected), 0) AS selection_weight,
        coalesce(sum(weight) FILTER (NOT is_selected), 0) AS baseline_weight
    FROM (FROM columns UNION ALL FROM others)
    GROUP BY attribute, value
),

told AS (
    SELECT
        *,
        count(*) OVER one AS value_count,
        sum(selection_count + baseline_count) OVER one AS span_count
    FROM counted
    WINDOW one AS (PARTITION BY attribute)
)

SELECT
    attribute,
    value,
    t.selection_weight / totals.selection_weight AS selection_share,
    coalesce(t.baseline_weight / totals.baseline_weight, 0) AS baseline_share,
    selection_share - baseline_share AS difference,
    selection_count,
    baseline_count,
    value_count
FROM told AS t, totals
WHERE selection_count > 0
    -- Ids tell spans apart, not causes.
    AND NOT (value_count > $many AND span_count < 2 * value_count)
    AND NOT list_contains($left_out, attribute)
    AND difference > 0
ORDER BY difference DESC, attribute, value
LIMIT $limit
