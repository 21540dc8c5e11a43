-- The greatest number stays known, so that it is never given again.
DELETE FROM segments
WHERE number = ? AND number < (SELECT max(number) FROM segments)
