"""An Open Cap Format package: manifest, files, and the objects in them, still untyped.

The manifest decides what belongs to the package; checksums and names that differ from it are reported, not fatal,
because sums in the field are often stale. Knows the format's files, nothing of shares.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from registry.errors import InputError
from registry.interchange.container import read_files, safe_path
from registry.interchange.findings import Finding, Findings
from registry.interchange.strictjson import Json, JsonObject, MalformedJson, canonical, decode

# The newest version of the format whose objects are understood here; older ones differ in what is optional.
NEWEST_VERSION = (1, 2)
MOST_OBJECTS = 200_000
LONGEST_ID = 250

_MANIFEST = "OCF_MANIFEST_FILE"
# Key of the manifest, and the type that each file listed under it must have.
_LISTS = {
    "stakeholders_files": "OCF_STAKEHOLDERS_FILE",
    "stock_classes_files": "OCF_STOCK_CLASSES_FILE",
    "stock_legend_templates_files": "OCF_STOCK_LEGEND_TEMPLATES_FILE",
    "stock_plans_files": "OCF_STOCK_PLANS_FILE",
    "vesting_terms_files": "OCF_VESTING_TERMS_FILE",
    "valuations_files": "OCF_VALUATIONS_FILE",
    "transactions_files": "OCF_TRANSACTIONS_FILE",
    "financings_files": "OCF_FINANCINGS_FILE",
    "documents_files": "OCF_DOCUMENTS_FILE",
}


@dataclass(frozen=True, slots=True)
class RawObject:
    """One object as it stands in a file: the kind is known, the rest is not yet checked."""

    kind: str
    id: str
    file: str
    body: JsonObject


@dataclass(frozen=True, slots=True)
class Package:
    """All that was read, with what was found on the way. `digest` names the content, however it was packed."""

    name: str
    version: str
    issuer: JsonObject | None
    as_of: str
    objects: tuple[RawObject, ...]
    digest: str
    warnings: tuple[Finding, ...]
    errors: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    kind: str
    md5: str
    body: JsonObject


def read_package(path: Path) -> Package:
    """Reads a folder or zip. InputError where nothing can be said about it; single faults are collected in it."""
    contents = read_files(path)
    findings = Findings()
    files = _decoded(contents, findings)
    manifest = _manifest(files, path.name, findings)
    listed = _listed_files(manifest, files, findings)
    objects = _objects(listed, findings)
    issuer = _issuer(manifest, findings)
    version = manifest.body.get("ocf_version")
    _check_version(version, manifest.path, findings)
    as_of = manifest.body.get("as_of")
    return Package(
        name=path.name,
        version=version if isinstance(version, str) else "",
        issuer=issuer,
        as_of=as_of if isinstance(as_of, str) else "",
        objects=objects,
        digest=_digest(issuer, objects),
        warnings=findings.warnings,
        errors=findings.errors,
    )


def digest(package: Package) -> str:
    """SHA-256 over issuer and objects in one spelling and order: equal for folder and zip, however files are cut."""
    return package.digest


def _digest(issuer: JsonObject | None, objects: tuple[RawObject, ...]) -> str:
    parts = sorted(canonical(dict(obj.body)) for obj in objects)
    total = hashlib.sha256()
    for part in [canonical(None if issuer is None else dict(issuer)), *parts]:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


def _decoded(contents: Mapping[str, bytes], findings: Findings) -> dict[str, _File]:
    files: dict[str, _File] = {}
    for path, content in sorted(contents.items()):
        try:
            body = decode(content)
        except MalformedJson as error:
            findings.refuse("malformed_json", path, "", "", f"{path}: {error}")
            continue
        kind = body.get("file_type") if isinstance(body, dict) else None
        if isinstance(body, dict) and isinstance(kind, str):
            # MD5 is what the format asks for: it finds slips of hand and is no evidence of anything.
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            files[path] = _File(path, kind, md5, body)
        elif path.lower().endswith(".ocf.json"):
            findings.refuse("malformed_file", path, "file_type", kind, f"{path}: a file names its file_type")
    return files


def _manifest(files: Mapping[str, _File], name: str, findings: Findings) -> _File:
    found = [file for file in files.values() if file.kind == _MANIFEST]
    if len(found) == 1:
        return found[0]
    if not found:
        broken = "; ".join(finding.message for finding in findings.errors)
        message = f"{name}: no file of type {_MANIFEST}" + (f" ({broken})" if broken else "")
        raise InputError(code="manifest_missing", object=name, field="file_type", value="", message=message)
    paths = ", ".join(file.path for file in found)
    message = f"{name}: more than one manifest ({paths})"
    raise InputError(code="manifest_ambiguous", object=name, field="file_type", value=paths, message=message)


def _listed_files(manifest: _File, files: Mapping[str, _File], findings: Findings) -> list[_File]:
    folder = str(PurePosixPath(manifest.path).parent)
    listed: dict[str, _File] = {}
    missing: list[tuple[str, str, Json]] = []
    for key, kind in _LISTS.items():
        for path, md5 in _entries(manifest, key, folder, findings):
            file = files.get(path)
            if file is None:
                missing.append((path, kind, md5))
            else:
                _take(listed, file, kind, md5, manifest, findings)
    for path, kind, md5 in missing:
        stand_in = _stand_in(path, kind, files, listed)
        if stand_in is None:
            findings.refuse("missing_file", path, "filepath", path, f"{path}: the manifest lists it, it is not there")
            continue
        text = f"{path}: not there; {stand_in.path} is of the same type and was read for it"
        findings.warn("missing_file", path, "filepath", path, text)
        _take(listed, stand_in, kind, md5, manifest, findings)
    for path, file in files.items():
        if path not in listed and file.kind != _MANIFEST:
            findings.warn("unlisted_file", path, "filepath", path, f"{path}: the manifest does not list it; left out")
    return list(listed.values())


def _entries(manifest: _File, key: str, folder: str, findings: Findings) -> list[tuple[str, Json]]:
    """Path and checksum of each file under one key of the manifest. Early versions lack some keys: an empty list."""
    value = manifest.body.get(key, [])
    found: list[tuple[str, Json]] = []
    if not isinstance(value, list):
        findings.refuse("wrong_type", manifest.path, key, value, f"{manifest.path}: {key} must be a list")
        return found
    for entry in value:
        name = entry.get("filepath") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(name, str):
            findings.refuse("wrong_type", manifest.path, key, entry, f"{manifest.path}: {key} holds a bad filepath")
            continue
        path = safe_path(name)
        if path is None:
            findings.refuse("unsafe_path", manifest.path, key, name, f"{manifest.path}: a path leads outside")
            continue
        found.append((str(PurePosixPath(folder, path)), entry.get("md5")))
    return found


def _take(listed: dict[str, _File], file: _File, kind: str, md5: Json, manifest: _File, findings: Findings) -> None:
    if file.path in listed:
        findings.warn("listed_twice", file.path, "filepath", file.path, f"{file.path}: listed twice, read once")
        return
    if file.kind != kind:
        text = f"{file.path}: is of type {file.kind}, the manifest says {kind}"
        findings.refuse("wrong_file_type", file.path, "file_type", file.kind, text)
    if not isinstance(md5, str):
        findings.warn("checksum_missing", file.path, "md5", md5, f"{file.path}: {manifest.path} gives no MD5 sum")
    elif md5.lower() != file.md5:
        text = f"{file.path}: its MD5 sum is {file.md5}, the manifest says {md5}"
        findings.warn("checksum_mismatch", file.path, "md5", md5, text)
    listed[file.path] = file


def _stand_in(path: str, kind: str, files: Mapping[str, _File], listed: Mapping[str, _File]) -> _File | None:
    """The one file of the wanted type beside the place where the missing one should be."""
    folder = PurePosixPath(path).parent
    found = [
        file
        for file in files.values()
        if file.kind == kind and file.path not in listed and PurePosixPath(file.path).parent == folder
    ]
    return found[0] if len(found) == 1 else None


def _objects(files: list[_File], findings: Findings) -> tuple[RawObject, ...]:
    found: dict[tuple[str, str], RawObject] = {}
    for file in files:
        items = file.body.get("items")
        if not isinstance(items, list):
            findings.refuse("wrong_type", file.path, "items", items, f"{file.path}: items must be a list of objects")
            continue
        for index, item in enumerate(items):
            obj = _object(item, file.path, index, findings)
            if obj is None:
                continue
            # Transactions share one room of ids, whatever their type; each standing kind has its own.
            room = "TX" if obj.kind.startswith(("TX_", "CE_")) else obj.kind
            if (room, obj.id) in found:
                text = f"{obj.file}: the id {obj.id} stands twice ({found[room, obj.id].kind} and {obj.kind})"
                findings.refuse("duplicate_id", obj.id, "id", obj.id, text)
            else:
                found[room, obj.id] = obj
    if len(found) > MOST_OBJECTS:
        text = f"a package holds at most {MOST_OBJECTS} objects, this one {len(found)}"
        raise InputError(code="too_many_objects", object="", field="items", value=str(len(found)), message=text)
    return tuple(found[key] for key in sorted(found))


def _object(item: Json, path: str, index: int, findings: Findings) -> RawObject | None:
    where = f"{path}#{index}"
    if not isinstance(item, dict):
        findings.refuse("wrong_type", where, "items", item, f"{where}: an item must be an object")
        return None
    kind, name = _identifier(item, "object_type", where, findings), _identifier(item, "id", where, findings)
    return None if kind is None or name is None else RawObject(kind, name, path, item)


def _identifier(item: JsonObject, field: str, where: str, findings: Findings) -> str | None:
    value = item.get(field)
    if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= LONGEST_ID:
        return value
    text = f"{where}: {field} must be a printable text of at most {LONGEST_ID} signs"
    findings.refuse("wrong_type", where, field, value, text)
    return None


def _issuer(manifest: _File, findings: Findings) -> JsonObject | None:
    issuer = manifest.body.get("issuer")
    if isinstance(issuer, dict):
        return issuer
    findings.refuse("wrong_type", manifest.path, "issuer", issuer, f"{manifest.path}: issuer must be an object")
    return None


def _check_version(version: Json, path: str, findings: Findings) -> None:
    parts = version.split(".") if isinstance(version, str) else []
    if len(parts) < 3 or not all(part.isdecimal() for part in parts[:2]):
        text = f"{path}: the version of the format is not told; read as {NEWEST_VERSION[0]}.{NEWEST_VERSION[1]}"
        findings.warn("unknown_version", path, "ocf_version", version, text)
    elif (int(parts[0]), int(parts[1])) > NEWEST_VERSION:
        text = f"{path}: version {version} is newer than {NEWEST_VERSION[0]}.{NEWEST_VERSION[1]}; read as that"
        findings.warn("newer_version", path, "ocf_version", version, text)
