"""Known damage: every fault is planted on purpose, on a row without another one, and written down."""
