"""The fonts that lines are drawn with: packages of npm and of Debian, pinned by version and SHA-256, unpacked into a folder."""

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
# Debian's packages of plain Arabic print, and the files of them that come in with the third stage. ae_AlArabiya and KacstOne
# are in none of the stages: the drawn sets that the recogniser is measured on use them.
DEBIAN = (
    ("fonts-arabeyes", "2.1-7", "344e3dbfc374e675f667ebbaf63e55e858d42c1f2df3d39c27612559a5c1458e"),
    ("fonts-kacst", "2.01+mry-15", "1a83306b736dbc0a26a10d89b924f1aaaa6743ab5218b2b474be6bbb00b6fa89"),
)
PLAIN = (
    "ae_AlBattar", "ae_AlHor", "ae_Cortoba", "ae_Dimnah", "ae_Furat", "ae_Khalid", "ae_Metal", "ae_Petra", "ae_Rasheeq-Bold",
    "ae_Salem", "ae_Sindbad", "ae_Tarablus", "ae_Tholoth", "KacstBook", "KacstDecorative", "KacstLetter", "KacstNaskh",
    "KacstOffice", "KacstPen", "KacstQurn", "KacstScreen", "mry_KacstQurn",
)  # fmt: skip
STAGES = {"first": 1, "second": 2, "third": 3}
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
    for package in DEBIAN:
        if not (folder / package[0]).exists():
            unpack(folder, *package)


def unpack(folder: pathlib.Path, name: str, version: str, digest: str) -> None:
    """The plain fonts of a package of Debian, a folder each, through this machine's own apt; nothing is installed."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["apt-get", "download", "--quiet=2", f"{name}={version}"], cwd=place, check=True, timeout=300)
        (archive,) = pathlib.Path(place).glob("*.deb")
        if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{name} {version} is not the package that fonts.py names")
        subprocess.run(["dpkg-deb", "--extract", archive, place], check=True)
        for font in pathlib.Path(place).glob("usr/share/fonts/truetype/*/*.ttf"):
            if font.stem in PLAIN:
                (folder / font.stem).mkdir(exist_ok=True)
                (folder / font.stem / font.name).write_bytes(font.read_bytes())
    (folder / name).mkdir()


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
    """Paths of the fonts of the `first` stage of training, of the `second`, of the `third`, or those `held out`, each with
    the characters it has; always in one order."""
    fonts = []
    for path in sorted(folder.glob("*/*.ttf")):
        family = path.parent.name
        stage = 3 if family in PLAIN else 2 if family in LATER else 1
        if (family in HELD_OUT) == (which == "held out") and stage <= STAGES.get(which, 1):
            with TTFont(path, lazy=True) as font:
                fonts.append((str(path), frozenset(map(chr, font.getBestCmap()))))
    return fonts


if __name__ == "__main__":
    import sys

    fetch(pathlib.Path(sys.argv[1]))
