#!/usr/bin/env bash
# tools/deb.sh: builds the Debian package of the files that git knows, installs it in a fresh Debian 12
# that has nothing else of weft, and there builds and runs a user's program in the three ways:
# find_package with clang, the same with g++, and pkg-config.
#
# Ends in build/deb/: the package, its .changes and .buildinfo. Building needs debhelper; the fresh
# system needs root and Debian's mirror, whose address is this system's (MIRROR= another).

set -euo pipefail
cd "$(dirname "$0")/.."

work=$PWD/build/deb
stage=$work/weft
root=$work/root
suite=bookworm
mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $suite" | sed -n 1p)}

say() { printf 'weft deb: %s\n' "$*"; }

# A source tree with debian/ where the tools want it.
rm -rf "$stage"
mkdir -p "$stage"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  if [[ -e $file ]]; then printf '%s\0' "$file"; fi
done | tar --null -T - -c | tar -x -C "$stage"
cp -r "$stage/packaging/debian" "$stage/debian"

say "building (log: build/deb/build.log)"
if ! (cd "$stage" && DEB_BUILD_OPTIONS="parallel=${JOBS:-$(nproc)} ${DEB_BUILD_OPTIONS:-}" \
  dpkg-buildpackage --build=binary --no-sign) >"$work/build.log" 2>&1; then
  tail -n 40 "$work/build.log"
  exit 1
fi
package=$(ls -t "$work"/libweft-dev_*.deb | head -n 1)
say "${package##*/}: $(dpkg-deb --contents "$package" | wc -l) entries, $(stat -c %s "$package") bytes"

if ((EUID != 0)); then
  say "not root: the package is built and has not been tried in a fresh system"
  exit 1
fi

# The fresh system. It is kept: the next run starts from it.
if [[ ! -e $root/ready ]]; then
  say "making a fresh $suite from $mirror"
  rm -rf "$root"
  if ! debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1; then
    tail -n 20 "$work/debootstrap.log"
    exit 1
  fi
  touch "$root/ready"
fi
in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }

cp "$package" "$root/tmp/libweft-dev.deb"
rm -rf "$root/tmp/user"
cp -r tests/install/user "$root/tmp/user"
# The program of README.md's first screen is one of them.
sed -n '/^```cpp$/,/^```$/p' README.md | sed -e 1d -e '/^```$/,$d' >"$root/tmp/user/readme.cc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for variable in http_proxy https_proxy; do
  if [[ -v $variable ]]; then printf 'Acquire::%s::Proxy "%s";\n' "${variable%_proxy}" "${!variable}"; fi
done >"$root/etc/apt/apt.conf.d/90proxy"

say "installing it, with compilers (log: build/deb/install.log)"
if ! {
  in_root apt-get update -q &&
    in_root apt-get install -y -q --no-install-recommends --reinstall /tmp/libweft-dev.deb \
      clang-19 g++ cmake ninja-build pkg-config
} >"$work/install.log" 2>&1; then
  tail -n 20 "$work/install.log"
  exit 1
fi

cat >"$root/tmp/try.sh" <<'END'
set -euo pipefail
test -e /usr/share/weft/gdb/weft_gdb.py
cd /tmp/user
for compiler in clang++-19 g++; do
  cmake -S . -B "build-$compiler" -G Ninja -DCMAKE_CXX_COMPILER=$compiler -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DREADME_PROGRAM=readme.cc
  cmake --build "build-$compiler"
  for program in program ring_model net_program; do
    "build-$compiler/$program"
  done
  $compiler -std=c++20 -O2 -Wall -Wextra -Werror program.cc $(pkg-config --cflags --libs weft-main) -o program
  ./program
  $compiler -std=c++20 -O2 -Wall -Wextra -Werror net_program.cc $(pkg-config --cflags --libs weft-net) -o net_program
  ./net_program
done
END
say "building a user's programs there with clang and g++ (log: build/deb/user.log)"
if ! in_root bash /tmp/try.sh >"$work/user.log" 2>&1; then
  tail -n 40 "$work/user.log"
  exit 1
fi
in_root apt-get remove -y -q libweft-dev >>"$work/install.log" 2>&1
if [[ -e $root/usr/include/weft ]]; then
  say "removing the package leaves files behind"
  exit 1
fi
say "installed, used and removed: ${package##*/}"
