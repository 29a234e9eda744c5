# Airflow with the platform's code; the notary runs from the same image. Build with the digest of the base that
# you reviewed; the default names the tag alone and is for a first try:
#   docker build --build-arg AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.12@sha256:… -t airflow .
ARG AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.12
FROM ${AIRFLOW_IMAGE}

USER airflow
COPY --chown=airflow:0 requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt && rm /tmp/requirements.txt

ENV HUMMINGBIRD=/opt/airflow/hummingbird
ENV PYTHONPATH=${HUMMINGBIRD}/include \
    AIRFLOW__CORE__DAGS_FOLDER=${HUMMINGBIRD}/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=${HUMMINGBIRD}/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__AUTH_MANAGER=hummingbird.orchestration.auth.DeliveryAuthManager \
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL=1 \
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT=60
RUN mkdir -p ${HUMMINGBIRD}/include
COPY --chown=airflow:0 dags ${HUMMINGBIRD}/dags
COPY --chown=airflow:0 plugins ${HUMMINGBIRD}/plugins
COPY --chown=airflow:0 include/airflow_local_settings.py ${HUMMINGBIRD}/include/airflow_local_settings.py
COPY --chown=airflow:0 include/catalog ${HUMMINGBIRD}/include/catalog
COPY --chown=airflow:0 include/hummingbird ${HUMMINGBIRD}/include/hummingbird

# Without bytecode a pod's task spends three seconds on imports instead of half a second.
RUN python -m compileall -q ${HUMMINGBIRD}

# airflow_local_settings refuses an unsound start; this asks once more, in case another file of that name hides it.
ENTRYPOINT ["/usr/bin/dumb-init", "--", "/opt/airflow/hummingbird/include/hummingbird/orchestration/entrypoint.sh"]
