CASE
    WHEN severity_number > 0 THEN severity_number
    ELSE coalesce(
        -- A level's word or letter alone, perhaps with its number within the word (INFO2).
        {{levels}}[regexp_extract(lower(severity_text), '^\W*([a-z]+)[1-4]?\W*$', 1)]
        + coalesce(try_cast(regexp_extract(severity_text, '([1-4])\W*$', 1) AS INTEGER) - 1, 0),
        -- level=warn, "severity": "ERROR"
        {{levels}}[lower(regexp_extract(
            left(body_text, 512),
            '(?i)\b(?:level|lvl|loglevel|severity)["'']?\s*[=:]\s*["'']?([a-z]{3,13})\b', 1
        ))],
        -- [error] …, Warning: …
        {{levels}}[lower(regexp_extract(
            left(body_text, 64), '^\W*([A-Za-z]{3,13})\s*[\]:>]', 1
        ))],
        {{levels}}[lower(regexp_extract(
            left(body_text, 128),
            '\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|PANIC)\b', 1
        ))]
    )
END
