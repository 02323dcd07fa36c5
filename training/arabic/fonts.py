"""The fonts that lines are drawn with: packages of npm, pinned by version and SHA-256, unpacked into a folder."""

import hashlib
import io
import json
import pathlib
import subprocess
import tarfile
import tempfile

from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).parent
# Families that training never sees: the project's own evaluation is drawn with them.
HELD_OUT = ("ibm-plex-sans-arabic", "harmattan", "el-messiri", "mirza")
# Families that come in with the second stage of training.
LATER = ("alexandria", "alyamama", "estedad", "fustat", "lalezar", "marhey", "rubik", "zain")
# Too thin to be printed on a card.
THIN = ("100Thin", "200ExtraLight")


def fetch(folder: pathlib.Path) -> None:
    """Unpacks every font of `fonts.json` into `folder/<family>/`; what is there already is kept."""
    for package in json.loads((HERE / "fonts.json").read_text()):
        family = folder / package["name"].split("/")[-1]
        if (family / "done").exists():
            continue
        base = package["name"].split("/")[-1]
        wanted = f"{package['name']}@{package['version']}"
        archive = pack(wanted)
        if hashlib.sha256(archive).hexdigest() != package["sha256"]:
            raise SystemExit(f"{wanted} is not the package that fonts.json names")
        family.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar.getmembers():
                name = pathlib.PurePosixPath(member.name).name
                if name.endswith(".ttf") and keeps(base, name):
                    (family / name).write_bytes(tar.extractfile(member).read())
        (family / "done").touch()


def pack(package: str) -> bytes:
    """The archive of a package, through this machine's own npm; none of its scripts is run."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", package, "--ignore-scripts", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=300)
        (archive,) = pathlib.Path(folder).iterdir()
        return archive.read_bytes()


def keeps(family: str, name: str) -> bool:
    """Whether the file `name` of a package is drawn with."""
    if family == "dejavu-fonts-ttf":
        return name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansCondensed.ttf")
    return "Italic" not in name and not any(thin in name for thin in THIN)


def load(folder: pathlib.Path, which: str) -> list[tuple[str, frozenset[str]]]:
    """Paths of the fonts of the `first` stage of training, of the `second`, or those `held out`, each with the characters
    it has; always in one order."""
    fonts = []
    for path in sorted(folder.glob("*/*.ttf")):
        family = path.parent.name
        if (family in HELD_OUT) == (which == "held out") and (family not in LATER or which == "second"):
            with TTFont(path, lazy=True) as font:
                fonts.append((str(path), frozenset(map(chr, font.getBestCmap()))))
    return fonts


if __name__ == "__main__":
    import sys

    fetch(pathlib.Path(sys.argv[1]))
