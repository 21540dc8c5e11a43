-- What a worker's DuckDB may do, set after what it needs has been loaded, and before any SQL that
-- a user wrote. The last statement locks all of it.
SET GLOBAL TimeZone = 'UTC';
-- Answers keep their types through Arrow; worker/answers turns them into plain ones.
SET GLOBAL arrow_lossless_conversion = true;
SET GLOBAL parquet_metadata_cache = true;
SET GLOBAL allow_community_extensions = false;
SET GLOBAL allow_extension_repositories = 'forbidden';
SET GLOBAL enable_external_access = false;
SET GLOBAL lock_configuration = true;
