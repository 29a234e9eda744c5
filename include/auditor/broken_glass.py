"""Broken glass, checked again from the rows: two people, one use, and somebody else who looked at it."""

from __future__ import annotations

from auditor.rows import Row
from auditor.signed import Broken


class BrokenGlass:
    """Warrants past shut gates, and what is owed for each."""

    def __init__(self) -> None:
        self._warrants: dict[str, Row] = {}
        """Emergency → its warrant."""
        self._uses: dict[str, Row] = {}
        self._reviewed: set[str] = set()

    def warrant(self, what: str, warrant: Row, request: Row | None) -> str:
        """Check a warrant against the question that its people answered; what to add to its line."""
        emergency, asked = warrant.get("emergency"), (request or {}).get("emergency")
        if emergency != asked:
            raise Broken(f"{what}: the warrant is for another emergency than people were asked about")
        if emergency is None:
            return ""
        identity = warrant["approval"]
        if identity in self._warrants:
            raise Broken(f"{what}: one emergency has two warrants")
        if request is None or not request["requester"] or not request["signatures"]:
            raise Broken(f"{what}: the glass was broken by fewer than two people")
        self._warrants[identity] = warrant
        return f", in emergency {emergency['incident']}"

    def use(self, what: str, event: Row, data: Row, request: Row | None, people: list[str]) -> str:
        """Check the record of a use against its warrant and its signatures."""
        use = data["use"]
        warrant = self._warrants.get(event["subject"])
        if warrant is None or (use["warrant"], use["emergency"]) != (warrant["id"], warrant["emergency"]):
            raise Broken(f"{what}: glass was broken that no warrant before it is for")
        two = [use["requester"], *use["signers"]]
        if request is None or use["requester"] != request["requester"] or sorted(use["signers"]) != people:
            raise Broken(f"{what}: other people are named than asked and signed")
        if len(set(two)) < 2 or len(set(two)) != len(two):
            raise Broken(f"{what}: the glass was broken by fewer people than it takes")
        self._uses[event["subject"]] = use
        past = ", ".join(use["passed"]) or "no shut gate"
        return f"GLASS    broken for {use['emergency']['incident']} past {past}, by {' and '.join(two)}"

    def review(self, what: str, event: Row, data: Row) -> str:
        """Check that somebody else looked at it."""
        use, review = self._uses.get(event["subject"]), data["review"]
        if use is None:
            raise Broken(f"{what}: a review of glass that no row before it breaks")
        if review["person"] in (use["requester"], *use["signers"]):
            raise Broken(f"{what}: {review['person']} broke the glass and looked at it too")
        self._reviewed.add(event["subject"])
        word = "justified" if review["justified"] else "not justified"
        return f"review   {review['person']} found it {word}: {review['finding']}"

    def owed(self) -> list[str]:
        """What nobody has looked at yet; Broken for a warrant past shut gates that was not told."""
        for identity, warrant in self._warrants.items():
            if identity not in self._uses:
                raise Broken(f"warrant {warrant['id']} passed shut gates, and no row says that it did")
        return [
            f"  OWED: nobody has looked at the glass broken for {use['emergency']['incident']} yet; "
            f"due {use['review_due_at']}"
            for identity, use in self._uses.items()
            if identity not in self._reviewed
        ]
