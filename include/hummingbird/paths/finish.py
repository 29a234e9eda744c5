"""Finish a release or hotfix: what production serves comes into master and develop, and master is tagged.

Every step looks first: what is contained is not merged, what is open is not opened, what is tagged is not
tagged, what was told is not told. Killed anywhere and started again, it goes on where it was.
"""

from __future__ import annotations

from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost, MergeRequest
from hummingbird.core.errors import NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.finishing import Finishing, How, Return
from hummingbird.core.gitflow import DEVELOP, MASTER, finish_branch
from hummingbird.core.ports import Notary, Tracker
from hummingbird.paths.close import tag_release
from hummingbird.paths.hotfix import origin_of
from hummingbird.paths.left_open import tell_left_open, tell_open_releases, why_left_open


def finish(
    catalogue: Catalogue, code: CodeHost, tracker: Tracker, notary: Notary, bundle: Bundle, run: str
) -> tuple[list[Return], list[str]]:
    """Merge into master, tag, merge into develop: each component its own; what is in the way is told once.

    The tag is on the delivered commit, also where master could not take it: it names what production serves.
    """
    all_of_it = [_finishing(catalogue, notary, bundle, carried, run) for carried in bundle.components]
    on_the_way = [each for each in all_of_it if each is not None]
    returns = [_bring(code, tracker, notary, each, MASTER) for each in on_the_way]
    branches = {each.carried.name: each.origin.branch for each in on_the_way}
    tags = tag_release(catalogue, code, notary, bundle, run, branches)
    returns += [_bring(code, tracker, notary, each, DEVELOP) for each in on_the_way]
    for each in on_the_way:
        tell_open_releases(code, tracker, each)
    return returns, tags


def _finishing(
    catalogue: Catalogue, notary: Notary, bundle: Bundle, carried: BundleComponent, run: str
) -> Finishing | None:
    """None for a component that came from no branch, as when only its configuration was delivered."""
    origin = origin_of(notary, carried.name, carried.commit, bundle.story, carried.version)
    if origin is None:
        return None
    project = catalogue.component(carried.name).gitlab_project
    return Finishing(project=project, carried=carried, origin=origin, bundle=bundle.sha256, run=run)


def _bring(code: CodeHost, tracker: Tracker, notary: Notary, job: Finishing, target: str) -> Return:
    contained = _contains(code, job, target)
    if contained is None:
        return _left_open(tracker, notary, job, target, None, f"{job.project} has no branch {target}")
    if contained:
        before = _merged_request(code, job, target)
        _record(notary, EventKind.CHANGE_MERGED, job, target, before)
        return _return(job, target, How.CONTAINED, before)
    request = _merge(code, job, target)
    if request.state == "opened" and request.commit != job.carried.commit:
        request = _merge(code, job, target)  # its branch moved on this very moment: ours takes over
    if _contains(code, job, target):
        _record(notary, EventKind.CHANGE_MERGED, job, target, request)
        return _return(job, target, How.MERGED, request)
    why, files = why_left_open(code, job, target, request)
    return _left_open(tracker, notary, job, target, request, why, files)


def _left_open(
    tracker: Tracker,
    notary: Notary,
    job: Finishing,
    target: str,
    request: MergeRequest | None,
    why: str,
    files: tuple[str, ...] = (),
) -> Return:
    tell_left_open(tracker, job, target, request, why)
    _record(notary, EventKind.CHANGE_LEFT_OPEN, job, target, request, why=why, files=list(files))
    return _return(job, target, How.LEFT_OPEN, request, why, files)


def _merge(code: CodeHost, job: Finishing, target: str) -> MergeRequest:
    name = f"{job.carried.name} {job.carried.version}"
    # No story's key in these texts: what comes back was delivered, its stories travel no second time.
    text = f"Delivered to production as bundle {job.bundle[:12]}, commit {job.carried.commit}."
    title = f"Finish {name}: into {target}"
    request = code.find_or_open(job.project, _source(code, job), target, title, text)
    return code.accept(job.project, request.iid, job.carried.commit, f"Merge {name} into {target}\n\n{text}")


def _contains(code: CodeHost, job: Finishing, target: str) -> bool | None:
    """Whether the target holds the delivered commit; None when there is no such branch."""
    try:
        head = code.branch(job.project, target).commit
    except NotFound:
        return None
    return code.is_ancestor(job.project, job.carried.commit, head)


def _source(code: CodeHost, job: Finishing) -> str:
    """The branch that is at the delivered commit: its own, or one of ours when that one moved on or is gone.

    What was not delivered must not come into master on its back.
    """
    try:
        if code.branch(job.project, job.origin.branch).commit == job.carried.commit:
            return job.origin.branch
    except NotFound:
        pass
    own = finish_branch(job.carried.version)
    code.branch_once(job.project, own, job.carried.commit)
    return own


def _merged_request(code: CodeHost, job: Finishing, target: str) -> MergeRequest | None:
    """The merge request that brought the commit in, when there was one."""
    for source in (job.origin.branch, finish_branch(job.carried.version)):
        for request in code.merge_requests(job.project, source):
            if (request.target_branch, request.state) == (target, "merged"):
                return request
    return None


def _return(
    job: Finishing,
    target: str,
    how: How,
    request: MergeRequest | None,
    why: str = "",
    files: tuple[str, ...] = (),
) -> Return:
    return Return(
        component=job.carried.name,
        version=job.carried.version,
        target=target,
        how=how,
        merge_request=request.iid if request else None,
        url=request.url if request else None,
        why=why,
        files=list(files),
    )


def _record(
    notary: Notary, kind: EventKind, job: Finishing, target: str, request: MergeRequest | None, **more: object
) -> None:
    word = "merged" if kind is EventKind.CHANGE_MERGED else "left-open"
    key = f"{word}:{job.carried.name}:v{job.carried.version}:{target}"
    if notary.events(key=key):
        return
    notary.append(
        DeliveryEvent(
            kind=kind,
            key=key,
            subject=request.url if request else f"{job.project}@{job.carried.commit}",
            story=job.origin.story,
            bundle=job.bundle,
            component=job.carried.name,
            run=job.run,
            actor="platform",
            data={
                "project": job.project,
                "branch": job.origin.branch,
                "target": target,
                "commit": job.carried.commit,
                "merge_request": request.iid if request else None,
                **more,
            },
        )
    )
