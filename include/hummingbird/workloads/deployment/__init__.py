"""Bringing one bundle to one cluster, and back to its predecessor when it does not serve.

The order, and why. Everything that can be checked is checked before anything is touched: warrant, lease, what
runs, the images of both versions. Then ConfigMap and Service, Apollo's release, the Deployment, the proof.

Apollo comes before the pods, because a pod must start with exactly the configuration it will be judged with:
a version that starts with the old one and is handed the new one later may refuse it unseen and fail at its
next restart. The price is that pods of the old version see the new items until they are replaced. So that
this is never silent, the keys that differ are named in the log; so that it is short, the release is the last
step before the Deployment; and a rollback releases the predecessor's items first, which gives the old pods
their own configuration back before anything else moves. Files never change under a running pod: a ConfigMap
is named by its content.
"""
