# Shell functions for a program on the libraries of Eclipse Leshan: downloads them from Maven Central, compiles it, runs it.
# Sourced, with
#   here      the folder of its pom.xml and its source
#   program   the name of its class and source
#   kept_as   a prefix of the name that its libraries are kept under, if there is one
# Libraries and classes go to $LWM2M_LESHAN_DIR, by default ~/.cache/lwm2m-console/leshan.
cache=${LWM2M_LESHAN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lwm2m-console/leshan}
# A folder for each state of a source, so that a new version is never mixed with an old one.
state() { cksum < "$here/$1" | cut -d' ' -f1; }
libraries=$cache/${kept_as:-}$(state pom.xml)
classes=$libraries-$(state $program.java)

get() {
  java --list-modules 2>/dev/null | grep -q '^jdk.compiler@' || {
    echo "$program.java needs a JDK of version 17 or later" >&2
    return 1
  }
  [ -d "$libraries" ] || download
  [ -d "$classes" ] || compile
}

download() {
  fresh_folder
  cp "$here/pom.xml" "$fresh/"
  echo "downloading the libraries of Leshan for $program.java to $cache" >&2
  (cd "$fresh" && mvn --quiet --batch-mode \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$fresh/made") >&2 || { rm -rf "$fresh"; return 1; }
  keep "$libraries"
}

compile() {
  fresh_folder
  javac -cp "$libraries/*" -d "$fresh/made" "$here/$program.java" >&2 || { rm -rf "$fresh"; return 1; }
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

run() {
  get
  # It runs for seconds only, so that starting quickly matters more than running quickly.
  exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$classes:$libraries/*" "$program" "$@"
}
