#!/bin/bash
# One client of Eclipse Leshan, from Maven Central. Needs a JDK (17 or later) and Maven.
#   run.sh get                     downloads the libraries, if they are not there yet
#   run.sh client [options]        runs Client.java; its options are explained there
# Libraries go to $LWM2M_LESHAN_DIR, by default ~/.cache/lwm2m-console/leshan.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LWM2M_LESHAN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lwm2m-console/leshan}
# A folder for each state of the list of libraries, so that a new version is never mixed with an old one.
libraries=$cache/$(cksum < "$here/pom.xml" | cut -d' ' -f1)

get() {
  java --list-modules 2>/dev/null | grep -q '^jdk.compiler@' || {
    echo "Client.java needs a JDK of version 17 or later" >&2
    return 1
  }
  [ -d "$libraries" ] && return
  mkdir -p "$cache"
  local fresh
  fresh=$(mktemp -d "$cache/get.XXXXXX")
  cp "$here/pom.xml" "$fresh/"
  echo "downloading the libraries of Leshan's client to $cache" >&2
  (cd "$fresh" && mvn --quiet --batch-mode \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$fresh/jars") >&2 || { rm -rf "$fresh"; return 1; }
  # Another run may have been quicker; its folder is as good as ours.
  mv -T "$fresh/jars" "$libraries" 2>/dev/null || true
  rm -rf "$fresh"
}

case ${1:-} in
  get) get ;;
  client)
    shift
    get
    exec java -cp "$libraries/*" "$here/Client.java" "$@"
    ;;
  *)
    sed -n '2,5p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
