# Airflow with the platform's code. Build with the digest of the base you reviewed:
#   docker build --build-arg AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.12@sha256:… .
ARG AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.12
FROM ${AIRFLOW_IMAGE}

USER airflow
COPY --chown=airflow:0 requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt

ENV HUMMINGBIRD=/opt/airflow/hummingbird
ENV PYTHONPATH=${HUMMINGBIRD}/include \
    AIRFLOW__CORE__DAGS_FOLDER=${HUMMINGBIRD}/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=${HUMMINGBIRD}/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__AUTH_MANAGER=hummingbird.orchestration.auth.DeliveryAuthManager \
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL=1 \
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT=60
COPY --chown=airflow:0 dags ${HUMMINGBIRD}/dags
COPY --chown=airflow:0 plugins ${HUMMINGBIRD}/plugins
COPY --chown=airflow:0 include/catalog ${HUMMINGBIRD}/include/catalog
COPY --chown=airflow:0 include/hummingbird ${HUMMINGBIRD}/include/hummingbird

# Without bytecode a pod's task spends three seconds on imports instead of half a second.
RUN python -m compileall -q ${HUMMINGBIRD}
