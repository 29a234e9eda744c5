"""One rule a file: Facts in, an Answer out; no I/O, no clock, no Airflow."""
