"""How alike pictures are: laws of distances, and what scikit-learn makes of the same vectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

import ali5
from ali5.classifying.features import last_step
from ali5.classifying.grouping import (
    Kinship,
    agreement,
    cluster,
    coordinates,
    cosine_distances,
    is_finite,
    kinship,
    likeness,
    neighbours,
    perplexity_range,
    principal_plane,
    silhouette,
    tsne_plane,
)
from ali5.classifying.teach.examples import example_groups
from ali5.errors import Ali5Error, UnknownName


def random_vectors(count: int = 40, width: int = 12, seed: int = 0) -> np.ndarray:
    middles = np.random.default_rng(seed).normal(size=(4, width)) * 2
    noise = np.random.default_rng(seed + 1).normal(size=(count, width))
    return middles[np.arange(count) % 4] + noise


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# --- Distances ----------------------------------------------------------------------------------


def test_the_same_direction_is_0_a_right_angle_1_and_the_opposite_2() -> None:
    distances = cosine_distances(np.array([[3.0, 0], [7, 0], [0, 2], [-1, 0], [1, 1]]))
    half = 1 - math.sqrt(0.5)
    np.testing.assert_allclose(distances[0], [0, 0, 1, 2, half], atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 6), st.integers(0, 99), st.floats(1e-30, 1e30))
def test_distances_are_symmetric_and_do_not_mind_how_large_numbers_are(
    count: int, width: int, seed: int, factor: float
) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, width))
    distances = cosine_distances(vectors)
    np.testing.assert_array_equal(distances, distances.T)
    assert not np.diagonal(distances).any()
    assert ((distances >= 0) & (distances <= 2)).all()
    np.testing.assert_allclose(cosine_distances(vectors * factor), distances, atol=1e-6)
    assert (cosine_distances(np.abs(vectors)) <= 1 + 1e-6).all()


def test_a_list_of_zeros_is_at_distance_1_from_all_but_other_zeros() -> None:
    distances = cosine_distances(np.array([[0.0, 0], [1, 2], [0, 0]]))
    np.testing.assert_array_equal(distances, [[0, 1, 0], [1, 0, 1], [0, 1, 0]])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_spoils_its_own_picture_only(bad: float) -> None:
    distances = cosine_distances(np.array([[1.0, 2], [bad, 1], [2, 1]], np.float32))
    assert np.isnan(distances[1]).all()
    assert np.isnan(distances[:, 1]).all()
    assert np.isfinite(distances[np.ix_([0, 2], [0, 2])]).all()
    assert not is_finite(distances)
    assert is_finite(distances[np.ix_([0, 2], [0, 2])])
    assert kinship(distances, ["a", "b", "a"]) is None


def test_likeness_holds_the_distances_at_every_step_and_of_the_pixels() -> None:
    network = ali5.load("lenet5", "compact", device="cpu")
    found = ali5.feature_vectors(network, example_groups("digits")["even digits"][:6])
    alike = likeness(found)
    assert list(alike.steps) == list(found[0].steps)
    assert (alike.count, alike.pixel_width, alike.widths["F6"]) == (6, 32 * 32, 84)
    own = unit(np.stack([each["F6"] for each in found]).astype(np.float64))
    np.testing.assert_allclose(alike["F6"], 1 - own @ own.T, atol=1e-6)
    with pytest.raises(UnknownName, match="Did you mean 'tanh"):
        alike["tanh"]
    with pytest.raises(Ali5Error, match="no pictures"):
        likeness([])


# --- Neighbours ---------------------------------------------------------------------------------


def test_neighbours_come_nearest_first_and_without_the_picture_itself() -> None:
    distances = cosine_distances(np.array([[1.0, 0], [0, 1], [1, 0], [1, 0.1]]))
    assert neighbours(distances, 0) == [2, 3, 1]


def test_kinship_is_the_accuracy_of_the_nearest_neighbour_rule() -> None:
    vectors = random_vectors() + np.random.default_rng(9).normal(size=(40, 12)) * 3
    kinds = [str(number % 4) for number in range(40)]
    found = kinship(cosine_distances(vectors), kinds)
    right = 0
    for number in range(40):  # each left out once
        others = np.arange(40) != number
        rule = KNeighborsClassifier(1, metric="cosine").fit(
            vectors[others], np.array(kinds)[others]
        )
        right += rule.predict(vectors[[number]])[0] == kinds[number]
    assert found == Kinship(right, 40, 9 / 39)
    assert 10 < right < 35


def test_a_picture_whose_kind_is_unknown_or_its_alone_is_not_asked() -> None:
    distances = cosine_distances(np.array([[1.0, 0], [1, 0], [0, 1], [0.1, 1], [0.2, 1]]))
    # 0 is known alone of its kind; 1 is unknown and no neighbour either; 2, 3, 4 are of one kind.
    found = kinship(distances, ["a", "", "b", "b", "b"])
    assert found == Kinship(3, 3, 2 / 3)
    assert kinship(distances, ["a", "", "", "", "a"]) is None
    assert kinship(distances, ["a", "b", "c", "d", "e"]) is None


def test_chance_is_what_neighbours_drawn_by_lot_would_be_right_in() -> None:
    kinds = list("aaabbbbb")
    rng = np.random.default_rng(3)
    shares = []
    for _ in range(600):
        drawn = rng.random((8, 8)).astype(np.float32)
        found = kinship(drawn + drawn.T, kinds)
        assert found is not None
        shares.append(found.share)
    assert found is not None
    assert np.mean(shares) == pytest.approx(found.chance, abs=0.02)


# --- On a plane ---------------------------------------------------------------------------------


def test_coordinates_have_the_same_distances() -> None:
    distances = cosine_distances(random_vectors())
    points = coordinates(distances)
    squared = ((points[:, None] - points[None]) ** 2).sum(2)
    np.testing.assert_allclose(squared / 2, distances, atol=1e-5)
    assert points.shape[1] <= 12


def test_the_principal_plane_is_pca_of_vectors_of_length_1() -> None:
    vectors = random_vectors()
    plane = principal_plane(cosine_distances(vectors))
    pca = PCA(2).fit(unit(vectors))
    np.testing.assert_allclose(plane.shares, pca.explained_variance_ratio_, atol=1e-5)
    np.testing.assert_allclose(
        np.abs(plane.points), np.abs(pca.transform(unit(vectors))), atol=1e-4
    )
    largest = np.abs(plane.points).argmax(0)
    assert (plane.points[largest, [0, 1]] > 0).all()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_pictures_that_are_all_the_same_stand_on_one_point(count: int) -> None:
    distances = cosine_distances(np.ones((count, 3)))
    plane = principal_plane(distances)
    assert not plane.points.any()
    assert plane.shares == (0, 0)
    assert cluster(distances, 3).labels == (0,) * count
    if count > 3:
        assert not tsne_plane(distances).points.any()


@pytest.mark.parametrize("count", [5, 30, 70])
def test_tsne_keeps_neighbours_and_is_the_same_every_time(count: int) -> None:
    vectors = random_vectors(count, seed=4)
    distances = cosine_distances(vectors)
    plane = tsne_plane(distances, 8)
    np.testing.assert_array_equal(plane.points, tsne_plane(distances, 8).points)
    np.testing.assert_allclose(plane.points.mean(0), 0, atol=1e-5)
    if count > 8:
        near = ((plane.points[:, None] - plane.points[None]) ** 2).sum(2)
        np.fill_diagonal(near, np.inf)
        first = [neighbours(distances, number)[:5] for number in range(count)]
        assert np.mean([near[i].argmin() in five for i, five in enumerate(first)]) > 0.7


def test_the_perplexity_is_brought_into_its_range() -> None:
    assert perplexity_range(4) == (2, 2)
    assert perplexity_range(31) == (2, 10)
    assert perplexity_range(200) == (2, 50)
    distances = cosine_distances(random_vectors(31))
    np.testing.assert_array_equal(
        tsne_plane(distances, 1e6).points, tsne_plane(distances, 10).points
    )


def test_tsne_of_three_pictures_is_refused() -> None:
    with pytest.raises(Ali5Error, match="four pictures or more"):
        tsne_plane(cosine_distances(random_vectors(3)))


# --- Clusters -----------------------------------------------------------------------------------


def test_clusters_are_those_of_kmeans_and_the_largest_comes_first() -> None:
    vectors = np.concatenate([random_vectors(40), random_vectors(40)[::4] * 3])
    found = cluster(cosine_distances(vectors), 4)
    other = KMeans(4, n_init=10, random_state=5).fit(unit(vectors)).labels_
    assert len(set(zip(found.labels, other.tolist(), strict=True))) == 4
    sizes = [found.labels.count(label) for label in range(found.count)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_silhouette_is_that_of_scikit_learn() -> None:
    distances = cosine_distances(random_vectors())
    labels = [0] * 10 + [1] * 29 + [2]
    expected = silhouette_score(distances.astype(np.float64), labels, metric="precomputed")
    assert silhouette(distances, labels) == pytest.approx(expected, abs=1e-6)
    assert silhouette(distances, [0] * 40) is None


def test_there_are_no_more_clusters_than_different_pictures() -> None:
    distances = cosine_distances(np.array([[1.0, 0], [1, 0], [2, 0], [0, 1]]))
    assert cluster(distances, 12).labels == (0, 0, 0, 1)


def test_agreement_counts_pictures_among_their_own_kind() -> None:
    assert agreement([0, 0, 0, 1, 1, 1], ["a", "a", "b", "b", "b", ""]) == (4, 5)
    assert agreement([0, 1], ["a", "a"]) is None


# --- What the network adds ----------------------------------------------------------------------

RATIOS = {
    # Nearest neighbours of the same kind at the last step, as a ratio to those of the raw pixels.
    # Measured: 76 % to 23 %, 98 % to 79 %, 89 % to 62 %: ratios of 3.32, 1.24 and 1.44.
    ("resnet18", "all-shapes"): 2.5,
    ("lenet5", "all-digits"): 1.15,
    ("resnet18", "cut-outs"): 1.25,
}


@pytest.mark.parametrize(("name", "groups"), RATIOS)
def test_the_last_layer_groups_known_kinds_better_than_the_pixels(name: str, groups: str) -> None:
    sorted_ = example_groups(groups)
    images = [image for group in sorted_.values() for image in group]
    kinds = [kind for kind, group in sorted_.items() for _ in group]
    network = ali5.load(name, "compact", device="cpu")
    alike = likeness(ali5.feature_vectors(network, images))
    deep = kinship(alike[last_step(ali5.trace(network, images[0]))], kinds)
    flat = kinship(alike.pixels, kinds)
    assert deep is not None
    assert flat is not None
    print(
        f"\n{name} on {groups}: {deep.share:.2f}, pixels {flat.share:.2f}, "
        f"chance {flat.chance:.2f}, ratio {deep.share / flat.share:.2f}"
    )
    assert deep.share / flat.share > RATIOS[name, groups]


def test_an_untrained_network_finds_no_more_kinds_than_chance() -> None:
    sorted_ = example_groups("all-shapes")
    images = [image for group in sorted_.values() for image in group]
    kinds = [kind for kind, group in sorted_.items() for _ in group]
    network = ali5.load("resnet18", "compact", "untrained", device="cpu")
    found = kinship(likeness(ali5.feature_vectors(network, images))["avgpool"], kinds)
    assert found is not None
    assert abs(found.share - found.chance) < 0.1
