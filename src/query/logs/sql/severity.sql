CASE
    WHEN severity_number > 0 THEN severity_number
    ELSE MAP {{numbers}}[coalesce(
        -- A level's word or letter alone, perhaps with its number within the word (INFO2).
        nullif(regexp_extract(lower(severity_text), '^\W*({{words}}|[tdiwefc])[1-4]?\W*$', 1), ''),
        -- level=warn, "severity": "ERROR"
        nullif(lower(regexp_extract(
            left(body_text, 512),
            '(?i)\b(?:level|lvl|loglevel|severity)["'']?\s*[=:]\s*["'']?({{words}})\b', 1
        )), ''),
        -- [error] …, Warning: …
        nullif(lower(regexp_extract(
            left(body_text, 64), '(?i)^\W*({{words}})\s*[\]:>]', 1
        )), ''),
        nullif(lower(regexp_extract(
            left(body_text, 128),
            '\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|PANIC)\b', 1
        )), '')
    )] + coalesce(try_cast(regexp_extract(severity_text, '[A-Za-z]([1-4])\W*$', 1) AS INTEGER) - 1, 0)
END
