"""Results in; HTML, CSV and summary.json out."""
