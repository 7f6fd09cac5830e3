"""Parses a definition into its tree; what AWS refuses is reported in its words, with its place."""
