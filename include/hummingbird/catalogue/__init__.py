"""The catalogue that people edit, read and checked."""
