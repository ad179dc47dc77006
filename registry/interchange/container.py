"""The outside of a package: a folder or a zip archive of unknown origin, read into memory without trusting it.

Nothing is ever unpacked to disk. What is refused here is refused as a whole (InputError), since an archive that lies
about one path or one size deserves no second look. Knows files and bytes, nothing of what stands in them.
"""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from registry.errors import InputError

# A register of 500 companies' worth of JSON fits in a tenth of this; a bomb does not.
MOST_FILES = 1_000
MOST_BYTES_OF_FILE = 32 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024
# Pretty-printed JSON of one kind shrinks to a fortieth at best; below the floor a ratio means nothing.
MOST_RATIO = 200
RATIO_FLOOR = 1024 * 1024


def read_files(source: Path) -> dict[str, bytes]:
    """The JSON files of a folder or zip by their path within it; a lone top folder is left out of the paths."""
    if source.is_dir():
        files = dict(_folder_files(source))
    elif source.is_file() and zipfile.is_zipfile(source):
        files = _zip_files(source)
    elif source.exists():
        raise _refused("not_a_package", source.name, "path", source.name, "expected a folder or a zip archive")
    else:
        raise _refused("not_found", source.name, "path", source.name, "there is no such folder or file")
    return _without_top_folder(files)


def safe_path(name: str) -> str | None:
    """A path inside a package in its plain form ("./a/b.json" is "a/b.json"); None where it leads outside."""
    if "\\" in name or "\x00" in name or ":" in name.split("/", 1)[0]:
        return None
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return None
    return str(path)


def _folder_files(root: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    for count, path in enumerate(_walk(root), start=1):
        name = path.relative_to(root).as_posix()
        _check_count(count, root.name)
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            raise _refused("unsafe_path", name, "path", name, "the link leads outside the package's folder")
        if not _is_content(name) or not path.is_file():
            continue
        size = path.stat().st_size
        total += size
        _check_size(name, size, total)
        yield name, path.read_bytes()


def _walk(root: Path) -> Iterator[Path]:
    """Files below a folder in order of name; links to folders are named, never followed."""
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() or path.is_symlink():
                yield path


def _zip_files(source: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            _check_count(len(entries), source.name)
            return dict(_zip_contents(archive, entries))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise _refused("broken_archive", source.name, "archive", source.name, f"cannot be read: {error}") from error


def _zip_contents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    total = 0
    for entry in entries:
        name = _checked_name(entry)
        if entry.is_dir() or not _is_content(name):
            continue
        if name in seen:
            raise _refused("duplicate_path", name, "path", name, "the archive holds two files of this name")
        seen.add(name)
        total += entry.file_size
        _check_size(name, entry.file_size, total)
        if entry.file_size > RATIO_FLOOR and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            ratio = entry.file_size // max(entry.compress_size, 1)
            raise _refused("archive_bomb", name, "ratio", ratio, f"is packed more than {MOST_RATIO} to 1")
        yield name, _bounded(archive, entry, name)


def _checked_name(entry: zipfile.ZipInfo) -> str:
    # `orig_filename` is what stands in the archive; zipfile's own `filename` has been tidied and would hide an attempt.
    name = safe_path(entry.orig_filename)
    if name is None:
        raise _refused("unsafe_path", entry.orig_filename, "path", entry.orig_filename, "leads outside the archive")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _refused("unsafe_path", name, "path", name, "is a link; a package holds files only")
    if entry.flag_bits & 0x1:
        raise _refused("encrypted_archive", name, "archive", name, "is encrypted; a package is read in clear")
    return name


def _bounded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    """Reads at most what the entry declares: the declared sizes were added up, so a lie ends here."""
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise _refused("archive_bomb", name, "size", len(content), f"is not the declared {entry.file_size} bytes")
    return content


def _is_content(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return name.lower().endswith(".json") and not hidden


def _without_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Archives are often made of the folder itself: as long as everything stands in one folder, step into it."""
    while files and all("/" in name for name in files) and len({name.split("/", 1)[0] for name in files}) == 1:
        files = {name.split("/", 1)[1]: content for name, content in files.items()}
    return files


def _check_count(count: int, name: str) -> None:
    if count > MOST_FILES:
        raise _refused("archive_bomb", name, "files", count, f"holds more than {MOST_FILES} files")


def _check_size(name: str, size: int, total: int) -> None:
    if size > MOST_BYTES_OF_FILE:
        raise _refused("archive_bomb", name, "size", size, f"is larger than {MOST_BYTES_OF_FILE} bytes")
    if total > MOST_BYTES:
        raise _refused("archive_bomb", name, "size", total, f"makes the package larger than {MOST_BYTES} bytes")


def _refused(code: str, obj: str, field: str, value: object, rule: str) -> InputError:
    return InputError(code=code, object=obj, field=field, value=str(value), message=f"{obj}: {rule}")
