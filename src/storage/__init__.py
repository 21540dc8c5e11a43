"""Write-ahead log, hot buffer, Parquet files and the catalog that names them."""
