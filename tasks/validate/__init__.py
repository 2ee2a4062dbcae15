"""The gate: landed rows in; accepted rows, dead letters and a verdict out."""
