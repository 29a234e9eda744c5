"""The notary's HTTP interface, one subject a file."""
