"""Superpixels merged two by two until one is left: every part of the picture, from small to whole."""

import heapq

import numpy as np
from numpy.typing import NDArray

from nst.selection.regions import Regions, unlike

_SMALL_FIRST = 0.5  # power of the smaller one's share: crumbs go before large parts are joined


class Hierarchy:
    """A binary tree over N superpixels; `around(leaf)` walks from one of them up to the whole picture."""

    def __init__(self, regions: Regions) -> None:
        self._count = regions.count
        self._parent, self._children = _merged(regions)

    def around(self, leaf: int) -> list[NDArray[np.bool_]]:
        """The sets (N,) of superpixels that contain `leaf`, each within the next."""
        members = np.zeros(self._count, bool)
        members[leaf] = True
        sets = [members]
        node = leaf
        while self._parent[node] >= 0:
            sibling = sum(self._children[self._parent[node] - self._count]) - node
            members = members.copy()
            members[self._leaves(sibling)] = True
            sets.append(members)
            node = self._parent[node]
        return sets

    def _leaves(self, node: int) -> list[int]:
        leaves, left = [], [node]
        while left:
            node = left.pop()
            if node < self._count:
                leaves.append(node)
            else:
                left.extend(self._children[node - self._count])
        return leaves


def _merged(regions: Regions) -> tuple[list[int], list[tuple[int, int]]]:
    """(parent of each node, the two children of each node that is not a leaf); the last node is the root."""
    whole = float(regions.area.sum())
    area = regions.area.tolist()
    looks = list(regions.looks)
    borders: list[dict[int, tuple[float, float]]] = [{} for _ in area]  # neighbour -> (length, sum of edge)
    for one, other, shared, edge in zip(
        regions.first.tolist(), regions.second.tolist(), regions.shared, regions.edge, strict=True
    ):
        borders[one][other] = borders[other][one] = (float(shared), float(shared * edge))

    def cost(one: int, other: int) -> float:
        length, edge = borders[one][other]
        differ = edge / length + float(unlike(looks[one], looks[other]))
        return differ * float((min(area[one], area[other]) / whole) ** _SMALL_FIRST)

    parent, children = [-1] * len(area), []
    heap = [
        (cost(one, other), one, other) for one in range(len(area)) for other in borders[one] if one < other
    ]
    heapq.heapify(heap)
    while heap:
        _, one, other = heapq.heappop(heap)
        if parent[one] >= 0 or parent[other] >= 0:
            continue
        new = len(parent)
        parent[one] = parent[other] = new
        parent.append(-1)
        children.append((one, other))
        area.append(area[one] + area[other])
        looks.append((looks[one] * area[one] + looks[other] * area[other]) / area[new])
        joined: dict[int, tuple[float, float]] = {}
        for part in (one, other):
            for neighbour, (length, edge) in borders[part].items():
                before = joined.get(neighbour, (0.0, 0.0))
                joined[neighbour] = (before[0] + length, before[1] + edge)
        joined.pop(one, None)
        joined.pop(other, None)
        borders.append(joined)
        for neighbour, border in joined.items():
            borders[neighbour].pop(one, None)
            borders[neighbour].pop(other, None)
            borders[neighbour][new] = border
            heapq.heappush(heap, (cost(new, neighbour), neighbour, new))
    return parent, children
