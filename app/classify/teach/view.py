"""A visitor's groups of pictures, and the lesson that they make.

They belong to one session and are never written to disk. Importing this module does not import
torch.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.groups import LONGEST_NAME, MOST_PICTURES, check_groups
from ali5.door import tidied
from ali5.known.catalog import catalog
from ali5.pictures.batches import Member
from ali5.site.exploring import own

from ... import address, engine
from ...choose import heads
from ...choose.choice import OWN, Choice, kind_of, own_choice
from ...choose.network import ready
from ...words import plain
from ..many.brought import Brought, brought
from ..many.work import open_member
from .learning import AT_ONCE, learned_from, seen_in

if TYPE_CHECKING:
    from PIL import Image

    from .learning import Seen

EXAMPLES = {
    "shapes": "Shapes",
    "digits": "Even and odd",
    "photographs": "Kinds of picture",
}
"""Groups that are always there, and what to call them."""

MINE = "own"
"""In the address, groups of the visitor's own."""

DEFAULT = "shapes"

MOST_SEEN = 2 * MOST_PICTURES
"""Pictures whose features a session keeps, so that teaching again takes no time."""

_GROUPS, _LESSON, _SEEN, _ROUNDS = "teach-groups", "teach-lesson", "teach-seen", "teach-rounds"
_KNOWN, _ASIDE = "teach-place", "teach-aside"

_PLACE = ("groups", "backbone", "head", "bring", "to", "held")
"""Choices of this page that it comes back to."""


@dataclass(frozen=True, eq=False)
class Group:
    """A class to be.

    Attributes:
        key: Its own among all groups of the session.
        name: As the visitor calls it; may still be empty.
        pictures: What shall teach it.
    """

    key: str
    name: str
    pictures: tuple[Brought, ...] = ()


Groups = tuple[Group, ...]


def recall() -> None:
    """Go on where the visitor was when they come back from another page without an address."""
    now = {name: address.text(name) for name in _PLACE if address.text(name)}
    if address.has_arrived() and not now:
        address.write(**st.session_state.get(_KNOWN, {}))
        return
    st.session_state[_KNOWN] = now


# --- Which groups -------------------------------------------------------------------------------


def groups_now() -> Groups:
    """Return the groups that the address names: an example, or the visitor's own."""
    which = address.read("groups", (*EXAMPLES, MINE), DEFAULT)
    if which != MINE:
        return _example(which)
    kept: Groups | None = st.session_state.get(_GROUPS)
    return kept if kept is not None else (Group("a", "Group 1"), Group("b", "Group 2"))


def are_missing() -> bool:
    """Tell whether the address names groups of somebody's own that are not in this session."""
    return address.text("groups") == MINE and _GROUPS not in st.session_state


@functools.cache
def _example(name: str) -> Groups:
    return tuple(
        Group(
            f"{name}-{number}",
            title,
            tuple(
                brought(f"{title}, number {place}", image) for place, image in enumerate(images, 1)
            ),
        )
        for number, (title, images) in enumerate(example_groups(name).items())
    )


def write_groups(groups: Iterable[Group], anew: bool = False) -> None:
    """Make these the visitor's own groups; an example stays as it is.

    Args:
        groups: To be seen from now on.
        anew: Whether they take the place of all groups, which can be brought back then, as those of
            the visitor can when an example becomes theirs.
    """
    before: Groups = st.session_state.get(_GROUPS, ())
    theirs = address.read("groups", (*EXAMPLES, MINE), DEFAULT) == MINE
    if (anew or not theirs) and any(each.pictures for each in before):
        st.session_state[_ASIDE] = before
    st.session_state[_GROUPS] = tuple(groups)
    address.write(groups=MINE)


def set_aside() -> Groups:
    """Return the visitor's groups whose place others have taken, if there are any."""
    aside: Groups = st.session_state.get(_ASIDE, ())
    return aside


