#!/bin/bash
# The server demo of Eclipse Leshan, from Maven Central. Needs Java (17 or later) and Maven.
#   server.sh get                             downloads it, if it is not there yet
#   server.sh server HTTP COAP COAPS          runs it on these ports of 127.0.0.1, with the current folder for its files
# The program goes to $LWM2M_LESHAN_DIR, by default ~/.cache/lwm2m-console/leshan.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LWM2M_LESHAN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lwm2m-console/leshan}
# A folder for each state of the pom, so that a new version is never mixed with an old one.
program=$cache/server-$(cksum < "$here/server/pom.xml" | cut -d' ' -f1)

get() {
  java -version >/dev/null 2>&1 || { echo "Leshan's server needs Java" >&2; return 1; }
  [ -d "$program" ] && return
  mkdir -p "$cache"
  local fresh
  fresh=$(mktemp -d "$cache/get.XXXXXX")
  cp "$here/server/pom.xml" "$fresh/"
  echo "downloading Leshan's server to $cache" >&2
  (cd "$fresh" && mvn --quiet --batch-mode \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DexcludeTransitive=true -DoutputDirectory="$fresh/jars") >&2 ||
    { rm -rf "$fresh"; return 1; }
  # Another run may have been quicker; its folder is as good as ours.
  mv -T "$fresh/jars" "$program" 2>/dev/null || true
  rm -rf "$fresh"
}

case ${1:-} in
  get) get ;;
  server)
    get
    # It looks into classes of Java itself, which has to be allowed since Java 16.
    exec java --add-opens java.base/java.util=ALL-UNNAMED --add-opens java.base/java.lang=ALL-UNNAMED \
      --add-opens java.base/java.net=ALL-UNNAMED -jar "$program"/*.jar \
      -wh 127.0.0.1 -wp "$2" -lh 127.0.0.1 -lp "$3" -slh 127.0.0.1 -slp "$4"
    ;;
  *)
    sed -n '2,5p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
