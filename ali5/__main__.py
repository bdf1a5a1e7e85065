"""The command line: `ali5` opens the site; `ali5 trace`, `train` and `evaluate` work without it."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ali5 import __version__
from ali5.errors import Ali5Error
from ali5.known.catalog import architecture, catalog
from ali5.site.settings import add_options, settle

if TYPE_CHECKING:
    from ali5.known.records import Architecture
    from ali5.training.loop import Progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except Ali5Error as error:
        print(f"ali5: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nali5: {options.stopped}", file=sys.stderr)
        return 130  # as usual in a shell
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ali5",
        description="Look inside convolutional neural networks. Without a command, opens the site "
        "in your browser.",
    )
    parser.add_argument("--version", action="version", version=f"ali5 {__version__}")
    add_options(parser)
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.set_defaults(run=_open_site, stopped="Stopped.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    trace = commands.add_parser("trace", help="print every step of one picture's way")
    trace.add_argument("picture", help="a picture file, or the name of a sample such as digit-3")
    trace.add_argument("--network", default="lenet5", help="id of the network (%(default)s)")
    _add_version(trace)
    trace.add_argument("--json", action="store_true", help="print JSON instead of a table")
    _add_device(trace)
    trace.set_defaults(run=_trace)

    download = commands.add_parser("download", help="fetch a network's ImageNet weights")
    download.add_argument("network", help="id of the network, for example resnet18")
    download.set_defaults(
        run=_download,
        stopped="Stopped. What has come is kept: the same command goes on from there.",
    )

    _add_train(commands)
    _add_deploy(commands)
    evaluate = commands.add_parser("evaluate", help="measure how often a network is right")
    evaluate.add_argument("network", help="id of the network")
    _add_version(evaluate)
    evaluate.add_argument("--data", type=Path, required=True, help="folder, as for train")
    _add_device(evaluate)
    evaluate.set_defaults(run=_evaluate)
    return parser


def _add_deploy(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    deploy = commands.add_parser(
        "deploy", help="have a cluster of Ray compute for sites that are started with --engine"
    )
    deploy.add_argument(
        "--cluster",
        default="auto",
        metavar="WHERE",
        help="auto, the one that this computer is part of, or ray://HOST:PORT (%(default)s)",
    )
    deploy.add_argument(
        "--replicas", type=_positive, default=1, help="processes that compute (%(default)s)"
    )
    deploy.add_argument(
        "--threads", type=_positive, default=1, help="threads of each (%(default)s)"
    )
    deploy.add_argument(
        "--memory", default="", metavar="SIZE", help="each keeps at most that much (a quarter)"
    )
    deploy.add_argument(
        "--gpu-replicas", type=int, default=0, help="processes on GPUs beside them (%(default)s)"
    )
    deploy.add_argument(
        "--gpu-share", type=float, default=1.0, help="part of a GPU for each (%(default)s)"
    )
    deploy.add_argument(
        "--write", type=Path, metavar="FILE", help="write the config for `serve deploy`, only"
    )
    deploy.set_defaults(run=_deploy, stopped="Stopped.")


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    train = commands.add_parser("train", help="train a network as its shipped weights were")
    train.add_argument("network", help="id of the network, for example lenet5 or resnet18")
    train.add_argument("--edition", default="compact", help="compact, or colour for lenet5")
    train.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with MNIST's IDX files for lenet5, with tiny-imagenet-200 for the others",
    )
    train.add_argument(
        "--epochs",
        type=_positive,
        help="passes over the data, in one cycle (as its recipe says, which may have two)",
    )
    train.add_argument("--seed", type=int, help="of everything random")
    train.add_argument(
        "--precision",
        choices=["auto", "bf16", "fp32"],
        help="numbers to compute a step with (as its recipe says: fp32 for lenet5 compact, else "
        "auto, which tries out what is quicker here)",
    )
    train.add_argument("--threads", type=_positive, help="CPU threads (all)")
    train.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    _add_device(train)
    train.add_argument(
        "--out", type=Path, help="the weights file (NETWORK-EDITION.safetensors in this folder)"
    )
    train.set_defaults(
        run=_train,
        stopped="Stopped. The same command with --resume goes on from the last whole epoch.",
    )


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--edition", help="compact, paper, torchvision or, for lenet5, colour (the first there is)"
    )
    parser.add_argument(
        "--weights",
        help="'untrained'; 'published', which download fetches; 'tiny-imagenet'; 'step-20' and "
        "others that were kept on the way; or a file (the best there are)",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_positive.__name__ = "positive number"  # argparse says: invalid positive number value


def _add_device(parser: argparse.ArgumentParser) -> None:
    add_options(parser, only="device")


def _device_of(options: argparse.Namespace) -> str:
    said = {"ALI5_DEVICE": os.environ.get("ALI5_DEVICE", "")}
    return settle({"device": vars(options).get("device")}, said).device


def _open_site(options: argparse.Namespace) -> int:
    """Serve the site from this process, and open it."""
    from ali5.site.greeting import greeting, open_browser
    from ali5.site.hosting import Site

    settings = settle(vars(options))
    if settings.device not in ("auto", "cpu"):
        from ali5.networks.devices import pick_device

        pick_device(settings.device)  # say now if it is not there
    os.environ["ALI5_DEVICE"] = settings.device
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    site = Site(settings)
    print(greeting(__version__, site), flush=True)
    if not options.no_browser:
        open_browser(site.url)
    site.serve()
    return 0


def _trace(options: argparse.Namespace) -> int:
    from ali5 import load, open_image, trace
    from ali5.pictures.samples import open_sample, samples
    from ali5.tracing.report import as_record, as_table

    is_sample = options.picture in samples() and not Path(options.picture).exists()
    image = open_sample(options.picture) if is_sample else open_image(options.picture)
    network = load(options.network, options.edition, options.weights, _device_of(options))
    result = trace(network, image)
    print(json.dumps(as_record(result), indent=2) if options.json else as_table(result))
    return 0


def _download(options: argparse.Namespace) -> int:
    from ali5.known.fetching import Arrival, download

    shown = 0.0

    def show(arrival: Arrival) -> None:
        nonlocal shown
        if time.monotonic() - shown > 0.3 or arrival.done == arrival.total:
            shown = time.monotonic()
            left = arrival.seconds_left
            words = "" if left is None else f", {left:.0f} s left"
            total = f" of {arrival.total / 2**20:.1f}" if arrival.total else ""
            line = f"{arrival.done / 2**20:.1f}{total} MB{words}"
            print(f"\r{line:40}", end="", flush=True)

    path = download(options.network, show)
    print(f"\n{path}" if shown else path)
    return 0


def _train(options: argparse.Namespace) -> int:
    import dataclasses

    import torch

    from ali5.networks.allocator import keep_freed_memory
    from ali5.networks.devices import pick_device
    from ali5.training.loop import train
    from ali5.training.recipe import recipe_of

    keep_freed_memory()
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    recipe = recipe_of(options.network, options.edition)
    if options.epochs is not None:
        recipe = dataclasses.replace(recipe, epochs=options.epochs, again=())
    if options.seed is not None:
        recipe = dataclasses.replace(recipe, seed=options.seed)
    if options.precision is not None:
        recipe = dataclasses.replace(recipe, precision=options.precision)
    out = options.out or Path(f"{options.network}-{options.edition}.safetensors")
    checkpoint = out.with_suffix(".checkpoint")
    if checkpoint.is_file() and not options.resume:
        raise Ali5Error(
            f"'{checkpoint}' is of a training that was stopped. Go on with --resume, or remove it "
            "to start anew."
        )
    if out.is_file() and not checkpoint.is_file():
        raise Ali5Error(
            f"'{out}' is there already, of a training that was finished. Name another file with "
            "--out, or remove it to train anew."
        )
    device = pick_device(_device_of(options))
    bar = _Bar()
    card = train(
        options.network,
        options.edition,
        options.data,
        out,
        recipe,
        device,
        options.resume,
        bar.show,
        lambda done, count: print(f"\rread {done:,} of {count:,} pictures", end="", flush=True),
    )
    print(f"\n{out}: {_in_percent(card.accuracy)}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from ali5 import load
    from ali5.training.data import read_pictures
    from ali5.training.measure import accuracy, logits_of, restricted_top1

    known = architecture(options.network)
    edition = known.edition(options.edition)
    if edition.labels == "imagenet":
        raise Ali5Error(
            f"The {edition.name} edition of {known.title} knows ImageNet's 1,000 classes, for "
            f"which there is no data here. Evaluate {_measurable(known)}."
        )
    network = load(options.network, options.edition, options.weights, _device_of(options))
    data = "mnist" if network.edition.labels == "digits" else "tiny-imagenet"
    pictures = read_pictures(data, options.data, "test").on(network.device)
    logits = logits_of(network.module, pictures, network.edition.preprocessing)
    words = _in_percent(asdict(accuracy(logits, pictures.labels)))
    print(
        f"{network.architecture.title}, {network.edition.name} edition, {network.weights}, "
        f"{len(pictures.labels):,} pictures: {words}"
    )
    ten = restricted_top1(logits, pictures.labels, network.labels)
    if ten is not None:
        print(f"Among the ten classes of CNN Explainer: top-1 {ten:.2%}")
    return 0


def _deploy(options: argparse.Namespace) -> int:
    where = {"engine": "auto" if options.write else options.cluster}
    settle(
        where | ({"memory": options.memory} if options.memory else {}), {}
    )  # refuses what is odd
    if options.gpu_replicas < 0 or not 0 < options.gpu_share <= 1:
        raise Ali5Error("--gpu-replicas has to be 0 or more, and --gpu-share above 0, at most 1.")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it tells nobody
    deploying = importlib.import_module("ali5.site.app.cluster.deploying")
    said: str = deploying.deploy(
        options.cluster,
        {
            "replicas": options.replicas,
            "threads": options.threads,
            "memory": options.memory,
            "gpu_replicas": options.gpu_replicas,
            "gpu_share": options.gpu_share,
        },
        options.write,
    )
    print(said)
    return 0


def _measurable(known: Architecture) -> str:
    """Name what there is data for: an edition of this network, or else other networks."""
    for edition in known.editions.values():
        if edition.labels != "imagenet":
            return f"its {edition.name} edition"
    others = (
        other.id
        for other in catalog().values()
        if any(edition.labels != "imagenet" for edition in other.editions.values())
    )
    return f"one of: {', '.join(others)}"


def _in_percent(accuracy: Mapping[str, float]) -> str:
    return f"top-1 {accuracy['top1']:.2%}, top-5 {accuracy['top5']:.2%}"


class _Bar:
    """A line that shows how far a training is, rewritten a few times a second."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._epoch = 0

    def show(self, progress: Progress) -> None:
        """Show it, if it was not shown just now."""
        now = time.monotonic()
        if not self._epoch:
            print(f"\nComputes in {progress.computing}.")
            self._epoch = progress.epoch
        elif progress.epoch != self._epoch:  # keep the line of each epoch
            self._epoch = progress.epoch
            print()
        elif now - self._shown < 0.3 and progress.done < 1:
            return
        self._shown = now
        filled = round(progress.done * 30)
        accuracy = "" if progress.accuracy is None else f"  top-1 {progress.accuracy.top1:.2%}"
        print(
            f"\r[{'#' * filled}{'.' * (30 - filled)}] epoch {progress.epoch}/{progress.epochs}  "
            f"loss {progress.loss:.3f}{accuracy}  {progress.seconds_left / 60:.1f} min left  ",
            end="",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
