"""One module a group of result tables: each takes a batch and its first look, and gives frames in their shape."""
