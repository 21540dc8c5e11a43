CAST(
    CASE
        WHEN measured = 0 THEN 0
        ELSE sign(measured) * (ceil(log2(abs(measured)) * 32) - 1 + {{sign_offset}})
    END AS BIGINT
)
