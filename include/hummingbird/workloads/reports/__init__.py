"""Reports that outlive the pod: pages for people, SARIF for tools, kept by hash."""
