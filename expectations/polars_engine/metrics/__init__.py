"""Providers of Great Expectations' metrics on Polars."""
