"""Dead letters: what one is, and the table they are kept in until they are fixed and replayed."""
