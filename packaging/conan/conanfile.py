"""Conan 2 recipe: `conan create packaging/conan --build=missing` in a checkout of weft.

The version is the one of CMakeLists.txt, the sources are the checkout's.
"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = ">=2.0"

SOURCES = (
    "CMakeLists.txt",
    "LICENSE",
    *(
        f"{folder}/*"
        for folder in (
            "cmake include base loom runtime time sync task io net fs signal process stream testing"
            " tools/gdb"
        ).split()
    ),
)


class WeftConan(ConanFile):
    name = "weft"
    description = "An async runtime for C++20 coroutines"
    license = "MIT"
    topics = ("coroutines", "async", "runtime", "networking")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_cares": [True, False]}
    default_options = {"with_cares": False}

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "..", "..", "CMakeLists.txt"))
        self.version = re.search(r"project\(weft VERSION (\d+\.\d+\.\d+)", text).group(1)

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for pattern in SOURCES:
            copy(self, pattern, root, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("weft runs on Linux")

    def requirements(self):
        self.requires("boost/[>=1.74 <2]")
        if self.options.with_cares:
            self.requires("c-ares/[>=1.16 <2]")

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for part in ("TESTS", "BENCHES", "EXAMPLES"):
            toolchain.cache_variables[f"WEFT_BUILD_{part}"] = False
        toolchain.cache_variables["WEFT_INSTALL"] = True
        toolchain.cache_variables["WEFT_WERROR"] = False
        toolchain.cache_variables["WEFT_CARES"] = bool(self.options.with_cares)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # weft's own CMake package and pkg-config files know its folders; they are the ones to use.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "weft")]
