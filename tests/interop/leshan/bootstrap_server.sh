#!/bin/bash
# A Bootstrap-Server on the libraries of Eclipse Leshan, from Maven Central. Needs a JDK (17 or later) and Maven.
#   bootstrap_server.sh get                   downloads the libraries and compiles BootstrapServer.java, if that is not done
#   bootstrap_server.sh server [options]      runs it, with the current folder for its files; its options are explained there
# Both go to $LWM2M_LESHAN_DIR, by default ~/.cache/lwm2m-console/leshan.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/bootstrap_server" && pwd)
cache=${LWM2M_LESHAN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lwm2m-console/leshan}
# A folder for each state of a source, so that a new version is never mixed with an old one.
state() { cksum < "$here/$1" | cut -d' ' -f1; }
libraries=$cache/bootstrap-server-$(state pom.xml)
classes=$libraries-$(state BootstrapServer.java)

get() {
  java --list-modules 2>/dev/null | grep -q '^jdk.compiler@' || {
    echo "BootstrapServer.java needs a JDK of version 17 or later" >&2
    return 1
  }
  [ -d "$libraries" ] || download
  [ -d "$classes" ] || compile
}

download() {
  fresh_folder
  cp "$here/pom.xml" "$fresh/"
  echo "downloading the libraries of Leshan's bootstrap server to $cache" >&2
  (cd "$fresh" && mvn --quiet --batch-mode \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$fresh/made") >&2 || { rm -rf "$fresh"; return 1; }
  keep "$libraries"
}

compile() {
  fresh_folder
  javac -cp "$libraries/*" -d "$fresh/made" "$here/BootstrapServer.java" >&2 || { rm -rf "$fresh"; return 1; }
  keep "$classes"
}

fresh_folder() {
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/get.XXXXXX")
}

keep() {
  # Another run may have been quicker; its folder is as good as ours.
  mv -T "$fresh/made" "$1" 2>/dev/null || true
  rm -rf "$fresh"
}

case ${1:-} in
  get) get ;;
  server)
    shift
    get
    # It runs for seconds only, so that starting quickly matters more than running quickly.
    exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$classes:$libraries/*" BootstrapServer "$@"
    ;;
  *)
    sed -n '2,5p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
