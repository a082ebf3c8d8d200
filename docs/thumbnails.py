"""Draw the small pictures of the gallery: python docs/thumbnails.py [name ...]

Runs each example in a folder of its own, takes one of its pictures and makes it small. Where an
example has changed what it draws, run this again and commit what changed.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
SIZE = (480, 336)
CHOSEN = {
    "clean_then_value": "values",
    "who_they_are": "kinds",
    "segments_over_time": "flow",
    "who_is_leaving": "gain",
    "whom_to_keep": "profit",
    "customer_value": "concentration",
    "purchase_model_plots": "tracking",
    "next_offers": "new",
    "gift_shop_offers": "rules",
    "daily_scoring": "nights",
}


def main(names: list[str]) -> None:
    for name in names or CHOSEN:
        with tempfile.TemporaryDirectory() as folder:
            script = HERE.parent / "examples" / f"{name}.py"
            subprocess.run(arguments(script, folder), check=True, stdout=subprocess.DEVNULL)
            save(Path(folder) / f"{CHOSEN[name]}.png", HERE / "_static/gallery" / f"{name}.png")


def arguments(script: Path, folder: str) -> list[str]:
    """Command of an example; the gift shop is told where its file is by CRMKIT_DATA."""
    if script.stem != "gift_shop_offers":
        return [sys.executable, str(script), folder]
    code = f"import runpy, sys; from pathlib import Path; m = runpy.run_path({str(script)!r}); "
    return [sys.executable, "-c", code + f"m['main'](m['data_file']([]), Path({folder!r}))"]


def save(drawn: Path, target: Path) -> None:
    """The picture on a white ground of the size of all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(drawn).convert("RGB")
    picture.thumbnail(SIZE, Image.Resampling.LANCZOS)
    ground = Image.new("RGB", SIZE, "white")
    ground.paste(picture, tuple((a - b) // 2 for a, b in zip(SIZE, picture.size, strict=True)))
    ground.quantize(64, Image.Quantize.FASTOCTREE).save(target, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
