"""Three little films of drawn streets, labelled: what the commands on labelled shots are tried on."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from continuity.video.tool import encode_stream
from tests.pictures import Picture, street

FILMS = ("harbour", "mill", "tower")
SCENES = ("day", "night")
SHOTS = tuple((film, scene, number) for film in FILMS for scene in SCENES for number in (1, 2))
PAIR_HEADER = "film_a,shot_a,film_b,shot_b,same_scene"


@dataclass(frozen=True)
class Labels:
    """The two files, the clips in ``clips/`` beside the first."""

    shots: Path
    pairs: Path

    def pairs_within(self, films: set[str], path: Path) -> Path:
        """Another file of pairs: those whose shots are all of these films."""
        rows = [row.split(",") for row in self.pairs.read_text(encoding="utf-8").splitlines()[1:]]
        return write_csv(path, PAIR_HEADER, [row for row in rows if {row[0], row[2]} <= films])


def write_csv(path: Path, header: str, rows: Iterable[Iterable[object]]) -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def write_clip(path: Path, frames: Iterable[Picture]) -> Path:
    with encode_stream(path, width=192, height=108, fps=10) as sink:
        for frame in frames:
            sink.write(frame)
    return path


def draw_films(folder: Path) -> Labels:
    """Two shots of each of two scenes of three films, 192x108, five frames each, and every pair of them with its label."""
    (folder / "clips").mkdir()
    for film, scene, number in SHOTS:
        seed = FILMS.index(film) * len(SCENES) + SCENES.index(scene)
        pan = [street(seed=seed, height=108, shift=1.1 * number + 0.01 * frame) for frame in range(5)]
        write_clip(folder / clip_of(film, scene, number), pan)
    shots = [(film, f"{scene}{number}", scene, clip_of(film, scene, number), "drawn") for film, scene, number in SHOTS]
    pairs = [
        (one[0], f"{one[1]}{one[2]}", other[0], f"{other[1]}{other[2]}", int(one[:2] == other[:2]))
        for one, other in combinations(SHOTS, 2)
    ]
    return Labels(
        write_csv(folder / "shots.csv", "film,shot,scene,clip,licence", shots),
        write_csv(folder / "pairs.csv", PAIR_HEADER, pairs),
    )


def clip_of(film: str, scene: str, number: int) -> str:
    """Relative to the folder of the files."""
    return f"clips/{film}_{scene}_{number}.mp4"


def black_frames() -> list[Picture]:
    return [np.zeros((108, 192, 3), dtype=np.uint8)] * 5
