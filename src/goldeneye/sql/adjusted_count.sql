CASE
    WHEN trace_state IS NULL THEN 1.0::DOUBLE
    -- 2^56 spans for each 2^56 - T: T is the sampling threshold, of 14 hex digits.
    ELSE coalesce(
        72057594037927936::DOUBLE / (
            72057594037927936 - CAST(
                '0x' || rpad(
                    nullif(
                        regexp_extract(
                            trace_state,
                            '(?:^|,)[ \t]*ot=(?:[^,;]*;)*th:([0-9a-f]{1,14})[ \t]*(?:[;,]|$)',
                            1
                        ),
                        ''
                    ),
                    14,
                    '0'
                ) AS BIGINT
            )
        ),
        1
    )
END
