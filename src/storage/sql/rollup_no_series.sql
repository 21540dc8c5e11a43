CREATE OR REPLACE TEMP TABLE series (series_id UBIGINT, type VARCHAR, temporality VARCHAR)
