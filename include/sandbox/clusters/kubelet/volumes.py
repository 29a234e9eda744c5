"""A pod's volumes as folders, filled once at its start (a later change of a Secret reaches only new pods)."""

from __future__ import annotations

from pathlib import Path

from sandbox.clusters.jsons import Json
from sandbox.clusters.kubelet.environment import ConfigError, data_of, field_of
from sandbox.clusters.resources import CONFIG_MAPS, SECRETS, Resource
from sandbox.clusters.store import Store


class VolumeError(Exception):
    """A volume that cannot be set up; the message is the FailedMount event's."""


def set_up(store: Store, pod: Json, folder: Path, account: dict[str, bytes]) -> None:
    """Make every volume of a pod under `folder`; VolumeError names the first that cannot be made.

    `account` is what serviceAccountToken and kube-root-ca.crt give: token and ca.crt.
    """
    for volume in pod["spec"].get("volumes") or []:
        target = folder / volume["name"]
        try:
            content = _content(store, pod, volume, account)
        except ConfigError as problem:
            raise VolumeError(
                f'MountVolume.SetUp failed for volume "{volume["name"]}" : {problem}'
            ) from problem
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, data in content.items():
            path = target / name
            if not path.resolve().is_relative_to(target.resolve()):
                raise VolumeError(f'volume "{volume["name"]}": {name!r} leaves the volume')
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(data)


def _content(store: Store, pod: Json, volume: Json, account: dict[str, bytes]) -> dict[str, bytes]:
    if "emptyDir" in volume:
        return {}
    if "secret" in volume:
        return _object(store, pod, SECRETS, {"name": volume["secret"].get("secretName"), **volume["secret"]})
    if "configMap" in volume:
        return _object(store, pod, CONFIG_MAPS, volume["configMap"])
    if "downwardAPI" in volume:
        return _fields(pod, volume["downwardAPI"])
    if "projected" in volume:
        found: dict[str, bytes] = {}
        for source in volume["projected"].get("sources") or []:
            found |= _projected(store, pod, source, account)
        return found
    kinds = ", ".join(sorted(set(volume) - {"name"}))
    raise ConfigError(f"the sandbox's kubelet does not serve volumes of kind {kinds}")


def _projected(store: Store, pod: Json, source: Json, account: dict[str, bytes]) -> dict[str, bytes]:
    if "serviceAccountToken" in source:
        return {source["serviceAccountToken"]["path"]: account["token"]}
    if "downwardAPI" in source:
        return _fields(pod, source["downwardAPI"])
    if "configMap" in source and source["configMap"]["name"] == "kube-root-ca.crt":
        return {"ca.crt": account["ca.crt"]}
    if "configMap" in source:
        return _object(store, pod, CONFIG_MAPS, source["configMap"])
    return _object(store, pod, SECRETS, source["secret"]) if "secret" in source else {}


def _fields(pod: Json, source: Json) -> dict[str, bytes]:
    items = source.get("items") or []
    return {each["path"]: field_of(pod, each["fieldRef"]["fieldPath"]).encode() for each in items}


def _object(store: Store, pod: Json, resource: Resource, reference: Json) -> dict[str, bytes]:
    word = "secret" if resource is SECRETS else "configmap"
    found = store.read(resource, pod["metadata"]["namespace"], reference["name"])
    if found is None:
        if reference.get("optional"):
            return {}
        raise ConfigError(f'{word} "{reference["name"]}" not found')
    data = data_of(found)
    items = reference.get("items")
    if not items:
        return data
    missing = [each["key"] for each in items if each["key"] not in data]
    if missing and not reference.get("optional"):
        raise ConfigError(f"references non-existent {word} key: {missing[0]}")
    return {each["path"]: data[each["key"]] for each in items if each["key"] in data}
