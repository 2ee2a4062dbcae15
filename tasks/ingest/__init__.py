"""Files in, landed Parquet and dead letters out."""
