"""What a Prefect server needs."""
