"""The four stages, a package each, and what they share, a module each."""
