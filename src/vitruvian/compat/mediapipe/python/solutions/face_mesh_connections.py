"""The connections of the face mesh: ``mp.solutions.face_mesh_connections``.

The outlines are chains of landmarks; left and right are those of the person. The surface is stored
as the sequence of steps that grows it from one triangle, 1 706 edges with the apex across each.
"""

from __future__ import annotations

import zlib
from base64 import b85decode
from itertools import chain, pairwise

__all__ = [
    "FACEMESH_CONTOURS",
    "FACEMESH_FACE_OVAL",
    "FACEMESH_IRISES",
    "FACEMESH_LEFT_EYE",
    "FACEMESH_LEFT_EYEBROW",
    "FACEMESH_LEFT_IRIS",
    "FACEMESH_LIPS",
    "FACEMESH_NOSE",
    "FACEMESH_RIGHT_EYE",
    "FACEMESH_RIGHT_EYEBROW",
    "FACEMESH_RIGHT_IRIS",
    "FACEMESH_TESSELATION",
]


def _along(*chains: str) -> tuple[tuple[int, int], ...]:
    """Return the connections along chains of landmarks."""
    return tuple(chain.from_iterable(pairwise(map(int, one.split())) for one in chains))


OUTLINES = {
    "LIPS": _along(
        "61 146 91 181 84 17 314 405 321 375 291",  # of each lip the outer and the inner edge
        "61 185 40 39 37 0 267 269 270 409 291",
        "78 95 88 178 87 14 317 402 318 324 308",
        "78 191 80 81 82 13 312 311 310 415 308",
    ),
    "LEFT_EYE": _along(
        "263 249 390 373 374 380 381 382 362", "263 466 388 387 386 385 384 398 362"
    ),
    "LEFT_EYEBROW": _along("276 283 282 295 285", "300 293 334 296 336"),
    "RIGHT_EYE": _along("33 7 163 144 145 153 154 155 133", "33 246 161 160 159 158 157 173 133"),
    "RIGHT_EYEBROW": _along("46 53 52 65 55", "70 63 105 66 107"),
    "FACE_OVAL": _along(
        "10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 152",
        "152 148 176 149 150 136 172 58 132 93 234 127 162 21 54 103 67 109 10",
    ),
}
"""The parts of the contours, each with its connections in the order of MediaPipe Tasks."""

PARTS = OUTLINES | {
    "CONTOURS": tuple(chain.from_iterable(OUTLINES.values())),
    "LEFT_IRIS": _along("474 475 476 477 474"),
    "RIGHT_IRIS": _along("469 470 471 472 469"),
    "NOSE": _along(
        "168 6 197 195 5 4 1 19 94 2", "98 97 2 326 327 294 278 344 440 275 4 45 220 115 48 64 98"
    ),
}
"""The same with the other parts but the surface."""

FACEMESH_LIPS = frozenset(PARTS["LIPS"])
FACEMESH_LEFT_EYE = frozenset(PARTS["LEFT_EYE"])
FACEMESH_LEFT_IRIS = frozenset(PARTS["LEFT_IRIS"])
FACEMESH_LEFT_EYEBROW = frozenset(PARTS["LEFT_EYEBROW"])
FACEMESH_RIGHT_EYE = frozenset(PARTS["RIGHT_EYE"])
FACEMESH_RIGHT_IRIS = frozenset(PARTS["RIGHT_IRIS"])
FACEMESH_RIGHT_EYEBROW = frozenset(PARTS["RIGHT_EYEBROW"])
FACEMESH_FACE_OVAL = frozenset(PARTS["FACE_OVAL"])
FACEMESH_NOSE = frozenset(PARTS["NOSE"])
FACEMESH_CONTOURS = frozenset[tuple[int, int]]().union(*map(frozenset, OUTLINES.values()))
FACEMESH_IRISES = FACEMESH_LEFT_IRIS | FACEMESH_RIGHT_IRIS

