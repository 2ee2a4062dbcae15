"""One folder a dataset (contract and suite), and Great Expectations on Polars."""
