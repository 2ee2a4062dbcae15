"""What runs: each module a flow and its command line."""