_STEPS = (
    "c-rlh2UL%H7{@>VM5L&UCWQ#?VI`xYAyW57G^8P-P(;~VlaMVVBMmYN?WMF!!sXhVYp=_7al5xuipw46c8+_F=e+Op{@"
    "(MR_xXL-`yLxMAk$hkX&C+2SPsB>cqWWxG<FGxu^mNAB>MGd4dDYAXfl`{bl%Q}UP$&vLc9+x5Lfx0@93^-4Hiix_eWo"
    "C4GxyrJ7Y&;0wZmaK+>Qe;jA5qp$U4O(cQpCNwg)<(iBG=F>@8VGsJ>!$)xCWx=4+ZNe&!6VoxF?Mj|DN0e#o9&JZI#{"
    "B%*?$R=%CYSBUyF);*P%;`FWZaAiJ?lk3Ri#Sz6WzHmyQfPC85lGQWzc1@pZ-kYUAId0gVslH3TM!T=#%=*!*xQvoj+C"
    "9Fw4BtlWCg^WqLSFq4mlKZvY?d>?9pdEJFSS8B1(yan@Kb#Hh{fmra?5?&0bvg;96Wp=Th8tQ<)QfCX3(z0@ue7%esT1"
    "tc~lyN%9NWw+E4(9Ec`9io*wqOC%<i=6jhw-VBuzb5qKuHNt6y3(wqKd1APzn3bIw=Z?SMOkHNoVXAM?p>TdULooXSp)"
    "ZG)5;TSzKhbFcAv-Z^%ivykOkfZuUX$6-oGO#Lqh>jbcBuY}#xlIe(d-17gP1ar)g4G!!PLok%^^5sHmmTNMd*QztR;?"
    "oLiZtp&jCV$<2j7ijxBM-AZyW_A=7ai&wiPqD#%FZm!Q+hoHu0@l}^L8wG%6t_w*T$+PKm02}AE2qOCK25jqv~S27N*S"
    "^nI;bK8%Z+?v5nrKwz34)f(k5Og9U1XD8x4#tCtCK!8qA-bU|W!7qR8*WJ#RWwldW<fK2GqIb3^J@GPI5d?VUa$p!XIb"
    "nWEN~n%1gExc9NEuq4;iExeJr1jI#u%n-_WzTh*An&Y1JAb^?5ve%Hu~^wIQk>Lov9|1#PA;(V>D9=jWrvw1u;{%RO)T"
    "J4oL~<`%LynIfmebr!$!QD$x!5onq+ke)pzVvLa|y+vu(-kPr6kRM(ZFoibiEWpJV(GhkyV^5Q;YzJ~28N=~hC*0dI>I"
    "h*4yYciOX*5TV5!exWQdkU0t!Uj?2z4|rKIBKM#}LH@1DMXmB`iO|gY(2sBW)os@A1N$=gYRpvss!=t7TXv%M^Asm80W"
    "gUh#9J;x!*M=l(wU>XjZ`HsVrm(zBZp9oe3($z4g2Csl#8^fuVKAWFsvnm`sd@3VQA!`tHsav7QDPDR8h!q`>7YdKF^C"
    "qZMH=xMP0B0NAiH=Z<Rza;ww>Ceen#(w&2rQJ5Rqp*Yaiji>j8eBo)GVLzWCnKFY6^+Q)NGeWlrF>g5ij7hbN<}!0#_3"
    "erlEDOM`il+AXT0YfGv6|Io`CrynN)r<ugWjj#!5vNHe%6YA(jYNAzON?lBN^*Qbn)}k-XO&m#ZSIhcJ1$h|K0&{l7{e"
    "K=4QVu&BBH=OaEk{^p23f4O?>S3pAWFBJWp9)jxjUwc@G`<M2wqt9ohtGU$WU(=|0)BrL3pwJicPz$Z@Nqx-K5`4n5fj"
    "*sD!1ZOUHTokhKV?IM!>on+F^;+o1occ1)Bz`GFf^ZPQj4d0*BUQtlUes~QD5M{NLS6`TYa_l8%hX@S^"
)


def _grown(steps: str) -> frozenset[tuple[int, int]]:
    """Return the directed edges of the triangles of a surface.

    The steps are the three landmarks of the first triangle, then for each edge on a stack the
    landmark of the triangle across it; landmarks are counted from 1, and 0 is no (new) triangle.
    They are compressed: all low bytes, then all high bytes, by zlib.
    """
    data = zlib.decompress(b85decode(steps))
    half = len(data) // 2
    apexes = iter(
        [low + 256 * high - 1 for low, high in zip(data[:half], data[half:], strict=True)]
    )
    a, b, c = next(apexes), next(apexes), next(apexes)
    stack = [(a, b), (b, c), (c, a)]
    edges = set(stack)
    for apex in apexes:
        a, b = stack.pop()
        if apex >= 0:
            stack += [(a, apex), (apex, b)]
            edges |= {(b, a), (a, apex), (apex, b)}
    return frozenset(edges)


FACEMESH_TESSELATION = _grown(_STEPS)
LISTS = {f"FACE_LANDMARKS_{part}": edges for part, edges in PARTS.items()} | {
    "FACE_LANDMARKS_TESSELATION": tuple(sorted(FACEMESH_TESSELATION))
}
"""The lists of ``FaceLandmarksConnections`` in MediaPipe Tasks."""
