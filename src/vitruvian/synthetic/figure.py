"""Figure: body dimensions and clothes of one synthetic person."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Clothes", "Figure"]

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Clothes:
    """Colours of a figure, each RGB from 0 to 255, and the lengths of its clothes.

    Attributes
    ----------
    skin, hair, shirt, trousers, shoes : tuple of int
        RGB colours, 0 to 255.
    sleeves : float
        Length of the sleeves: 0 none, 1 to the elbow, 2 to the wrist.
    legs : float
        Length of the trouser legs: 0 none, 1 to the knee, 2 to the ankle.
    """

    skin: Rgb = (222, 178, 150)
    hair: Rgb = (66, 46, 34)
    shirt: Rgb = (38, 112, 158)
    trousers: Rgb = (62, 66, 80)
    shoes: Rgb = (232, 232, 228)
    sleeves: float = 0.6
    legs: float = 1.9

    def __post_init__(self) -> None:
        for name in ("skin", "hair", "shirt", "trousers", "shoes"):
            rgb = getattr(self, name)
            if len(rgb) != 3 or not all(0 <= v <= 255 for v in rgb):
                raise ValueError(f"{name} must be three values from 0 to 255, got {rgb!r}")
        for name in ("sleeves", "legs"):
            if not 0 <= getattr(self, name) <= 2:
                raise ValueError(f"{name} must be from 0 to 2, got {getattr(self, name)!r}")


@dataclass(frozen=True, slots=True)
class Figure:
    """Body dimensions and clothes of a person.

    Attributes
    ----------
    height_m : float
        From the floor to the top of the head, standing, barefoot; shoes add 1.2 %.
    girth : float
        Thickness of trunk and limbs relative to an average adult.
    leg_ratio, arm_ratio, shoulder_ratio : float
        Length of legs and arms and width of the shoulders relative to an average adult of the
        same height. The trunk makes up the rest of the height.
    clothes : Clothes
        Clothes.

    Notes
    -----
    Lengths are fractions of the body height from Drillis and Contini (1966), as printed in Winter,
    "Biomechanics and Motor Control of Human Movement", figure 4.1; the upper arm is shorter,
    because it starts at the joint and not at the tip of the shoulder.

    Examples
    --------
    >>> figure = Figure(height_m=1.80)
    >>> round(figure.thigh_m + figure.shank_m + figure.ankle_m, 3)
    0.976
    """

    height_m: float = 1.75
    girth: float = 1.0
    leg_ratio: float = 1.0
    arm_ratio: float = 1.0
    shoulder_ratio: float = 1.0
    clothes: Clothes = field(default_factory=Clothes)

    def __post_init__(self) -> None:
        if not 0.4 <= self.height_m <= 2.6:
            raise ValueError(f"height_m must be from 0.4 to 2.6, got {self.height_m!r}")
        for name in ("girth", "leg_ratio", "arm_ratio", "shoulder_ratio"):
            if not 0.6 <= getattr(self, name) <= 1.6:
                raise ValueError(f"{name} must be from 0.6 to 1.6, got {getattr(self, name)!r}")

    @property
    def ankle_m(self) -> float:
        """Height of the ankle joint above the floor, with shoes."""
        return (0.039 + SHOE_SOLE) * self.height_m

    @property
    def shank_m(self) -> float:
        """Length from knee to ankle."""
        return 0.246 * self.leg_ratio * self.height_m

    @property
    def thigh_m(self) -> float:
        """Length from hip to knee."""
        return 0.245 * self.leg_ratio * self.height_m

    @property
    def hip_height_m(self) -> float:
        """Height of the hip joints when standing."""
        return self.ankle_m + (self.shank_m + self.thigh_m) * STANDING_REACH

    @property
    def trunk_m(self) -> float:
        """Length from mid-hips to mid-shoulders."""
        return (0.818 + SHOE_SOLE) * self.height_m - self.hip_height_m

    @property
    def upper_arm_m(self) -> float:
        """Length from shoulder to elbow."""
        return 0.172 * self.arm_ratio * self.height_m

    @property
    def forearm_m(self) -> float:
        """Length from elbow to wrist."""
        return 0.146 * self.arm_ratio * self.height_m


SHOE_SOLE = 0.012  # of the body height
STANDING_REACH = 0.998  # standing leg length / full leg length: knees are slightly bent