def bring_back() -> None:
    """Bring back the groups that were set aside, if any; those of now are set aside instead."""
    if not set_aside():  # a second click, before the button is gone
        return
    now: Groups = st.session_state.get(_GROUPS, ())
    st.session_state[_GROUPS], st.session_state[_ASIDE] = set_aside(), now
    address.write(groups=MINE)


def change(key: str, changed: Callable[[Group], Group]) -> None:
    """Change one group."""
    write_groups(changed(each) if each.key == key else each for each in groups_now())


def rename(key: str, name: str) -> None:
    """Give a group another name."""
    change(key, lambda group: replace(group, name=tidied(name)[:LONGEST_NAME]))


def remove_picture(key: str, digest: str) -> None:
    """Take a picture out of a group."""
    change(
        key,
        lambda group: replace(
            group, pictures=tuple(each for each in group.pictures if each.digest != digest)
        ),
    )


def add_pictures(key: str, pictures: Sequence[Brought]) -> None:
    """Put pictures into a group."""
    change(key, lambda group: replace(group, pictures=(*group.pictures, *pictures)))


def new_group(name: str, pictures: Sequence[Brought] = ()) -> Group:
    """Return a group unlike all others."""
    return Group(uuid.uuid4().hex[:8], name, tuple(pictures))


def add_group() -> None:
    """Add a group behind the others."""
    groups = groups_now()
    taken = {each.name.casefold() for each in groups}
    free = next(f"Group {n}" for n in range(1, 99) if f"group {n}" not in taken)
    write_groups((*groups, new_group(free)))


def drop_group(key: str) -> None:
    """Take a group away with its pictures."""
    write_groups(each for each in groups_now() if each.key != key)


def start_empty() -> None:
    """Begin anew with two empty groups."""
    write_groups((Group("a", "Group 1"), Group("b", "Group 2")), anew=True)


def field(name: str) -> str:
    """Return the key of a field that is empty again after each time that it was used."""
    rounds: dict[str, int] = st.session_state.get(_ROUNDS, {})
    return f"teach-{name}-{rounds.get(name, 0)}"


def empty_fields(*names: str) -> None:
    """Empty fields for files and photos; what was uploaded through them is let go."""
    rounds: dict[str, int] = st.session_state.setdefault(_ROUNDS, {})
    for name in names:
        rounds[name] = rounds.get(name, 0) + 1


# --- Taking in pictures -------------------------------------------------------------------------


def room_left() -> int:
    """Return how many pictures more the groups of now can take."""
    return MOST_PICTURES - sum(len(group.pictures) for group in groups_now())


def take(
    members: Sequence[Member], room: int, told: Callable[[int, int], None]
) -> tuple[list[tuple[Member, Brought]], list[str]]:
    """Open pictures; return those that could be opened, and a sentence in Markdown for each other.

    Args:
        members: From `ali5.read_batch`.
        room: For so many.
        told: Called before each with how many are done and how many there are.
    """
    opened: list[tuple[Member, Brought]] = []
    refusals = []
    for done, member in enumerate(members):
        told(done, len(members))
        found: Image.Image | str = f"At most {MOST_PICTURES} pictures can teach; there is no room."
        if len(opened) < room or member.refusal:
            with engine.slot():
                found = open_member(member)
        if isinstance(found, str):
            refusals.append(f"“{plain(member.name)}”: {plain(found)}")
        else:
            opened.append((member, brought(member.name, found)))
    return opened, refusals


# --- The backbone -------------------------------------------------------------------------------


def backbones() -> dict[str, Choice]:
    """Return what can be taught, by its name in the address: every edition that has learned."""
    found = {}
    mine = own()
    if mine is not None:
        found[OWN] = own_choice(mine)
    for known in catalog().values():
        for edition in known.editions.values():
            choice = Choice(known, edition, kind_of(known, edition))
            if choice.weights != "untrained":
                found[f"{known.id}-{edition.name}"] = choice
    return found


