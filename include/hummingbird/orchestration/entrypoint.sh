#!/bin/sh
# The image's entrance: a component of Airflow starts when the preflight finds nothing; then Airflow's own
# entrypoint goes on. Other commands (db migrate, users create, a task of KubernetesExecutor) go straight on.
set -eu
for word in $*; do
    case "$word" in
        api-server | scheduler | dag-processor | triggerer | worker)
            python -m hummingbird preflight airflow "$word"
            break
            ;;
    esac
done
exec "${AIRFLOW_ENTRYPOINT:-/entrypoint}" "$@"
