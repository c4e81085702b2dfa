"""What is said to people about two who are not one customer. No value of anybody's is in it."""

from collections.abc import Sequence

from aggregates.explaining.reason import named
from aggregates.resolution import THINGS

NOTHING = "Nothing links them: no signal has ever named both."
KEPT_APART = "Somebody said that they are not the same person; no rule unites them again."
TWO_ACCOUNTS = "Each has an account of their own at the shop, so no rule unites them."
TOGETHER_TOO_MANY = "Together they would have more addresses or phones than one person has."
_SAID = {
    "device_switched": "A device of the one came to speak for the other; what it told before stays"
    " where it was.",
    "shared_value": "So many people use the same {kinds} that it unites nobody.",
    "limit": "The {kinds} was left aside: one person does not have so many.",
    "unlinked": "Somebody said that this {kinds} is not theirs.",
    "seen_with_both": "The {kinds} of the one was seen with the other; that was not enough.",
    "used_by_both": "Both were seen with a {kinds} that is somebody else's.",
    "named_together": "One signal named both, by {kinds}; that was not enough to unite them.",
}
_HANDED_ON = "One signal named both, by {kinds}: such things are handed on, and unite nobody known."


def of(rule: str, kinds: Sequence[str]) -> str:
    if rule == "named_together" and kinds and THINGS.issuperset(kinds):
        return _HANDED_ON.format(kinds=named(kinds))
    return _SAID[rule].format(kinds=named(kinds) or "identifier")


def candidate(kinds: Sequence[str], score: float) -> str:
    seen = f"The same {named(kinds)} was seen with both" if kinds else "They are alike"
    return f"{seen}: whether they are one person waits for an answer (score {score:g})."
