"""The verbs of delivery: they take ports, return records, and know nothing of Airflow."""
