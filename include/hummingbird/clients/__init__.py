"""The platform's only outbound HTTP: one module a system, imported one by one."""