def choose_backbone() -> Choice:
    """Show the choice of a backbone; return what is chosen."""
    possible = backbones()
    name = address.choose(
        "Backbone",
        {name: _in_words(choice) for name, choice in possible.items()},
        name="backbone",
        default="resnet18-compact",
        as_list=True,
        explanation="The network whose last layer is replaced. What it has learned to see before "
        "decides how well it can tell your groups apart.",
    )
    return possible[name]


def _in_words(choice: Choice) -> str:
    edition = choice.edition
    kinds = {"compact": "digits" if edition.labels == "digits" else "", "own": "yours"}
    kind = kinds.get(edition.name, edition.name)
    return f"{choice.architecture.heading}, {kind}" if kind else choice.architecture.heading


# --- The lesson ---------------------------------------------------------------------------------


def lesson_of(groups: Groups, backbone: Choice) -> str:
    """Return a name for what would be taught: the same groups on the same backbone, the same."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(
        repr((backbone.architecture.id, backbone.edition.name, backbone.weights)).encode()
    )
    for group in groups:
        pictures = sorted(each.digest for each in group.pictures)
        digest.update(repr((group.name, pictures)).encode())
    return digest.hexdigest()


def begin(lesson: str) -> None:
    """Note that a lesson shall be taught."""
    st.session_state[_LESSON] = lesson


def cancel() -> None:
    """Give a lesson up."""
    st.session_state.pop(_LESSON, None)


def has_begun(lesson: str) -> bool:
    """Tell whether a lesson is on; one about other groups or on another backbone ends."""
    if st.session_state.get(_LESSON) not in (None, lesson):
        cancel()
    return st.session_state.get(_LESSON) == lesson


def hold(groups: Groups, backbone: Choice, told: Callable[[float, str], None]) -> heads.Kept:
    """Teach; what a picture has become for the backbone is kept for the next lesson.

    Args:
        groups: Without faults.
        backbone: What to teach them to.
        told: Called with a share, 0..1, and words; what it raises ends the lesson.

    Raises:
        Ali5Error: The backbone cannot be taught.
    """
    check_groups([(each.name, [one.digest for one in each.pictures]) for each in groups])
    chosen = ready(backbone)
    seen = _seen(backbone)
    images = {one.digest: one.image for each in groups for one in each.pictures}
    missing = [digest for digest in images if digest not in seen]
    # A large network takes seconds for a few pictures, and the visitor may have gone on.
    at_once = max(1, min(AT_ONCE, 2_000_000_000 // max(1, backbone.edition.multiply_adds)))
    for start in range(0, len(missing), at_once):
        words = f"Looking at picture {start + 1} of {len(missing)}"
        told(0.9 * start / len(missing), words)
        part = missing[start : start + at_once]
        found = engine.ask(seen_in, chosen, [images[each] for each in part])
        seen |= dict(zip(part, found, strict=True))
    while len(seen) > MOST_SEEN:
        seen.pop(next(each for each in seen if each not in images))
    taught = engine.ask(
        learned_from,
        chosen,
        {each.name: [seen[one.digest] for one in each.pictures] for each in groups},
        lambda share, words: told(0.9 + 0.1 * share, words),
    )
    pictures = [[heads.Shown(one.name, one.thumbnail) for one in each.pictures] for each in groups]
    head = heads.keep(taught, backbone, pictures, lesson_of(groups, backbone))
    cancel()
    address.write(head=heads.name_of(head))
    return head


def _seen(backbone: Choice) -> dict[str, Seen]:
    """Return what pictures of this session have become for a backbone; of the last one only."""
    key = (backbone.architecture.id, backbone.edition.name, backbone.weights)
    kept: tuple[object, dict[str, Seen]] | None = st.session_state.get(_SEEN)
    if kept is None or kept[0] != key:
        kept = (key, {})
        st.session_state[_SEEN] = kept
    return kept[1]


def forget() -> None:
    """Forget all that the visitor has brought and taught."""
    for name in (_GROUPS, _ASIDE, _LESSON, _SEEN, _KNOWN):
        st.session_state.pop(name, None)
    for name in list(heads.kept()):
        heads.forget(name)
    address.write(groups=None, head=None)
