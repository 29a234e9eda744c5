"""Airflow DAG: copy a bundle's images and packages, by digest, to where an environment's clusters pull them.

Started by test_deploy and prod_deploy, or by a person. Every digest is read back and compared.
"""

from hummingbird.orchestration import steps
from hummingbird.orchestration.path import BUNDLE, ENVIRONMENT, STORY, delivery_path

with delivery_path(__file__, __doc__, STORY, BUNDLE, ENVIRONMENT, tags=("promote",)):
    (
        steps.admit_promotion()
        >> [steps.copy_images(), steps.copy_packages()]
        >> steps.record_promotion()
        >> steps.conclude()
    )
