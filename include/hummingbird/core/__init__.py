"""The nouns of the platform: pydantic and the standard library only."""
