"""All that the site asks the engine, one function each: the boundary between the two.

A request works something out of a trace, of a network, or of plain values alone; and what it is
given besides and gives back are plain values: numbers, texts, bytes, pictures, arrays, and frozen
records of them. An engine elsewhere answers these and nothing else; what it takes is loaded with
this module, or when it is first asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .canvas.sent import prediction_as_sent
from .choose.opening import open_weights
from .classify.compare.batch import said_of
from .classify.group.grouped import features_in, placed_by
from .classify.teach.learning import head_from, learned_from, origin_in, seen_in
from .classify.what_if.answers import carry_out, what_if_of
from .classify.what_if.settings import settings_of
from .classify.why.answers import check_of, overlay_of, tile_of
from .classify.why.question import classes_of, places_of
from .engine.far.wire import name_of as name_of
from .engine.kept import answered, kept_answer
from .engine.passage import facts_of
from .explore.deconvolution.sent import pack_stages
from .explore.kernels.sent import pack_kernels, sum_of
from .explore.map.sent import pack_map
from .explore.overview.sent import overview_of
from .explore.snapshots.sent import pack_training
from .explore.trail.sent import trail_as_sent
from .explore.unit.letters import pack_field, pack_growth, pack_sum
from .explore.unit.sent import about_unit, pack_unit, strongest_of
from .explore.wall.measures import rows_of, table_as_csv
from .explore.wall.sent import pack_wall
from .labs.convolution import tasks as convolution_tasks
from .labs.convolution.sent import pack_convolution
from .labs.final_layer.answers import (
    lab_with,
    lab_without,
    limits_said,
    network_codes,
    toy_code,
)
from .labs.learning import tasks as learning_tasks
from .labs.learning.lessons import first_told
from .labs.learning.moment import answer_at, facts_at, inside_at, mistakes_at, validations_at
from .labs.learning.sent import pack_controls
from .labs.photo import shape_of
from .labs.pixels import tasks as pixels_tasks
from .labs.pixels.costs import costs_by_edge, own_size_words
from .labs.pixels.sent import pack_patch, pack_rungs, pack_weighing
from .labs.pooling import tasks as pooling_tasks
from .labs.pooling.sent import pack_pooling
from .labs.stacking import tasks as stacking_tasks
from .labs.stacking.sent import pack_stacking

_ALL: tuple[Callable[..., Any], ...] = (
    about_unit,
    answer_at,
    answered,
    carry_out,
    check_of,
    classes_of,
    convolution_tasks.code_of,
    convolution_tasks.questions_of,
    costs_by_edge,
    facts_at,
    facts_of,
    features_in,
    first_told,
    head_from,
    inside_at,
    kept_answer,
    lab_with,
    lab_without,
    learned_from,
    learning_tasks.code_of,
    learning_tasks.questions_of,
    limits_said,
    mistakes_at,
    network_codes,
    open_weights,
    origin_in,
    overlay_of,
    overview_of,
    own_size_words,
    pack_controls,
    pack_convolution,
    pack_field,
    pack_growth,
    pack_kernels,
    pack_map,
    pack_patch,
    pack_pooling,
    pack_rungs,
    pack_stacking,
    pack_stages,
    pack_sum,
    pack_training,
    pack_unit,
    pack_wall,
    pack_weighing,
    pixels_tasks.code_of,
    pixels_tasks.questions_of,
    placed_by,
    places_of,
    pooling_tasks.code_of,
    pooling_tasks.questions_of,
    prediction_as_sent,
    rows_of,
    said_of,
    seen_in,
    settings_of,
    shape_of,
    stacking_tasks.code_of,
    stacking_tasks.questions_of,
    strongest_of,
    sum_of,
    table_as_csv,
    tile_of,
    toy_code,
    trail_as_sent,
    validations_at,
    what_if_of,
)


REQUESTS: Mapping[str, Callable[..., Any]] = {name_of(each): each for each in _ALL}
"""By name."""
