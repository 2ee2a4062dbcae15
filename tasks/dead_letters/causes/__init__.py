"""Why a dead letter is dead: likely causes, each recognised by a small function."""
