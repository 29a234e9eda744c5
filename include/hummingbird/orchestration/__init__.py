"""The only room that knows Airflow: steps, pods, prompts, wiring, retries."""
