"""Accepted rows in, small result tables out."""
