"""The API server of a sandbox cluster: from a request to a Status, an object, a list, a table or a stream."""
