"""Kernels with a name."""

import pytest
import torch
import torch.nn.functional as F

import ali5
from ali5.labs.kernels import KERNELS, named_kernel


@pytest.mark.parametrize("name", KERNELS)
def test_named_kernels_do_what_they_say(name: str) -> None:
    core = KERNELS[name].core
    least = 1 if core is None else 3
    for size in range(1, 12):
        if size < least:
            with pytest.raises(ali5.Ali5Error, match="at least 3 x 3"):
                named_kernel(name, size)
            continue
        kernel = torch.from_numpy(named_kernel(name, size))
        assert kernel.shape == (size, size)
        flat = {"identity": 1, "box": 1, "gaussian": 1, "sharpen": 1, "emboss": 1}.get(name, 0)
        assert float(kernel.sum()) == pytest.approx(flat, abs=1e-5)
    ramp = torch.arange(9.0).repeat(9, 1)[None, None]  # brighter to the right
    kernel = torch.from_numpy(named_kernel(name, 3))[None, None]
    seen = F.conv2d(ramp, kernel)
    if name == "sobel-x":
        assert bool((seen == 8).all())
    if name in ("sobel-y", "laplacian", "edge"):
        assert not seen.any()
    if name in ("identity", "box", "gaussian", "sharpen"):
        assert torch.allclose(seen, ramp[:, :, 1:-1, 1:-1], atol=1e-5)
