"""What runs inside pods: a job comes in by ticket, its result goes out by the same ticket. No Airflow."""
