"""The engine as the site uses it: loaded in the background, shared, one slot a core.

Nothing here knows Streamlit, and importing it does not import torch.
"""

from ali5.networks.allocator import trim

from .asking import (
    Progress,
    Tell,
    ask,
    holding,
    is_built,
    is_of_the_catalog,
    is_ready,
    look,
    network_of,
    work_out,
)
from .beside import SPARE_PLACES, Away, helpers
from .budget import BUDGET
from .cache import is_kept
from .collector import let_go
from .far import tell_place_by
from .far.line import EngineAway
from .forgetting import forget_digests, forget_what_is_gone, forget_with
from .kept import (
    answered,
    device,
    forget_other_own,
    kept_by_network,
    key_of,
    network,
    own_network,
    traced,
    varied,
)
from .loading import (
    FIRST_NETWORK,
    is_away,
    is_loaded,
    loading_in_words,
    says_full,
    start_loading,
    wait_until_loaded,
)
from .passage import Chosen, NetworkFacts, Passage, StepFacts, Subject, facts_of
from .picture import FIRST_PICTURE, Picture
from .priority import step_back
from .remembered import bytes_of, name_of, number_of, once
from .rounds import Rounds
from .slots import Account, account_by, background_slot, one_place, slot, yield_at
from .turns import aside, let_pass, turn

count_also = BUDGET.count_also
"""Let something count against the budget that is kept elsewhere."""

__all__ = [
    "FIRST_NETWORK",
    "FIRST_PICTURE",
    "SPARE_PLACES",
    "Account",
    "Away",
    "Chosen",
    "EngineAway",
    "NetworkFacts",
    "Passage",
    "Picture",
    "Progress",
    "Rounds",
    "StepFacts",
    "Subject",
    "Tell",
    "account_by",
    "answered",
    "aside",
    "ask",
    "background_slot",
    "bytes_of",
    "count_also",
    "device",
    "facts_of",
    "forget_digests",
    "forget_other_own",
    "forget_what_is_gone",
    "forget_with",
    "helpers",
    "holding",
    "is_away",
    "is_built",
    "is_kept",
    "is_loaded",
    "is_of_the_catalog",
    "is_ready",
    "kept_by_network",
    "key_of",
    "let_go",
    "let_pass",
    "loading_in_words",
    "look",
    "name_of",
    "network",
    "network_of",
    "number_of",
    "once",
    "one_place",
    "own_network",
    "says_full",
    "slot",
    "start_loading",
    "step_back",
    "tell_place_by",
    "traced",
    "trim",
    "turn",
    "varied",
    "wait_until_loaded",
    "work_out",
    "yield_at",
]
