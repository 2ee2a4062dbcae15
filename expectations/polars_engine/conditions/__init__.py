"""Row rules: what makes a row fail an expectation, as one Polars expression each."""
