-- What all passes share. A bucket's absolute index is its list's offset plus its place from 0; at a
-- scale coarser by n, it is shifted right by n.
CREATE MACRO period_start(instant, period_s) AS
    make_timestamp_ns(epoch_ns(instant) - epoch_ns(instant) % (period_s::BIGINT * 1000000000));

CREATE MACRO coarser(counts, first_index, shift) AS
    CASE WHEN shift = 0 OR len(counts) = 0 THEN counts
    ELSE list_transform(
        range(((first_index + len(counts) - 1) >> shift) - (first_index >> shift) + 1),
        lambda place: list_sum(counts[
            greatest(1, ((first_index >> shift) + place) * (1::BIGINT << shift) - first_index + 1)
            : ((first_index >> shift) + place + 1) * (1::BIGINT << shift) - first_index
        ])
    ) END;

-- Whether some bucket held more before; what lies outside of the list that came after is 0.
CREATE MACRO any_lower(before, before_index, after, after_index) AS
    len(list_filter(
        range(coalesce(len(before), 0)),
        lambda place: before[place + 1] > CASE
            WHEN place + before_index < after_index THEN 0
            ELSE coalesce(after[place + 1 + before_index - after_index], 0)
        END
    )) > 0;

CREATE MACRO as_count(number) AS
    CAST(least(greatest(number, 0), 18446744073709551615) AS UBIGINT);
