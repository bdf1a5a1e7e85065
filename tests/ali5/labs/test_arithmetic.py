"""Convolution and pooling equal PyTorch's, and the parts shown add up to the number shown."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import ali5
from ali5.labs.arithmetic import Convolution, convolve, pool

EDGES = st.integers(1, 12)


def random_picture(seed: int, channels: int, height: int, width: int) -> torch.Tensor:
    return torch.randn(channels, height, width, generator=torch.Generator().manual_seed(seed))


def tried(run):
    """What a call gives and "", or None and the sentence of its refusal."""
    try:
        return run(), ""
    except ali5.Ali5Error as error:
        return None, str(error)


def border_of(result: Convolution) -> tuple[int, int, int, int]:
    rows, columns = result.rows, result.columns
    return (columns.window.padding, columns.after, rows.window.padding, rows.after)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@settings(max_examples=500, deadline=None)
@given(
    seed=st.integers(0, 9999),
    size=st.tuples(st.integers(1, 3), EDGES, EDGES),
    filters=st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5)),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    padding=st.one_of(st.sampled_from(["valid", "same", "full"]), st.integers(0, 6)),
    mode=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    has_bias=st.booleans(),
)
def test_convolution_is_pytorchs_and_its_parts_add_up(
    seed, size, filters, stride, dilation, padding, mode, has_bias
) -> None:
    channels, height, width = size
    count, kernel_height, kernel_width = filters
    pixels = random_picture(seed, channels, height, width)
    kernel = random_picture(seed + 1, count * channels, kernel_height, kernel_width)
    kernel = kernel.view(count, channels, kernel_height, kernel_width)
    bias = random_picture(seed + 2, 1, 1, count)[0, 0] if has_bias else None
    kwargs = {"stride": stride, "dilation": dilation, "padding": padding, "padding_mode": mode}
    torch_mode = "constant" if mode == "zeros" else mode
    result, refusal = tried(lambda: convolve(pixels, kernel, bias, **kwargs))
    if result is None:
        assert "padding may be" in refusal or "may span" in refusal
        extents = [(edge - 1) * dilation + 1 for edge in filters[1:]]
        down, right = (
            0 if padding == "valid" else extent - 1 if padding == "full" else padding
            for extent in extents
        )
        if padding != "same":
            with pytest.raises(RuntimeError):  # PyTorch refuses what we refuse
                F.conv2d(
                    F.pad(pixels[None], (right, right, down, down), torch_mode),
                    *(kernel, bias, stride, 0, dilation),
                )
        return
    padded = F.pad(pixels[None], border_of(result), torch_mode)
    assert torch.equal(result.output, F.conv2d(padded, kernel, bias, stride, 0, dilation)[0])
    if padding == "same":
        assert result.output.shape[1:] == (-(-height // stride), -(-width // stride))
        if stride == 1 and mode == "zeros":
            theirs = F.conv2d(pixels[None], kernel, bias, 1, "same", dilation)[0]
            assert torch.allclose(result.output, theirs, atol=1e-5)
    elif isinstance(padding, int) and mode == "zeros":
        theirs = F.conv2d(pixels[None], kernel, bias, stride, padding, dilation)[0]
        assert torch.allclose(result.output, theirs, atol=1e-5)
    assert result.output.shape == (count, result.rows.count, result.columns.count)
    last = tuple(edge - 1 for edge in result.output.shape)
    for place in ((0, 0, 0), last, tuple(seed % edge for edge in result.output.shape)):
        window = result.window(*place)
        assert float(window.products.sum()) + window.bias == pytest.approx(window.total, abs=1e-4)
        assert float(window.by_channel.sum()) + window.bias == pytest.approx(window.total, abs=1e-4)
        for i, row in enumerate(window.rows):
            for j, column in enumerate(window.columns):
                inside = 0 <= row < height and 0 <= column < width
                if inside:
                    assert torch.equal(window.patch[:, i, j], pixels[:, row, column])
                elif mode == "zeros":
                    assert not window.patch[:, i, j].any()


@settings(max_examples=500, deadline=None)
@given(
    seed=st.integers(0, 9999),
    size=st.tuples(st.integers(1, 3), EDGES, EDGES),
    kind=st.sampled_from(["max", "average"]),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.one_of(st.none(), st.integers(1, 4)),
    padding=st.integers(0, 3),
    ceil_mode=st.booleans(),
)
def test_pooling_is_pytorchs_and_its_parts_add_up(
    seed, size, kind, kernel, stride, padding, ceil_mode
) -> None:
    pixels = random_picture(seed, *size)
    function = F.max_pool2d if kind == "max" else F.avg_pool2d
    kwargs = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    result, refusal = tried(lambda: pool(pixels, kind, kernel=kernel, **kwargs))
    if result is None:
        assert "may be" in refusal
        if "half the window" in refusal:
            with pytest.raises(RuntimeError):
                function(pixels[None], kernel, **kwargs)
        return
    expected = function(pixels[None], kernel, **kwargs)[0]
    assert torch.equal(result.output, expected)
    assert result.output.shape[1:] == (result.rows.count, result.columns.count)
    last = tuple(edge - 1 for edge in result.output.shape)
    for place in ((0, 0, 0), last, tuple(seed % edge for edge in result.output.shape)):
        window = result.window(*place)
        if kind == "max":
            assert window.winner is not None
            assert float(pixels[(place[0], *window.winner)]) == window.total
            assert float(window.patch.max()) == window.total
        else:
            assert window.winner is None
            assert float(window.patch.sum()) / window.divisor == pytest.approx(
                window.total, abs=1e-5
            )


def test_a_convolution_by_hand() -> None:
    pixels = torch.arange(25.0).view(1, 5, 5)
    kernel = torch.tensor([[[[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]]])
    result = convolve(pixels, kernel)
    assert result.output.shape == (1, 3, 3)
    assert torch.equal(result.output, torch.full((1, 3, 3), -8.0))  # not flipped
    window = result.window(0, 1, 2)
    assert window.rows == (1, 2, 3)
    assert window.columns == (2, 3, 4)
    assert window.products[0].tolist() == [[7, 0, -9], [24, 0, -28], [17, 0, -19]]
    assert result.rows.formula == "⌊(5 + 0 − 3) / 1⌋ + 1 = 3"


@pytest.mark.parametrize(
    ("size", "kernel", "settings_", "count"),
    [  # The relationships of Dumoulin & Visin 2016, section 2, with the numbers of their figures.
        (4, 3, {"padding": 0, "stride": 1}, 2),  # figure 2.1: no padding
        (5, 4, {"padding": 2, "stride": 1}, 6),  # figure 2.2: arbitrary padding
        (5, 3, {"padding": "same", "stride": 1}, 5),  # figure 2.3: half padding
        (5, 3, {"padding": "full", "stride": 1}, 7),  # figure 2.4: full padding
        (5, 3, {"padding": 0, "stride": 2}, 2),  # figure 2.5: strides
        (5, 3, {"padding": 1, "stride": 2}, 3),  # figure 2.6
        (6, 3, {"padding": 1, "stride": 2}, 3),  # figure 2.7
        (7, 3, {"padding": 0, "stride": 1, "dilation": 2}, 3),  # figure 5.1: dilation
    ],
)
def test_published_sizes(size: int, kernel: int, settings_: dict, count: int) -> None:
    result = convolve(torch.zeros(1, size, size), torch.ones(1, 1, kernel, kernel), **settings_)
    assert result.output.shape == (1, count, count)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stride": 0}, "stride must be a whole number from 1, not 0"),
        ({"stride": 1.5}, "stride must be"),
        ({"dilation": 0}, "dilation must be"),
        ({"padding": -1}, "padding must be 'valid', 'same', 'full' or a whole number from 0"),
        ({"padding": "half"}, "not 'half'"),
        ({"padding_mode": "mirror"}, "zeros, reflect, replicate, circular"),
        ({"padding": 5, "padding_mode": "reflect"}, "padding may be 0 to 4 along H"),
        ({"padding": 6, "padding_mode": "circular"}, "padding may be 0 to 5 along H"),
        ({"dilation": 3}, "may span 1 to 5 pixels along H, not 7"),
    ],
)
def test_what_a_convolution_cannot_do_is_named(change: dict, words: str) -> None:
    with pytest.raises(ali5.Ali5Error, match=words):
        convolve(torch.zeros(1, 5, 5), torch.ones(1, 1, 3, 3), **change)


def test_what_does_not_fit_together_is_named() -> None:
    pixels, kernel = torch.zeros(2, 5, 5), torch.ones(1, 2, 3, 3)
    for arguments, words in (
        ((torch.zeros(5, 5), kernel), r"\[C, H, W\]"),
        ((pixels, torch.ones(2, 3, 3)), r"\[O, C, h, w\]"),
        ((pixels, torch.ones(1, 3, 3, 3)), "is for 3 channels, the picture has 2"),
        ((pixels, kernel, torch.ones(2)), "one number for each of 1 filters"),
    ):
        with pytest.raises(ali5.Ali5Error, match=words):
            convolve(*arguments)
    with pytest.raises(ali5.Ali5Error, match="row may be 0 to 2, not 3"):
        convolve(pixels, kernel).window(0, 3, 0)
    for settings_, words in (
        ({"kernel": 0}, "kernel must be"),
        ({"kernel": 6}, "kernel may be 1 to 5 along H"),
        ({"kernel": 3, "padding": 2}, "padding may be 0 to 1"),
        ({"kernel": 2, "kind": "median"}, "max, average"),
    ):
        with pytest.raises(ali5.Ali5Error, match=words):
            pool(pixels, **settings_)


def test_a_window_that_hangs_over_has_a_true_formula() -> None:
    rows = pool(torch.zeros(1, 5, 5), kernel=2, ceil_mode=True).rows
    assert rows.formula == "⌈(5 + 0 − 2) / 2⌉ + 1 = 3"
    rows = pool(torch.zeros(1, 8, 8), kernel=2, stride=5, ceil_mode=True).rows
    assert rows.formula == "⌈(8 + 0 − 2) / 5⌉ + 1 − 1 (the last window would begin outside) = 2"


def test_whole_numbers_are_taken_as_they_are() -> None:
    pixels = torch.arange(16, dtype=torch.uint8).view(1, 4, 4)
    assert pool(pixels, kernel=2).output.tolist() == [[[5, 7], [13, 15]]]
    assert pool(pixels, "average", kernel=2).output.tolist() == [[[2.5, 4.5], [10.5, 12.5]]]
    assert pool(pixels, kernel=2).window(0, 1, 0).winner == (3, 1)


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 9999),
    size=st.tuples(st.integers(1, 3), EDGES, EDGES),
    window=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    padding=st.integers(0, 2),
    ceil_mode=st.booleans(),
)
def test_l2_pooling_is_the_root_of_the_sum_of_squares(seed, size, window, padding, ceil_mode):
    pixels = random_picture(seed, *size)
    kernel, stride = window
    result, refusal = tried(
        lambda: pool(
            pixels, "l2", kernel=kernel, stride=stride, padding=padding, ceil_mode=ceil_mode
        )
    )
    if result is None:
        assert "may be" in refusal
        return
    if padding == 0 and not ceil_mode:
        theirs = F.lp_pool2d(pixels[None], 2.0, kernel, stride)[0]
        assert torch.allclose(result.output, theirs, atol=1e-5)
    for channel, row, column in {(0, 0, 0), tuple(each - 1 for each in result.output.shape)}:
        choice = result.window(channel, row, column)
        assert choice.winner is None
        assert float(choice.patch.square().sum().sqrt()) == pytest.approx(choice.total, abs=1e-5)


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 9999),
    size=st.tuples(st.integers(1, 3), EDGES, EDGES),
    wanted=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    kind=st.sampled_from(["max", "average"]),
)
def test_adaptive_pooling_is_pytorchs_and_its_windows_tell_why(seed, size, wanted, kind) -> None:
    pixels = random_picture(seed, *size)
    result, refusal = tried(lambda: ali5.pool_adaptively(pixels, kind, size=wanted))
    if result is None:
        assert wanted[0] > size[1] or wanted[1] > size[2]
        assert "size may be 1 to" in refusal
        return
    function = F.adaptive_max_pool2d if kind == "max" else F.adaptive_avg_pool2d
    assert torch.equal(result.output, function(pixels[None], wanted)[0])
    for row in range(wanted[0]):
        choice = result.window(0, row, wanted[1] - 1)
        found = choice.patch.max() if kind == "max" else choice.patch.sum() / choice.divisor
        assert float(found) == pytest.approx(choice.total, abs=1e-5)


def test_adaptive_windows_share_the_picture_as_the_formula_says() -> None:
    result = ali5.pool_adaptively(torch.arange(35.0).view(1, 5, 7), "average", size=(2, 3))
    assert [result.rows.positions(i) for i in range(2)] == [(0, 1, 2), (2, 3, 4)]
    assert [result.columns.positions(i) for i in range(3)] == [(0, 1, 2), (2, 3, 4), (4, 5, 6)]
    assert result.rows.formula == "window i: ⌊i · 5 / 2⌋ to ⌈(i + 1) · 5 / 2⌉"
    with pytest.raises(ali5.Ali5Error, match="kind must be max or average"):
        ali5.pool_adaptively(torch.ones(1, 2, 2), "l2")
