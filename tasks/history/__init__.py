"""What past runs of a dataset measured, and how a run compares with them."""
