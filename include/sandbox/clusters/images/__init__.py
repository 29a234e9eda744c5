"""Images: references, the pull by digest from a registry, and the read-only root folder of each.

Vendor documents: OCI distribution-spec 1.1, OCI image-spec 1.1 (layers, whiteouts), Docker registry token
authentication.
"""
