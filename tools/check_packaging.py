#!/usr/bin/env python3
"""The packages' descriptions, as far as they can be checked without the packagers' tools.

The version is written in CMakeLists.txt; where a format wants it spelled out (vcpkg, Debian) it has to
be the same, and everything else has to read it. Then: vcpkg.json by the rules of its schema that
matter here, the port's CMake code by cmake's own parser, the Conan recipe by Python's compiler and for
the folders it exports, debian/control for the fields that a build needs.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile

import tree

PACKAGING = tree.ROOT / "packaging"
PORT = PACKAGING / "vcpkg" / "ports" / "weft"
CONAN = PACKAGING / "conan" / "conanfile.py"
DEBIAN = PACKAGING / "debian"

VCPKG_FIELDS = {"name", "version-semver", "description", "homepage", "license", "supports",
                "dependencies", "default-features", "features"}  # fmt: skip
VCPKG_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def project_version():
    text = (tree.ROOT / "CMakeLists.txt").read_text()
    return re.search(r"^project\(weft VERSION (\d+\.\d+\.\d+) ", text, re.MULTILINE).group(1)


def dependency_errors(dependencies):
    for dependency in dependencies:
        if isinstance(dependency, str):
            dependency = {"name": dependency}
        if unknown := set(dependency) - {"name", "host", "features", "platform", "version>=",
                                         "default-features"}:  # fmt: skip
            yield f"vcpkg.json: unknown fields of a dependency: {', '.join(sorted(unknown))}"
        if not VCPKG_NAME.fullmatch(dependency.get("name", "")):
            yield f"vcpkg.json: {dependency} has no valid name"


def vcpkg_errors(version):
    manifest = json.loads((PORT / "vcpkg.json").read_text())
    if unknown := set(manifest) - VCPKG_FIELDS:
        yield f"vcpkg.json: unknown fields: {', '.join(sorted(unknown))}"
    if manifest.get("name") != PORT.name or not VCPKG_NAME.fullmatch(PORT.name):
        yield f"vcpkg.json: the name has to be the folder's, {PORT.name}"
    if manifest.get("version-semver") != version:
        yield f"vcpkg.json: version {manifest.get('version-semver')}, CMakeLists.txt has {version}"
    yield from dependency_errors(manifest["dependencies"])
    portfile = (PORT / "portfile.cmake").read_text()
    for name, feature in manifest.get("features", {}).items():
        if "description" not in feature:
            yield f"vcpkg.json: feature {name} has no description"
        yield from dependency_errors(feature.get("dependencies", []))
        if not re.search(rf"^\s+{name} WEFT_\w+", portfile, re.MULTILINE):
            yield f"portfile.cmake: nothing is configured by the feature {name}"
    options = (tree.ROOT / "cmake" / "options.cmake").read_text()
    for option in re.findall(r"\bWEFT_\w+", portfile):
        if not re.search(rf"^option\({option}\b", options, re.MULTILINE):
            yield f"portfile.cmake: weft has no option {option}"


def cmake_errors(file):
    """Parses a CMake file without running it: a copy of it, in an if() that is not taken."""
    with tempfile.NamedTemporaryFile("w", suffix=".cmake") as script:
        script.write("if(FALSE)\n" + file.read_text() + "\nendif()\n")
        script.flush()
        done = subprocess.run(["cmake", "-P", script.name], capture_output=True, text=True)
    if done.returncode:
        yield f"{file.relative_to(tree.ROOT)}: {done.stderr.strip()}"


def conan_errors():
    source = CONAN.read_text()
    compile(source, CONAN.name, "exec")
    for folder in tree.library_folders():
        if not re.search(rf"\b{folder.name}\b", source):
            yield f"conanfile.py: does not export {folder.name}/"
    if re.search(r"^\s*version\s*=\s*[\"']", source, re.MULTILINE):
        yield "conanfile.py: spells a version out; set_version() reads it"


def debian_errors(version):
    changelog = (DEBIAN / "changelog").read_text()
    entry = re.match(
        r"weft \((?P<version>[^)]+)\) \S+; urgency=\w+\n\n(  .*\n|\n)+ -- .+ <.+>  \w{3}, .+ [+-]\d{4}\n",
        changelog,
    )
    if not entry:
        yield "debian/changelog: the first entry is not one"
    elif entry["version"] != version:
        yield f"debian/changelog: version {entry['version']}, CMakeLists.txt has {version}"
    control = (DEBIAN / "control").read_text()
    for field in ("Source", "Maintainer", "Build-Depends", "Package", "Architecture", "Depends"):
        if not re.search(rf"^{field}:", control, re.MULTILINE):
            yield f"debian/control: no {field}"
    if shutil.which("dpkg-parsechangelog"):
        done = subprocess.run(
            ["dpkg-parsechangelog", "-l", DEBIAN / "changelog"], capture_output=True, text=True
        )
        if done.returncode or done.stderr:
            yield f"debian/changelog: {done.stderr.strip()}"


def main():
    version = project_version()
    errors = [
        *vcpkg_errors(version),
        *cmake_errors(PORT / "portfile.cmake"),
        *conan_errors(),
        *debian_errors(version),
    ]
    print("\n".join(errors), end="\n" if errors else "")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
